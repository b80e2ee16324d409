package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// maxBatch is how many deletions DynamoDB takes in one batch.
const maxBatch = 25

// Remove deletes a sandbox and all that is kept for it; see sandbox.Store. One
// that was interrupted is finished by the next.
func (s *Store) Remove(ctx context.Context, ref sandbox.Ref) error {
	sweep, err := s.mark(ctx, ref)
	if err == nil {
		err = s.finishRemoval(ctx, ref, sweep)
	}
	if err != nil {
		return fmt.Errorf("remove sandbox %s: %w", ref.Name, err)
	}
	return nil
}

// mark hides the record and refuses every write from now on. It returns whose
// history the record still had to sweep. A record that is not there, is marked
// already or is somebody else's is no error.
func (s *Store) mark(ctx context.Context, ref sandbox.Ref) (sweep string, err error) {
	for wait := firstWait; ; wait = min(2*wait, longest) {
		there, err := s.read(ctx, ref.Name)
		if errors.Is(err, sandbox.ErrNotFound) || err == nil && there.sandbox.ID != ref.ID {
			return "", nil
		}
		if err != nil || there.removing {
			return there.sweep, err
		}
		if err = s.markRead(ctx, there); err == nil {
			return there.sweep, nil
		}
		if !errors.Is(err, errConflict) {
			return "", err
		}
		if err := pause(ctx, wait); err != nil { // it was changed meanwhile
			return "", err
		}
	}
}

// markRead marks a record, if it still is as it was read, and writes the entry
// of the audit with it.
func (s *Store) markRead(ctx context.Context, there record) error {
	entry, err := there.sandbox.Removed(ctx, s.now().UTC())
	if err != nil {
		return err
	}
	return s.transact(ctx, types.TransactWriteItem{Update: &types.Update{
		TableName: aws.String(s.table), Key: recordKey(there.sandbox.Name),
		UpdateExpression: aws.String("SET removing = :true"), ConditionExpression: aws.String(unmarked),
		ExpressionAttributeValues: item{":true": flag(true), ":id": text(there.sandbox.ID), ":old": number(there.sandbox.Version)},
	}}, sandbox.Write{Audit: []sandbox.Audit{entry}})
}

// finishRemoval deletes the history, and the record last: while it is there,
// the next try knows what to do.
func (s *Store) finishRemoval(ctx context.Context, ref sandbox.Ref, sweep string) error {
	if sweep != "" {
		if err := s.deleteHistory(ctx, sweep); err != nil {
			return err
		}
	}
	if err := s.deleteHistory(ctx, ref.ID); err != nil {
		return err
	}
	err := again(ctx, func() error {
		_, err := s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: aws.String(s.table), Key: recordKey(ref.Name),
			ConditionExpression:       aws.String("id = :id AND removing = :true"),
			ExpressionAttributeValues: item{":id": text(ref.ID), ":true": flag(true)},
		})
		return err
	})
	if errors.Is(err, errConflict) {
		return nil // somebody else finished it
	}
	return err
}

// deleteHistory deletes the events and releases of a sandbox's id.
func (s *Store) deleteHistory(ctx context.Context, id string) error {
	var keys []types.WriteRequest
	for found, err := range s.query(ctx, &dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk"),
		ExpressionAttributeValues: item{":pk": text("history#" + id)},
		ProjectionExpression:      aws.String("pk, sk"),
		ConsistentRead:            aws.Bool(true),
	}) {
		if err != nil {
			return fmt.Errorf("history of %s: %w", id, err)
		}
		keys = append(keys, types.WriteRequest{DeleteRequest: &types.DeleteRequest{
			Key: item{PartitionKey: found[PartitionKey], SortKey: found[SortKey]},
		}})
	}
	for len(keys) > 0 {
		n := min(len(keys), maxBatch)
		if err := s.writeBatch(ctx, keys[:n]); err != nil {
			return fmt.Errorf("delete history of %s: %w", id, err)
		}
		keys = keys[n:]
	}
	return nil
}

// writeBatch writes at most maxBatch items, and goes on with those that
// DynamoDB left over until there are none.
func (s *Store) writeBatch(ctx context.Context, batch []types.WriteRequest) error {
	wait := firstWait
	for try := 1; len(batch) > 0; try++ {
		var left []types.WriteRequest
		err := again(ctx, func() error {
			out, err := s.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
				RequestItems: map[string][]types.WriteRequest{s.table: batch},
			})
			if err == nil {
				left = out.UnprocessedItems[s.table]
			}
			return err
		})
		if err != nil {
			return err
		}
		if len(left) > 0 {
			if try == tries && len(left) == len(batch) {
				return fmt.Errorf("%d items left unprocessed after %d tries", len(left), tries)
			}
			if len(left) < len(batch) {
				try, wait = 0, firstWait // there is progress
			}
			if err := pause(ctx, wait); err != nil {
				return err
			}
			wait = min(2*wait, longest)
		}
		batch = left
	}
	return nil
}
