// Command lambda answers the API behind an API Gateway HTTP API.
package main

import (
	"log"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"github.com/mayfly-dev/mayfly/awsenv"
	"github.com/mayfly-dev/mayfly/functions/api"
)

func main() {
	cfg, err := awsenv.Config(os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	all, err := options(cfg)
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(httpadapter.NewV2(api.New(all)).ProxyWithContext)
}
