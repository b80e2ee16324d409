package dynamo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The names of the table's attributes and indexes that its maker needs.
const (
	PartitionKey = "pk"
	SortKey      = "sk"
	TTLAttribute = "expires"

	IndexByName  = "byname"
	IndexByOwner = "byowner"
	IndexByPhase = "byphase"
	// IndexSortKey is the sort key of every index.
	IndexSortKey = "name"
)

// Indexes returns the partition key of each global secondary index. Each
// projects keys only and has IndexSortKey as its sort key; all are strings.
func Indexes() map[string]string {
	return map[string]string{IndexByName: "all", IndexByOwner: "owner", IndexByPhase: "phase"}
}

// TableAPI is what making the table needs of DynamoDB.
type TableAPI interface {
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error)
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
}

// CreateTable makes the table where no deployment does, and waits until it can
// be used. A table that is there already is no error.
func CreateTable(ctx context.Context, client TableAPI, table string) error {
	key := func(hash, sort string) []types.KeySchemaElement {
		return []types.KeySchemaElement{
			{AttributeName: aws.String(hash), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String(sort), KeyType: types.KeyTypeRange},
		}
	}
	input := &dynamodb.CreateTableInput{
		TableName:   aws.String(table),
		BillingMode: types.BillingModePayPerRequest,
		KeySchema:   key(PartitionKey, SortKey),
	}
	attributes := []string{PartitionKey, SortKey, IndexSortKey}
	for index, hash := range Indexes() {
		attributes = append(attributes, hash)
		input.GlobalSecondaryIndexes = append(input.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName:  aws.String(index),
			KeySchema:  key(hash, IndexSortKey),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
		})
	}
	for _, name := range attributes {
		input.AttributeDefinitions = append(input.AttributeDefinitions,
			types.AttributeDefinition{AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS})
	}
	var there *types.ResourceInUseException
	if _, err := client.CreateTable(ctx, input); err != nil && !errors.As(err, &there) {
		return fmt.Errorf("create table %s: %w", table, err)
	}
	if err := awaitTable(ctx, client, table); err != nil {
		return fmt.Errorf("wait for table %s: %w", table, err)
	}
	return nil
}

// awaitTable waits, at most a minute, while the table is being made.
func awaitTable(ctx context.Context, client TableAPI, table string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for wait := firstWait; ; wait = min(2*wait, longest) {
		out, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(table)})
		// A table that was made a moment ago may not be found yet.
		var missing *types.ResourceNotFoundException
		if err != nil && !errors.As(err, &missing) {
			return err
		}
		if err == nil && out.Table.TableStatus != types.TableStatusCreating {
			return nil
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}
