package main

import (
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/activity/metered"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

// planner decides by how sandboxes are used, what their owners spent and what
// they cost. CloudFront's metrics are in us-east-1, wherever its users are.
func planner(cfg aws.Config, store *dynamo.Store) (night.Planner, error) {
	prices, err := cost.Listed()
	if err != nil {
		return night.Planner{}, err
	}
	return night.Planner{
		Sandboxes: store,
		Uses: &metered.Reader{
			Global: cloudwatch.NewFromConfig(cfg, func(o *cloudwatch.Options) { o.Region = "us-east-1" }), Regional: cloudwatch.NewFromConfig(cfg),
			Images: ecr.NewFromConfig(cfg), Releases: store, Now: time.Now, Stage: os.Getenv("MAYFLY_STAGE"), Late: activity.Late,
		},
		Budgets: cost.Budgets{Store: store, Now: time.Now},
		Savings: cost.Savings{Store: store, Prices: prices, Region: cfg.Region, Now: time.Now},
		Now:     time.Now,
	}, nil
}
