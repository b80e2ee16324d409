package main

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/activity/metered"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/functions/api"
	"github.com/mayfly-dev/mayfly/invocation"
	"github.com/mayfly-dev/mayfly/quota"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

// options reads what the stack tells the function: MAYFLY_TABLE,
// MAYFLY_UPLOAD_BUCKET, MAYFLY_VERSION, MAYFLY_STAGE, and the state machines' ARNs as
// MAYFLY_PROVISION_ARN, MAYFLY_UPDATE_ARN, MAYFLY_RELEASE_ARN,
// MAYFLY_ROLLOUT_ARN, MAYFLY_TEARDOWN_ARN, MAYFLY_SLEEP_ARN, MAYFLY_WAKE_ARN, MAYFLY_ORPHANS_ARN and MAYFLY_NIGHTLY_ARN; MAYFLY_MACHINE_ALIAS is the alias
// of theirs to start. What may be deployed to is in MAYFLY_TARGETS, as
// sandbox.ParseTargets reads it; whose pages may ask, in MAYFLY_ORIGINS, with
// spaces between; who may do what, in the variables that [access.ReadRules]
// names.
func options(cfg aws.Config) (api.Options, error) {
	targets, err := sandbox.ParseTargets(os.Getenv("MAYFLY_TARGETS"))
	if err != nil {
		return api.Options{}, fmt.Errorf("MAYFLY_TARGETS: %w", err)
	}
	rules, err := access.ReadRules(os.Getenv)
	if err != nil {
		return api.Options{}, err
	}
	origins, err := access.ReadOrigins(os.Getenv("MAYFLY_ORIGINS"))
	if err != nil {
		return api.Options{}, fmt.Errorf("MAYFLY_ORIGINS: %w", err)
	}
	prices, err := cost.Listed()
	if err != nil {
		return api.Options{}, err
	}
	global := func(o *servicequotas.Options) { o.Region = "us-east-1" }
	objects, images, states := s3.NewFromConfig(cfg), ecr.NewFromConfig(cfg), sfn.NewFromConfig(cfg)
	store := dynamo.New(dynamodb.NewFromConfig(cfg), os.Getenv("MAYFLY_TABLE"), time.Now)
	return api.Options{
		Store:      store,
		Executions: states,
		Histories:  states,
		Objects:    objects,
		Images:     images,
		Presigner:  s3.NewPresignClient(objects),
		Nights:     store,
		Activity: &metered.Reader{
			Global:   cloudwatch.NewFromConfig(cfg, func(o *cloudwatch.Options) { o.Region = "us-east-1" }),
			Regional: cloudwatch.NewFromConfig(cfg),
			Images:   images, Releases: store, Now: time.Now, Stage: os.Getenv("MAYFLY_STAGE"), Late: activity.Late,
		},
		Costs: store, Prices: prices, Region: cfg.Region,
		Quotas: &quota.Reader{
			Here: servicequotas.NewFromConfig(cfg), Global: servicequotas.NewFromConfig(cfg, global),
			Used: quota.InUse(cloudfront.NewFromConfig(cfg), objects, images), Now: time.Now, Kept: api.QuotasKept,
		},
		Machines: api.Machines{
			Provision: os.Getenv("MAYFLY_PROVISION_ARN"),
			Update:    os.Getenv("MAYFLY_UPDATE_ARN"),
			Release:   os.Getenv("MAYFLY_RELEASE_ARN"),
			Rollout:   os.Getenv("MAYFLY_ROLLOUT_ARN"),
			Teardown:  os.Getenv("MAYFLY_TEARDOWN_ARN"),
			Sleep:     os.Getenv("MAYFLY_SLEEP_ARN"),
			Wake:      os.Getenv("MAYFLY_WAKE_ARN"),
			Orphans:   os.Getenv("MAYFLY_ORPHANS_ARN"),
			Nightly:   os.Getenv("MAYFLY_NIGHTLY_ARN"),
			Alias:     os.Getenv("MAYFLY_MACHINE_ALIAS"),
		},
		Targets:      targets,
		Classes:      store,
		UploadBucket: os.Getenv("MAYFLY_UPLOAD_BUCKET"),
		SiteURL:      "https://{domain}/",
		Identify:     identify(rules),
		Origins:      origins,
		Now:          time.Now,
		Random:       rand.Reader,
		Logger:       slog.New(slog.NewJSONHandler(os.Stdout, nil)),
		Observe:      invocation.Observer(invocation.OnLambda()),
		Version:      os.Getenv("MAYFLY_VERSION"),
		Mode:         "aws",
	}, nil
}
