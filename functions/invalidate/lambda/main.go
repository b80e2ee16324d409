// Command lambda runs the step invalidate on AWS.
package main

import (
	"cmp"
	"errors"
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/awsenv"
	"github.com/mayfly-dev/mayfly/functions/invalidate"
	"github.com/mayfly-dev/mayfly/invocation"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

func main() {
	cfg, err := awsenv.Config(os.Getenv)
	expected, wrong := time.ParseDuration(cmp.Or(os.Getenv("MAYFLY_INVALIDATION_SECONDS"), "10") + "s")
	if err = errors.Join(err, wrong); err != nil {
		log.Fatal(err)
	}
	store := dynamo.New(dynamodb.NewFromConfig(cfg), os.Getenv("MAYFLY_TABLE"), time.Now)
	step := invalidate.New(s3.NewFromConfig(cfg), cloudfront.NewFromConfig(cfg), store, expected, time.Now)
	invocation.Start(step.Handle)
}
