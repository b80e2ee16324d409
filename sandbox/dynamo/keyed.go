package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// getKeyed reads the body of one item, or returns sandbox.ErrNotFound.
func (s *Store) getKeyed(ctx context.Context, key item, into any) error {
	found, err := s.getItem(ctx, key)
	if err != nil {
		return err
	}
	return parseBody(found, into)
}

// swapKeyed writes the body of one item if it still has a version, 0 for one
// that is not there; else it returns errConflict. It expires at a time, unless
// that is zero.
func (s *Store) swapKeyed(ctx context.Context, key item, version int64, body any, expires time.Time) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	put := item{PartitionKey: key[PartitionKey], SortKey: key[SortKey], "body": text(string(encoded)), "version": number(version + 1)}
	if !expires.IsZero() {
		put[TTLAttribute] = ttl(expires)
	}
	input := &dynamodb.PutItemInput{TableName: aws.String(s.table), Item: put, ConditionExpression: aws.String("attribute_not_exists(pk)")}
	if version > 0 {
		input.ConditionExpression = aws.String("#version = :version")
		input.ExpressionAttributeNames = map[string]string{"#version": "version"}
		input.ExpressionAttributeValues = item{":version": number(version)}
	}
	return again(ctx, func() error {
		_, err := s.client.PutItem(ctx, input)
		return err
	})
}

// updateKeyed reads, changes and writes one item until nobody comes between.
func updateKeyed[T any](ctx context.Context, s *Store, key item, expires time.Time, change func(*T) (version int64, err error)) (T, error) {
	for wait := firstWait; ; wait = min(2*wait, longest) {
		var one T
		if err := s.getKeyed(ctx, key, &one); err != nil && !errors.Is(err, sandbox.ErrNotFound) {
			return one, err
		}
		version, err := change(&one)
		if err == nil {
			err = s.swapKeyed(ctx, key, version, one, expires)
		}
		if !errors.Is(err, errConflict) {
			return one, err
		}
		if err := pause(ctx, wait); err != nil {
			return one, err
		}
	}
}

// listKeyed returns a page of the items of a partition whose sort keys begin
// with a text, after the page's cursor.
func listKeyed[T any](ctx context.Context, s *Store, what, partition, under string, page sandbox.Page, keyOf func(*T) string) ([]T, sandbox.Cursor, error) {
	after, err := cost.KeyAt(page.After)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", what, err)
	}
	input := &dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk"),
		ExpressionAttributeValues: item{":pk": text(partition)},
		ConsistentRead:            aws.Bool(true),
	}
	if under != "" {
		input.KeyConditionExpression = aws.String("pk = :pk AND begins_with(sk, :under)")
		input.ExpressionAttributeValues[":under"] = text(under)
	}
	if after != "" {
		input.ExclusiveStartKey = item{PartitionKey: text(partition), SortKey: text(after)}
	}
	size := page.Size()
	found, err := take[T](ctx, s, what, size+1, input)
	if err != nil || len(found) <= size {
		return found, "", err
	}
	return found[:size], cost.CursorAt(keyOf(&found[size-1])), nil
}

// removeKeyed deletes one item.
func (s *Store) removeKeyed(ctx context.Context, key item) error {
	return again(ctx, func() error {
		_, err := s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: aws.String(s.table), Key: key})
		return err
	})
}
