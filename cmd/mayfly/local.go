package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// localFlags are the flags of the command local.
type localFlags struct {
	data, api, aws string
	propagation    time.Duration
	metricsDelay   time.Duration
	night          string
	functions      string
	functionsDir   string
	store          string
	enforceIAM     bool
	example        string
	users          string
	consoleOrigins []string
	// The addresses of services that images are deployed to.
	ecs, eks, lambda string
}

// cloud is a local cloud that runs.
type cloud struct {
	apiURL, awsURL string
	close          func() error
}

func (a *app) localCommand(start func(context.Context, localFlags) (*cloud, error)) *cobra.Command {
	var flags localFlags
	cmd := &cobra.Command{
		Use:   "local",
		Short: "Run the cloud on this machine until Ctrl-C",
		Long: `Run Mayfly and the AWS services that it needs on this machine, on loopback, until Ctrl-C. Everything is kept in one folder;
it can be stopped or killed at any moment, and goes on from there when it is started again.`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if flags.functions != "inprocess" && flags.functions != "process" {
				return &usageError{message: fmt.Sprintf("--functions %q: must be inprocess or process", flags.functions), command: cmd}
			}
			if flags.propagation < 0 {
				return &usageError{message: fmt.Sprintf("--propagation %s: must be 0s or more", flags.propagation), command: cmd}
			}
			if flags.metricsDelay < 0 {
				return &usageError{message: fmt.Sprintf("--metrics-delay %s: must be 0s or more", flags.metricsDelay), command: cmd}
			}
			ctx := cmd.Context()
			running, err := start(ctx, flags)
			if err != nil {
				return err
			}
			defer func() {
				if closed := running.close(); err == nil && closed != nil {
					err = fmt.Errorf("stop: %w", closed)
				}
			}()
			who := "whoever reaches it is an admin; with --users it asks who"
			if flags.users != "" {
				who = "who may do what is in " + flags.users
			}
			a.printf("Mayfly runs; its data is in %s\n  API  %s  (%s)\n       (and the console, for browsers)\n  AWS  %s  (for any AWS SDK or CLI: AWS_ENDPOINT_URL=%s, any keys)\n",
				flags.data, running.apiURL, who, running.awsURL, running.awsURL)
			if flags.example != "" {
				if err := a.showExample(ctx, running.apiURL, flags.example); err != nil {
					if ctx.Err() != nil {
						return nil
					}
					return err
				}
			}
			a.printf("Ctrl-C stops it.\n")
			<-ctx.Done()
			a.printf("Stopping. What is under way goes on at the next start.\n")
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.data, "data", ".mayfly", "the folder that keeps everything")
	f.StringVar(&flags.api, "api", "127.0.0.1:8700", "where Mayfly's API listens")
	f.StringVar(&flags.aws, "aws", "127.0.0.1:4566", "where the AWS services listen")
	f.DurationVar(&flags.metricsDelay, "metrics-delay", 0, "how late CloudWatch tells AWS's own metrics; on AWS it is minutes")
	f.DurationVar(&flags.propagation, "propagation", 3*time.Second, "how long CloudFront takes to deploy a change")
	for _, one := range []struct {
		to   *string
		name string
	}{{&flags.ecs, "ecs"}, {&flags.eks, "eks"}, {&flags.lambda, "lambda"}} {
		variable := "AWS_ENDPOINT_URL_" + strings.ToUpper(one.name)
		f.StringVar(one.to, one.name+"-endpoint", a.getenv(variable), "address of "+strings.ToUpper(one.name)+", to deploy images to (default $"+variable+")")
	}
	f.StringVar(&flags.night, "night", night.DefaultHour, `when each night's work begins, such as "03:00 Europe/Berlin" (in UTC without a zone), or off`)
	f.StringVar(&flags.functions, "functions", "inprocess", "how functions run: inprocess, or process for their compiled bootstraps")
	f.StringVar(&flags.functionsDir, "functions-dir", "build/host", "where the bootstraps are")
	f.StringVar(&flags.store, "store", "", "where records are: sqlite or dynamodb (default sqlite, or dynamodb with --functions=process)")
	f.BoolVar(&flags.enforceIAM, "enforce-iam", false, "let functions and state machines do only what their roles on AWS allow")
	f.StringVar(&flags.users, "users", "", "the file of who may ask the API, and with which role (see: mayfly users); without it, everybody is an admin")
	f.StringSliceVar(&flags.consoleOrigins, "console-origin", nil, "the origin of a published console that may ask the API (see: mayfly console publish); may be given several times")
	f.StringVar(&flags.example, "example", "", "make the sandbox hello from this folder, unless it is there")
	must(cmd.MarkFlagDirname("data"))
	must(cmd.MarkFlagDirname("functions-dir"))
	must(cmd.MarkFlagDirname("example"))
	must(cmd.RegisterFlagCompletionFunc("store", cobra.FixedCompletions([]string{"sqlite", "dynamodb"}, cobra.ShellCompDirectiveNoFileComp)))
	must(cmd.RegisterFlagCompletionFunc("functions", cobra.FixedCompletions([]string{"inprocess", "process"}, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

// showExample makes the sandbox hello from a folder, or goes on with the one
// that is there, and says what to try next.
func (a *app) showExample(ctx context.Context, apiURL, dir string) error {
	const name = "hello"
	a.apiURL = apiURL
	api, err := a.client()
	if err != nil {
		return err
	}
	s, err := client.Read[events.SandboxState](api.GetSandboxWithResponse(ctx, name))
	if err != nil && !client.IsGone(err) {
		return fmt.Errorf("example: %w", err)
	}
	if err != nil || s.Value.LiveRelease == "" || s.Value.Phase != events.PhaseReady {
		if s, err = a.makeExample(ctx, api, name, dir); err != nil {
			return fmt.Errorf("example: %w", err)
		}
	}
	a.printf("\n  %s is at %s\n\nTry, in another terminal:\n"+
		"  bin/mayfly show %[1]s\n  bin/mayfly release %[1]s --dir %[3]s\n  bin/mayfly create preview --dir %[3]s --wait\n  bin/mayfly events %[1]s\n  bin/mayfly delete %[1]s --wait\n\n", name, s.Value.URL, dir)
	return nil
}

func (a *app) makeExample(ctx context.Context, api *client.ClientWithResponses, name, dir string) (client.Answer[events.SandboxState], error) {
	var none client.Answer[events.SandboxState]
	v := a.newView(name)
	defer v.stop()
	content, err := pack(ctx, dir, sandbox.DefaultIndexDocument, v)
	if err != nil {
		return none, err
	}
	defer content.close() //nolint:errcheck // a file for the time of the upload
	if _, err := client.Read[events.SandboxState](api.CreateSandboxWithResponse(ctx, nil, events.CreateSandbox{Name: name, ErrorDocument: "404.html"})); err != nil {
		return none, err
	}
	return follow(ctx, api, name, content, true, v)
}
