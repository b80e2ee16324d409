package main

import (
	"context"
	"log/slog"

	"github.com/mayfly-dev/mayfly/console"
	"github.com/mayfly-dev/mayfly/local"
)

// startLocal starts the local cloud. It logs what goes wrong inside; what
// functions write in processes of their own goes with it.
func (a *app) startLocal(ctx context.Context, flags localFlags) (*cloud, error) {
	config := local.Default()
	config.Data, config.APIAddress, config.AWSAddress = flags.data, flags.api, flags.aws
	config.Propagation, config.FunctionsDir = flags.propagation, flags.functionsDir
	config.MetricsDelay = flags.metricsDelay
	config.Night = flags.night
	config.Functions, config.Store = local.Functions(flags.functions), local.Store(flags.store)
	config.EnforceIAM = flags.enforceIAM
	config.Users = flags.users
	config.ConsoleOrigins = flags.consoleOrigins
	config.Foreign = local.Foreign{ECS: flags.ecs, EKS: flags.eks, Lambda: flags.lambda}
	config.Version = version()
	config.Console = func(uploads string) (local.Pages, error) {
		return console.New(console.Options{Uploads: []string{uploads}})
	}
	config.Logger = slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	config.FunctionOutput = a.err
	running, err := local.Start(ctx, config)
	if err != nil {
		return nil, err
	}
	return &cloud{apiURL: running.APIURL, awsURL: running.AWSURL, close: running.Close}, nil
}
