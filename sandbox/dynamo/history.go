package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mayfly-dev/mayfly/sandbox"
)

const (
	// keptDurations is how many durations of each kind are returned.
	keptDurations = 32
	// durationLife is how long a duration is remembered; the table's TTL
	// deletes it after.
	durationLife = 365 * 24 * time.Hour
)

// Events returns what happened after a sequence number; see sandbox.Store.
func (s *Store) Events(ctx context.Context, ref sandbox.Ref, after int64, limit int) ([]sandbox.Event, error) {
	if limit < 1 {
		return nil, nil
	}
	return take[sandbox.Event](ctx, s, "events of sandbox "+ref.Name, limit, &dynamodb.QueryInput{
		KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :first AND :last"),
		ExpressionAttributeValues: item{
			":pk": text("history#" + ref.ID), ":first": text(eventSort(after + 1)), ":last": text("event#9999999999999999999"),
		},
		ConsistentRead: aws.Bool(true),
	})
}

// take returns the bodies of the first limit items of a query.
func take[T any](ctx context.Context, s *Store, what string, limit int, input *dynamodb.QueryInput) ([]T, error) {
	input.Limit = aws.Int32(int32(min(limit, sandbox.MaxPage+1)))
	var all []T
	for found, err := range s.query(ctx, input) {
		var one T
		if err == nil {
			err = parseBody(found, &one)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		if all = append(all, one); len(all) == limit {
			break
		}
	}
	return all, nil
}

// PutRelease writes a release; see sandbox.Store. It returns
// sandbox.ErrNotFound when ref's sandbox is gone.
func (s *Store) PutRelease(ctx context.Context, ref sandbox.Ref, r sandbox.Release) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("put release %s of sandbox %s: %w", r.ID, ref.Name, err)
	}
	put := historyKey(ref.ID, releasePrefix+r.ID)
	put["body"] = text(string(body))
	err = again(ctx, func() error {
		_, err := s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
			{ConditionCheck: &types.ConditionCheck{
				TableName: aws.String(s.table), Key: recordKey(ref.Name),
				ConditionExpression:       aws.String("id = :id AND attribute_not_exists(removing)"),
				ExpressionAttributeValues: item{":id": text(ref.ID)},
			}},
			{Put: &types.Put{TableName: aws.String(s.table), Item: put}},
		}})
		return err
	})
	if errors.Is(err, errConflict) {
		err = sandbox.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("put release %s of sandbox %s: %w", r.ID, ref.Name, err)
	}
	return nil
}

// GetRelease returns one release; see sandbox.Store.
func (s *Store) GetRelease(ctx context.Context, ref sandbox.Ref, id string) (sandbox.Release, error) {
	var r sandbox.Release
	found, err := s.getItem(ctx, historyKey(ref.ID, releasePrefix+id))
	if err == nil {
		err = parseBody(found, &r)
	}
	if err != nil {
		return sandbox.Release{}, fmt.Errorf("get release %s of sandbox %s: %w", id, ref.Name, err)
	}
	return r, nil
}

// ListReleases returns a page of releases, newest first; see sandbox.Store.
func (s *Store) ListReleases(ctx context.Context, ref sandbox.Ref, page sandbox.Page) ([]sandbox.Release, sandbox.Cursor, error) {
	before, err := page.After.Key()
	if err != nil {
		return nil, "", fmt.Errorf("list releases of sandbox %s: %w", ref.Name, err)
	}
	input := &dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		ExpressionAttributeValues: item{":pk": text("history#" + ref.ID), ":prefix": text(releasePrefix)},
		ScanIndexForward:          aws.Bool(false),
		ConsistentRead:            aws.Bool(true),
	}
	if before != "" {
		input.ExclusiveStartKey = historyKey(ref.ID, releasePrefix+before)
	}
	size := page.Size()
	found, err := take[sandbox.Release](ctx, s, "list releases of sandbox "+ref.Name, size+1, input)
	if err != nil || len(found) <= size {
		return found, "", err
	}
	return found[:size], sandbox.CursorAt(found[size-1].ID), nil
}

// AddDuration remembers how long something took; see sandbox.Store.
func (s *Store) AddDuration(ctx context.Context, what string, took time.Duration, at time.Time) error {
	put := item{
		PartitionKey: text("duration#" + what),
		SortKey:      text(fmt.Sprintf("at#%019d#%d", at.UnixNano(), took)),
		"took":       number(int64(took)),
		TTLAttribute: ttl(at.Add(durationLife)),
	}
	err := again(ctx, func() error {
		_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(s.table), Item: put})
		return err
	})
	if err != nil {
		return fmt.Errorf("remember duration of %s: %w", what, err)
	}
	return nil
}

// Durations returns the last durations, newest first; see sandbox.Store. They
// are remembered for a year.
func (s *Store) Durations(ctx context.Context, what string) ([]time.Duration, error) {
	var all []time.Duration
	for found, err := range s.query(ctx, &dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk"),
		ExpressionAttributeValues: item{":pk": text("duration#" + what)},
		ScanIndexForward:          aws.Bool(false),
		Limit:                     aws.Int32(keptDurations),
	}) {
		if err != nil {
			return nil, fmt.Errorf("durations of %s: %w", what, err)
		}
		took, err := numberOf(found, "took")
		if err != nil {
			return nil, fmt.Errorf("durations of %s: %w", what, err)
		}
		if all = append(all, time.Duration(took)); len(all) == keptDurations {
			break
		}
	}
	return all, nil
}

func numberOf(i item, name string) (int64, error) {
	n, ok := i[name].(*types.AttributeValueMemberN)
	if !ok {
		return 0, fmt.Errorf("item %s %s has no number %s", textOf(i, PartitionKey), textOf(i, SortKey), name)
	}
	return strconv.ParseInt(n.Value, 10, 64)
}

// PutKey remembers a request's key; see sandbox.Store. The table's TTL deletes
// it some time after it expired; it counts as forgotten from that moment on.
func (s *Store) PutKey(ctx context.Context, key sandbox.IdempotencyKey) (existing sandbox.IdempotencyKey, found bool, err error) {
	body, err := json.Marshal(key)
	if err != nil {
		return existing, false, fmt.Errorf("put idempotency key: %w", err)
	}
	put := idempotencyKey(key.Key)
	put["body"], put["until"], put[TTLAttribute] = text(string(body)), number(key.Expires.UnixNano()), ttl(key.Expires)
	for wait := firstWait; ; wait = min(2*wait, longest) {
		err := again(ctx, func() error {
			_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
				TableName: aws.String(s.table), Item: put,
				ConditionExpression:       aws.String("attribute_not_exists(pk) OR #until <= :now"),
				ExpressionAttributeNames:  map[string]string{"#until": "until"},
				ExpressionAttributeValues: item{":now": number(s.now().UnixNano())},
			})
			return err
		})
		if err == nil {
			return sandbox.IdempotencyKey{}, false, nil
		}
		var there item
		if errors.Is(err, errConflict) {
			there, err = s.getItem(ctx, idempotencyKey(key.Key))
		}
		if err == nil {
			err = parseBody(there, &existing)
			return existing, err == nil, err
		}
		// It expired and was deleted between the two requests: try again.
		if !errors.Is(err, sandbox.ErrNotFound) {
			return sandbox.IdempotencyKey{}, false, fmt.Errorf("put idempotency key: %w", err)
		}
		if err := pause(ctx, wait); err != nil {
			return sandbox.IdempotencyKey{}, false, fmt.Errorf("put idempotency key: %w", err)
		}
	}
}
