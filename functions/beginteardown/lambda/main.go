// Command lambda runs the step beginteardown on AWS.
package main

import (
	"cmp"
	"errors"
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecrpublic"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/awsenv"
	"github.com/mayfly-dev/mayfly/functions/beginteardown"
	"github.com/mayfly-dev/mayfly/invocation"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

func main() {
	cfg, err := awsenv.Config(os.Getenv)
	settle, wrong := time.ParseDuration(cmp.Or(os.Getenv("MAYFLY_SETTLE_SECONDS"), "90") + "s")
	if err := errors.Join(err, wrong); err != nil {
		log.Fatal(err)
	}
	store := dynamo.New(dynamodb.NewFromConfig(cfg), os.Getenv("MAYFLY_TABLE"), time.Now)
	ledger := sandbox.Ledger{Store: store, Now: time.Now}
	// ECR Public is there alone.
	public := ecrpublic.NewFromConfig(cfg, func(o *ecrpublic.Options) { o.Region = "us-east-1" })
	services := beginteardown.Services{
		Buckets: s3.NewFromConfig(cfg), Distributions: cloudfront.NewFromConfig(cfg),
		Repositories: ecr.NewFromConfig(cfg), PublicRepositories: public,
	}
	step := beginteardown.New(services, ledger, store, beginteardown.Options{Region: cfg.Region, Settle: settle, Now: time.Now})
	invocation.Start(step.Handle)
}
