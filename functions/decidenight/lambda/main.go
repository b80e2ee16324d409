// Command lambda runs the step decidenight on AWS.
package main

import (
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"github.com/mayfly-dev/mayfly/awsenv"
	"github.com/mayfly-dev/mayfly/functions/decidenight"
	"github.com/mayfly-dev/mayfly/invocation"
	"github.com/mayfly-dev/mayfly/notice"
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
	options.Notices = notice.Teller{Bus: eventbridge.NewFromConfig(cfg), Stage: os.Getenv("MAYFLY_STAGE"), Now: time.Now}
	store := dynamo.New(dynamodb.NewFromConfig(cfg), os.Getenv("MAYFLY_TABLE"), time.Now)
	plans, err := planner(cfg, store)
	if err != nil {
		log.Fatal(err)
	}
	invocation.Start(decidenight.New(plans, store, store, options).Handle)
}
