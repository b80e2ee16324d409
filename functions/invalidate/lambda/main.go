// Command lambda runs the step invalidate on AWS.
package main

import (
	"cmp"
	"context"
	"errors"
	"log"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/functions/invalidate"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	expected, wrong := time.ParseDuration(cmp.Or(os.Getenv("MAYFLY_INVALIDATION_SECONDS"), "10") + "s")
	if err = errors.Join(err, wrong); err != nil {
		log.Fatal(err)
	}
	store := dynamo.New(dynamodb.NewFromConfig(cfg), os.Getenv("MAYFLY_TABLE"), time.Now)
	step := invalidate.New(s3.NewFromConfig(cfg), cloudfront.NewFromConfig(cfg), store, expected, time.Now)
	lambda.Start(awserr.Handler(step.Handle))
}
