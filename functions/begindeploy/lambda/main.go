// Command lambda runs the step begindeploy on AWS.
package main

import (
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/mayfly-dev/mayfly/awsenv"
	"github.com/mayfly-dev/mayfly/functions/begindeploy"
	"github.com/mayfly-dev/mayfly/invocation"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

func main() {
	cfg, err := awsenv.Config(os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	store := dynamo.New(dynamodb.NewFromConfig(cfg), os.Getenv("MAYFLY_TABLE"), time.Now)
	machines := begindeploy.Machines{Release: os.Getenv("MAYFLY_RELEASE_ARN"), Rollout: os.Getenv("MAYFLY_ROLLOUT_ARN"), Wake: os.Getenv("MAYFLY_WAKE_ARN")}
	step := begindeploy.New(store, machines, time.Now)
	invocation.Start(step.Handle)
}
