// Command lambda runs the step closewebsite on AWS.
package main

import (
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/awsenv"
	"github.com/mayfly-dev/mayfly/functions/closewebsite"
	"github.com/mayfly-dev/mayfly/invocation"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

func main() {
	cfg, err := awsenv.Config(os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	store := dynamo.New(dynamodb.NewFromConfig(cfg), os.Getenv("MAYFLY_TABLE"), time.Now)
	ledger := sandbox.Ledger{Store: store, Now: time.Now}
	step := closewebsite.New(s3.NewFromConfig(cfg), ledger)
	invocation.Start(step.Handle)
}
