package main

import (
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"github.com/mayfly-dev/mayfly/activity/metered"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/cost/meter"
	"github.com/mayfly-dev/mayfly/functions/estimatecosts"
	"github.com/mayfly-dev/mayfly/notice"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

// options reads what the stack tells the function: MAYFLY_TABLE, and with
// MAYFLY_COST_EXPLORER=on that there is a bill to compare with, as there is
// nowhere but on AWS. CloudFront's metrics and Cost Explorer are in us-east-1,
// wherever the stack is.
func options(cfg aws.Config) (estimatecosts.Options, error) {
	prices, err := cost.Listed()
	if err != nil {
		return estimatecosts.Options{}, err
	}
	store := dynamo.New(dynamodb.NewFromConfig(cfg), os.Getenv("MAYFLY_TABLE"), time.Now)
	counted := &metered.Reader{
		Global:   cloudwatch.NewFromConfig(cfg, func(o *cloudwatch.Options) { o.Region = "us-east-1" }),
		Regional: cloudwatch.NewFromConfig(cfg), Images: ecr.NewFromConfig(cfg), Releases: store, Now: time.Now,
	}
	all := estimatecosts.Options{
		Meter: &meter.Meter{Activity: counted, Records: store, Estimates: store, Prices: prices, Region: cfg.Region, Now: time.Now},
		Store: store, Page: 100, Margin: time.Minute, Now: time.Now,
		Notices: notice.Teller{Bus: eventbridge.NewFromConfig(cfg), Stage: os.Getenv("MAYFLY_STAGE"), Now: time.Now},
	}
	if os.Getenv("MAYFLY_COST_EXPLORER") == "on" {
		all.Bill = costexplorer.NewFromConfig(cfg, func(o *costexplorer.Options) { o.Region = "us-east-1" })
	}
	return all, nil
}
