// Command lambda runs the step writeobjects on AWS.
package main

import (
	"errors"
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/awsenv"
	"github.com/mayfly-dev/mayfly/functions/writeobjects"
	"github.com/mayfly-dev/mayfly/invocation"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/ecrrepo"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

func main() {
	cfg, err := awsenv.Config(os.Getenv)
	limits, wrong := release.ParseLimits(os.Getenv("MAYFLY_LIMITS"))
	if err = errors.Join(err, wrong); err != nil {
		log.Fatal(err)
	}
	store := dynamo.New(dynamodb.NewFromConfig(cfg), os.Getenv("MAYFLY_TABLE"), time.Now)
	images := ecrrepo.Images{ECR: ecr.NewFromConfig(cfg), HTTP: cfg.HTTPClient}
	step := writeobjects.New(s3.NewFromConfig(cfg), images, store, limits, time.Now)
	invocation.Start(step.Handle)
}
