// Command lambda runs the step decidenight on AWS.
package main

import (
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/awsenv"
	"github.com/mayfly-dev/mayfly/functions/decidenight"
	"github.com/mayfly-dev/mayfly/invocation"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

func main() {
	cfg, err := awsenv.Config(os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	options, err := decidenight.OptionsOf(os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	store := dynamo.New(dynamodb.NewFromConfig(cfg), os.Getenv("MAYFLY_TABLE"), time.Now)
	uses := &activity.Reader{
		// CloudFront's metrics are in us-east-1, wherever its users are.
		Global: cloudwatch.NewFromConfig(cfg, func(o *cloudwatch.Options) { o.Region = "us-east-1" }), Regional: cloudwatch.NewFromConfig(cfg),
		Images: ecr.NewFromConfig(cfg), Releases: store, Now: time.Now, Stage: os.Getenv("MAYFLY_STAGE"), Late: activity.Late,
	}
	invocation.Start(decidenight.New(night.Planner{Sandboxes: store, Uses: uses, Now: time.Now}, store, store, options).Handle)
}
