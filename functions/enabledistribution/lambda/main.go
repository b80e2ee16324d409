// Command lambda runs the step enabledistribution on AWS.
package main

import (
	"cmp"
	"errors"
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/mayfly-dev/mayfly/awsenv"
	"github.com/mayfly-dev/mayfly/functions/enabledistribution"
	"github.com/mayfly-dev/mayfly/invocation"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

func main() {
	cfg, err := awsenv.Config(os.Getenv)
	propagation, wrong := time.ParseDuration(cmp.Or(os.Getenv("MAYFLY_PROPAGATION_SECONDS"), "170") + "s")
	if err := errors.Join(err, wrong); err != nil {
		log.Fatal(err)
	}
	store := dynamo.New(dynamodb.NewFromConfig(cfg), os.Getenv("MAYFLY_TABLE"), time.Now)
	ledger := sandbox.Ledger{Store: store, Now: time.Now}
	step := enabledistribution.New(cloudfront.NewFromConfig(cfg), ledger, store, enabledistribution.Options{Propagation: propagation, Now: time.Now})
	invocation.Start(step.Handle)
}
