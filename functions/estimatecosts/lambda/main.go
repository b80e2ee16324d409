// Command lambda runs the step estimatecosts on AWS.
package main

import (
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/awsenv"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/cost/meter"
	"github.com/mayfly-dev/mayfly/functions/estimatecosts"
	"github.com/mayfly-dev/mayfly/invocation"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

func main() {
	cfg, err := awsenv.Config(os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	prices, err := cost.Listed()
	if err != nil {
		log.Fatal(err)
	}
	store := dynamo.New(dynamodb.NewFromConfig(cfg), os.Getenv("MAYFLY_TABLE"), time.Now)
	options := estimatecosts.Options{
		Meter: &meter.Meter{
			Activity: &activity.Reader{
				Global:   cloudwatch.NewFromConfig(cfg, func(o *cloudwatch.Options) { o.Region = "us-east-1" }),
				Regional: cloudwatch.NewFromConfig(cfg), Images: ecr.NewFromConfig(cfg), Releases: store, Now: time.Now,
			},
			Records: store, Estimates: store, Prices: prices, Region: cfg.Region, Now: time.Now,
		},
		Store: store, Events: eventbridge.NewFromConfig(cfg), Page: 100, Margin: time.Minute, Now: time.Now,
	}
	// Cost Explorer is one for an account, in us-east-1; on one machine there is
	// none.
	if os.Getenv("MAYFLY_COST_EXPLORER") == "on" {
		options.Bill = costexplorer.NewFromConfig(cfg, func(o *costexplorer.Options) { o.Region = "us-east-1" })
	}
	invocation.Start(estimatecosts.New(options).Handle)
}
