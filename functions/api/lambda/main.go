// Command lambda answers the API behind an API Gateway HTTP API.
package main

import (
	"context"
	"log"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"

	"github.com/mayfly-dev/mayfly/functions/api"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	all, err := options(cfg)
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(httpadapter.NewV2(api.New(all)).ProxyWithContext)
}
