// Command lambda runs the step updaterepository on AWS.
package main

import (
	"log"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecrpublic"

	"github.com/mayfly-dev/mayfly/awsenv"
	"github.com/mayfly-dev/mayfly/functions/updaterepository"
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
	// ECR Public is there alone.
	public := ecrpublic.NewFromConfig(cfg, func(o *ecrpublic.Options) { o.Region = "us-east-1" })
	own := strings.Split(os.Getenv("MAYFLY_OWN_PRINCIPALS"), ",")
	step := updaterepository.New(ecr.NewFromConfig(cfg), public, ledger, own)
	invocation.Start(step.Handle)
}
