// Command five is a function with five AWS clients, configured by the SDK's
// own loader: what the start of Mayfly's functions is compared with.
package main

import (
	"context"
	"errors"
	"log"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/mayfly-dev/mayfly/events"
)

func main() {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	buckets, distributions, repositories := s3.NewFromConfig(cfg), cloudfront.NewFromConfig(cfg), ecr.NewFromConfig(cfg)
	tables, machines := dynamodb.NewFromConfig(cfg), sfn.NewFromConfig(cfg)
	lambda.Start(func(ctx context.Context, _ events.Flow) (events.Recorded, error) {
		_, one := buckets.ListBuckets(ctx, nil)
		_, two := distributions.ListDistributions(ctx, nil)
		_, three := repositories.DescribeRepositories(ctx, nil)
		_, four := tables.ListTables(ctx, nil)
		_, five := machines.ListStateMachines(ctx, nil)
		return events.Recorded{}, errors.Join(one, two, three, four, five)
	})
}
