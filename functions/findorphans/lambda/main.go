// Command lambda runs the step findorphans on AWS.
package main

import (
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecrpublic"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/awsenv"
	"github.com/mayfly-dev/mayfly/functions/findorphans"
	"github.com/mayfly-dev/mayfly/inventory/account"
	"github.com/mayfly-dev/mayfly/invocation"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

func main() {
	cfg, err := awsenv.Config(os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	objects, uploads := s3.NewFromConfig(cfg), os.Getenv("MAYFLY_UPLOAD_BUCKET")
	// ECR Public is there alone.
	public := ecrpublic.NewFromConfig(cfg, func(o *ecrpublic.Options) { o.Region = "us-east-1" })
	of := account.New(objects, cloudfront.NewFromConfig(cfg), ecr.NewFromConfig(cfg), public, account.Options{
		Region: cfg.Region, UploadBucket: uploads, RepositoryPrefix: os.Getenv("MAYFLY_REPOSITORY_PREFIX"),
	})
	store := dynamo.New(dynamodb.NewFromConfig(cfg), os.Getenv("MAYFLY_TABLE"), time.Now)
	step := findorphans.New(of, objects, store, findorphans.Options{UploadBucket: uploads, Batch: 25, Most: 1000, Lag: 15 * time.Minute, Now: time.Now})
	invocation.Start(step.Handle)
}
