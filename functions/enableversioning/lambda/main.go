// Command lambda runs the step enableversioning on AWS.
package main

import (
	"cmp"
	"errors"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/awsenv"
	"github.com/mayfly-dev/mayfly/functions/enableversioning"
	"github.com/mayfly-dev/mayfly/invocation"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

func main() {
	cfg, err := awsenv.Config(os.Getenv)
	days, wrong := strconv.ParseInt(cmp.Or(os.Getenv("MAYFLY_NONCURRENT_DAYS"), "30"), 10, 32)
	if err := errors.Join(err, wrong); err != nil {
		log.Fatal(err)
	}
	store := dynamo.New(dynamodb.NewFromConfig(cfg), os.Getenv("MAYFLY_TABLE"), time.Now)
	ledger := sandbox.Ledger{Store: store, Now: time.Now}
	step := enableversioning.New(s3.NewFromConfig(cfg), ledger, int32(days))
	invocation.Start(step.Handle)
}
