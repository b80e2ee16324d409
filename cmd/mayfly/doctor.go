package main

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/doctor"
	"github.com/mayfly-dev/mayfly/quota"
)

// doctorFlags are the flags of the command doctor.
type doctorFlags struct {
	onAWS           bool
	stage           string
	data, api, port string
}

func (a *app) doctorCommand() *cobra.Command {
	var flags doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look at what Mayfly needs, and say what to do about what is wrong",
		Long: `Look at what Mayfly needs on this machine or, with --aws, in an AWS account, and say what to do about what is wrong. It changes
nothing. It ends with 1 when something keeps Mayfly from working.`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			checks := a.machineChecks(flags)
			if flags.onAWS {
				var err error
				if checks, err = a.accountChecks(cmd.Context(), flags.stage); err != nil {
					return err
				}
			}
			return a.examine(cmd.Context(), checks)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&flags.onAWS, "aws", false, "look at the AWS account that the environment or AWS_PROFILE names")
	f.StringVar(&flags.stage, "stage", "dev", "with --aws: the installation's stage")
	f.StringVar(&flags.data, "data", ".mayfly", "the folder that keeps everything")
	f.StringVar(&flags.api, "api", "127.0.0.1:8700", "where Mayfly's API listens")
	f.StringVar(&flags.port, "aws-port", "127.0.0.1:4566", "where the AWS services listen")
	must(cmd.MarkFlagDirname("data"))
	return cmd
}

// examine runs the checks and shows each result as it comes.
func (a *app) examine(ctx context.Context, checks []doctor.Check) error {
	report := doctor.Run(ctx, checks, func(r doctor.Result) {
		if a.json() {
			return
		}
		a.printf("%-8s %s: %s\n", r.Status, r.Check, r.Found)
		if r.Do != "" {
			a.printf("         → %s\n", r.Do)
		}
	})
	if a.json() {
		if err := a.printValue(report); err != nil {
			return err
		}
	}
	if !report.OK {
		return errors.New("doctor: something keeps Mayfly from working")
	}
	return nil
}

// machineChecks are the checks of this machine.
func (a *app) machineChecks(flags doctorFlags) []doctor.Check {
	client := &http.Client{Timeout: 5 * time.Second}
	named := cmp.Or(a.apiURL, a.getenv("MAYFLY_API"))
	checks := []doctor.Check{
		doctor.Port("--api", flags.api, func(ctx context.Context) bool { return doctor.IsAPI(ctx, client, flags.api) }),
		doctor.Port("--aws", flags.port, func(ctx context.Context) bool { return doctor.IsRegistry(ctx, client, flags.port) }),
		doctor.Data(flags.data, doctor.Free),
		doctor.Registry(client, flags.port),
		doctor.Names(net.DefaultResolver),
	}
	if named != "" {
		checks = append(checks, doctor.API(client, func() string { return named }, "start it with: mayfly local"))
	}
	return checks
}

// accountChecks are the checks of an AWS account and of one stage in it.
func (a *app) accountChecks(ctx context.Context, stage string) ([]doctor.Check, error) {
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, advise(err, "Check AWS_PROFILE and the file that it is in (~/.aws/config).")
	}
	region := cfg.Region
	if region == "" { // so that the other checks can ask
		cfg.Region = "us-east-1"
	}
	global := servicequotas.NewFromConfig(cfg, func(o *servicequotas.Options) { o.Region = "us-east-1" })
	api := cmp.Or(a.apiURL, a.getenv("MAYFLY_API"))
	client := &http.Client{Timeout: 10 * time.Second}
	return []doctor.Check{
		doctor.Caller(sts.NewFromConfig(cfg), a.now),
		doctor.Region(region),
		doctor.Limits(servicequotas.NewFromConfig(cfg), global, quota.InUse(cloudfront.NewFromConfig(cfg), s3.NewFromConfig(cfg), ecr.NewFromConfig(cfg))),
		doctor.Bootstrap(ssm.NewFromConfig(cfg), cfg.Region),
		doctor.Stack(cloudformation.NewFromConfig(cfg), stage, func(url string) { api = cmp.Or(api, url) }),
		doctor.API(client, func() string { return api }, "see docs/runbook.md, api-errors"),
		doctor.Ringing(cloudwatch.NewFromConfig(cfg), stage),
	}, nil
}
