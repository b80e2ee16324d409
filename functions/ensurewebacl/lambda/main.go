// Command lambda runs the step ensurewebacl on AWS.
package main

import (
	"log"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"

	"github.com/mayfly-dev/mayfly/awsenv"
	"github.com/mayfly-dev/mayfly/functions/ensurewebacl"
	"github.com/mayfly-dev/mayfly/invocation"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

func main() {
	cfg, err := awsenv.Config(os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	ledger := sandbox.Ledger{Store: dynamo.New(dynamodb.NewFromConfig(cfg), os.Getenv("MAYFLY_TABLE"), time.Now), Now: time.Now}
	// Web ACLs for CloudFront are there alone.
	waf := wafv2.NewFromConfig(cfg, func(o *wafv2.Options) { o.Region = "us-east-1" })
	invocation.Start(ensurewebacl.New(waf, ledger, os.Getenv("MAYFLY_STAGE")).Handle)
}
