package dynamo

import (
	"context"
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// maxGet is how many items DynamoDB returns in one batch.
const maxGet = 100

// query returns every item of a query, over all its pages, as they are needed.
func (s *Store) query(ctx context.Context, input *dynamodb.QueryInput) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		page := *input
		page.TableName = aws.String(s.table)
		for {
			var out *dynamodb.QueryOutput
			err := again(ctx, func() (err error) {
				out, err = s.client.Query(ctx, &page)
				return err
			})
			if err != nil {
				yield(nil, err)
				return
			}
			for _, found := range out.Items {
				if !yield(found, nil) {
					return
				}
			}
			if len(out.LastEvaluatedKey) == 0 {
				return
			}
			page.ExclusiveStartKey = out.LastEvaluatedKey
		}
	}
}

// List returns a page of sandboxes by name; see sandbox.Store. It reads names
// from an index and the records from the table, since the index may be late.
func (s *Store) List(ctx context.Context, filter sandbox.Filter, page sandbox.Page) ([]sandbox.Sandbox, sandbox.Cursor, error) {
	after, err := page.After.Key()
	if err != nil {
		return nil, "", fmt.Errorf("list sandboxes: %w", err)
	}
	size := page.Size()
	var found []sandbox.Sandbox
	var names []string
	flush := func() error {
		records, err := s.readMany(ctx, names)
		if err != nil {
			return err
		}
		for _, name := range names {
			r, ok := records[name]
			if ok && !r.removing && matches(filter, &r.sandbox) {
				found = append(found, r.sandbox)
			}
		}
		names = names[:0]
		return nil
	}
	for entry, err := range s.query(ctx, s.listQuery(filter, after, size)) {
		if err == nil {
			names = append(names, textOf(entry, IndexSortKey))
			if len(names) == maxGet || len(found)+len(names) > size {
				err = flush()
			}
		}
		if err != nil {
			return nil, "", fmt.Errorf("list sandboxes: %w", err)
		}
		if len(found) > size {
			break
		}
	}
	if err := flush(); err != nil {
		return nil, "", fmt.Errorf("list sandboxes: %w", err)
	}
	// One more than asked for was read, to know whether there is a next page.
	if len(found) <= size {
		return found, "", nil
	}
	return found[:size], sandbox.CursorAt(found[size-1].Name), nil
}

// listQuery asks the index that fits filter best.
func (s *Store) listQuery(filter sandbox.Filter, after string, size int) *dynamodb.QueryInput {
	index, value := IndexByName, "sandbox"
	switch {
	case filter.Owner != "":
		index, value = IndexByOwner, filter.Owner
	case filter.Phase != "":
		index, value = IndexByPhase, string(filter.Phase)
	}
	hash := Indexes()[index]
	input := &dynamodb.QueryInput{
		IndexName:                 aws.String(index),
		KeyConditionExpression:    aws.String("#hash = :hash"),
		ExpressionAttributeNames:  map[string]string{"#hash": hash},
		ExpressionAttributeValues: item{":hash": text(value)},
		Limit:                     aws.Int32(int32(size) + 1),
	}
	if after != "" {
		input.KeyConditionExpression = aws.String("#hash = :hash AND #name > :after")
		input.ExpressionAttributeNames["#name"] = IndexSortKey
		input.ExpressionAttributeValues[":after"] = text(after)
	}
	return input
}

func matches(filter sandbox.Filter, s *sandbox.Sandbox) bool {
	return (filter.Owner == "" || filter.Owner == s.Owner) && (filter.Phase == "" || filter.Phase == s.Phase)
}

// readMany returns the records that are there, by name; at most maxGet names.
func (s *Store) readMany(ctx context.Context, names []string) (map[string]record, error) {
	found := make(map[string]record, len(names))
	var keys []item
	for _, name := range names {
		keys = append(keys, recordKey(name))
	}
	for wait := firstWait; len(keys) > 0; wait = min(2*wait, longest) {
		var out *dynamodb.BatchGetItemOutput
		err := again(ctx, func() (err error) {
			out, err = s.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
				RequestItems: map[string]types.KeysAndAttributes{s.table: {Keys: keys, ConsistentRead: aws.Bool(true)}},
			})
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, i := range out.Responses[s.table] {
			r, err := parseRecord(i)
			if err != nil {
				return nil, err
			}
			found[r.sandbox.Name] = r
		}
		if keys = out.UnprocessedKeys[s.table].Keys; len(keys) > 0 {
			if err := pause(ctx, wait); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}
