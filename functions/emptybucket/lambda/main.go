// Command lambda runs the step emptybucket on AWS.
package main

import (
	"context"
	"log"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/functions/emptybucket"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	store := dynamo.New(dynamodb.NewFromConfig(cfg), os.Getenv("MAYFLY_TABLE"), time.Now)
	ledger := sandbox.Ledger{Store: store, Now: time.Now}
	step := emptybucket.New(s3.NewFromConfig(cfg), ledger, emptybucket.Options{
		UploadBucket: os.Getenv("MAYFLY_UPLOAD_BUCKET"), Margin: 20 * time.Second, Parallel: 4, Now: time.Now,
	})
	lambda.Start(awserr.Handler(step.Handle))
}
