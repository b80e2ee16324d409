package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/mayfly-dev/mayfly/cdk/settings"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

// run reads which installation is meant as the CDK app does, and looks at it.
func run(ctx context.Context, args []string, out io.Writer) error {
	var assignments []string
	flags := flag.NewFlagSet("remaining", flag.ContinueOnError)
	flags.Func("c", "KEY=VALUE of the context, over cdk.json's; may be repeated", func(text string) error {
		assignments = append(assignments, text)
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	context, err := settings.Context("cdk.json", os.Getenv("CDK_CONTEXT_JSON"), assignments)
	if err != nil {
		return err
	}
	s, err := settings.Parse(context, time.Now())
	if err != nil {
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(s.Region))
	if err != nil {
		return fmt.Errorf("find credentials: %w", err)
	}
	of := installation{
		settings: s, sandboxes: dynamo.New(dynamodb.NewFromConfig(cfg), s.Name("sandboxes"), time.Now),
		objects: s3.NewFromConfig(cfg), account: sts.NewFromConfig(cfg),
	}
	return of.clear(ctx, out)
}
