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

	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/sandbox"
)

var _ night.Store = (*Store)(nil)

// The keys of nights: the current one, each one, its items, and lines.
func currentNightKey() item { return item{PartitionKey: text("night"), SortKey: text("current")} }

func nightKey(id string) item { return item{PartitionKey: text("night"), SortKey: text("at#" + id)} }

func nightItemKey(id, name string) item {
	return item{PartitionKey: text("night#" + id), SortKey: text("sandbox#" + name)}
}

func lineKey(name string) item {
	return item{PartitionKey: text("line#" + name), SortKey: text("line")}
}

// ClaimNight begins a night; see night.Store. The item that names the current
// night is the lock: whoever wrote it has the night, and writes it itself, again
// after a crash between the two.
func (s *Store) ClaimNight(ctx context.Context, n night.Night, over string) (night.Night, bool, error) {
	fail := func(err error) (night.Night, bool, error) {
		return night.Night{}, false, fmt.Errorf("claim the night %s: %w", n.ID, err)
	}
	for {
		current, err := s.getItem(ctx, currentNightKey())
		if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
			return fail(err)
		}
		holder, id := textOf(current, "execution"), textOf(current, "night")
		switch {
		case id != "" && holder == n.Execution:
			n.ID = id
			claimed, err := s.beginNight(ctx, n)
			return claimed, err == nil, err
		case id != "" && holder != over:
			there, err := s.GetNight(ctx, id)
			if errors.Is(err, night.ErrNotFound) { // claimed a moment ago
				there, err = night.Night{ID: id, Status: night.Deciding, Execution: holder}, nil
			}
			return there, false, err
		case id != "":
			if err := s.breakNight(ctx, id, n.StartedAt); err != nil {
				return fail(err)
			}
		}
		lock := currentNightKey()
		lock["execution"], lock["night"] = text(n.Execution), text(n.ID)
		err = again(ctx, func() error {
			_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
				TableName: aws.String(s.table), Item: lock, ConditionExpression: aws.String("attribute_not_exists(pk) OR execution = :was"),
				ExpressionAttributeValues: item{":was": text(holder)},
			})
			return err
		})
		if err != nil && !errors.Is(err, errConflict) {
			return fail(err)
		}
	}
}

// beginNight writes a night unless it is there.
func (s *Store) beginNight(ctx context.Context, n night.Night) (night.Night, error) {
	n.Version = 1
	err := s.writeNight(ctx, n, 0)
	if errors.Is(err, errConflict) {
		return s.GetNight(ctx, n.ID)
	}
	if err != nil {
		return night.Night{}, fmt.Errorf("begin the night %s: %w", n.ID, err)
	}
	return n, nil
}

// breakNight ends a night whose execution ended without ending it.
func (s *Store) breakNight(ctx context.Context, id string, at time.Time) error {
	_, err := s.UpdateNight(ctx, id, func(n *night.Night) error {
		if !n.Over() {
			n.Status, n.EndedAt = night.Broken, at
		}
		return nil
	})
	if errors.Is(err, night.ErrNotFound) {
		return nil
	}
	return err
}

// writeNight writes a night over its version before, 0 for none.
func (s *Store) writeNight(ctx context.Context, n night.Night, before int64) error {
	body, err := json.Marshal(n)
	if err != nil {
		return err
	}
	put := nightKey(n.ID)
	put["body"], put["version"], put[TTLAttribute] = text(string(body)), number(n.Version), ttl(n.StartedAt.Add(night.Life))
	condition, values := aws.String("version = :before"), item{":before": number(before)}
	if before == 0 {
		condition, values = aws.String("attribute_not_exists(pk)"), nil
	}
	return again(ctx, func() error {
		_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(s.table), Item: put, ConditionExpression: condition, ExpressionAttributeValues: values})
		return err
	})
}

// GetNight returns a night; see night.Store.
func (s *Store) GetNight(ctx context.Context, id string) (night.Night, error) {
	var n night.Night
	found, err := s.getItem(ctx, nightKey(id))
	switch {
	case errors.Is(err, sandbox.ErrNotFound):
		err = night.ErrNotFound
	case err == nil:
		err = parseBody(found, &n)
	}
	if err != nil {
		return night.Night{}, fmt.Errorf("get the night %s: %w", id, err)
	}
	return n, nil
}

// UpdateNight changes a night; see night.Store.
func (s *Store) UpdateNight(ctx context.Context, id string, change func(*night.Night) error) (night.Night, error) {
	for {
		n, err := s.GetNight(ctx, id)
		if err != nil {
			return night.Night{}, err
		}
		before := n.Version
		if err := change(&n); err != nil {
			return night.Night{}, fmt.Errorf("change the night %s: %w", id, err)
		}
		n.Version++
		err = s.writeNight(ctx, n, before)
		if err == nil && n.Over() {
			err = s.releaseNight(ctx, id)
		}
		if errors.Is(err, errConflict) {
			if err := pause(ctx, firstWait); err != nil {
				return night.Night{}, err
			}
			continue
		}
		if err != nil {
			return night.Night{}, fmt.Errorf("change the night %s: %w", id, err)
		}
		return n, nil
	}
}

// releaseNight lets the next night begin. One that was claimed by another has
// been released.
func (s *Store) releaseNight(ctx context.Context, id string) error {
	free := currentNightKey()
	free["execution"] = text("")
	err := again(ctx, func() error {
		_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: aws.String(s.table), Item: free, ConditionExpression: aws.String("night = :id"), ExpressionAttributeValues: item{":id": text(id)},
		})
		return err
	})
	if errors.Is(err, errConflict) {
		return nil
	}
	return err
}

// ListNights returns a page of nights, newest first; see night.Store.
func (s *Store) ListNights(ctx context.Context, page sandbox.Page) ([]night.Night, sandbox.Cursor, error) {
	before, err := page.After.Key()
	if err != nil {
		return nil, "", fmt.Errorf("list nights: %w", err)
	}
	input := &dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		ExpressionAttributeValues: item{":pk": text("night"), ":prefix": text("at#")},
		ScanIndexForward:          aws.Bool(false), ConsistentRead: aws.Bool(true),
	}
	if before != "" {
		input.ExclusiveStartKey = nightKey(before)
	}
	size := page.Size()
	found, err := take[night.Night](ctx, s, "list nights", size+1, input)
	if err != nil || len(found) <= size {
		return found, "", err
	}
	return found[:size], sandbox.CursorAt(found[size-1].ID), nil
}

// PutItems writes items of a night; see night.Store.
func (s *Store) PutItems(ctx context.Context, id string, items []night.Item) error {
	began, err := night.BeganAt(id)
	if err != nil {
		return fmt.Errorf("put items of the night %s: %w", id, err)
	}
	for _, one := range items {
		body, err := json.Marshal(one)
		if err != nil {
			return fmt.Errorf("put items of the night %s: %w", id, err)
		}
		put := nightItemKey(id, one.Name)
		put["body"], put[TTLAttribute] = text(string(body)), ttl(began.Add(night.ItemLife))
		err = again(ctx, func() error {
			_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(s.table), Item: put})
			return err
		})
		if err != nil {
			return fmt.Errorf("put items of the night %s: %w", id, err)
		}
	}
	return nil
}

// ListItems returns a page of a night's items; see night.Store.
func (s *Store) ListItems(ctx context.Context, id string, page sandbox.Page) ([]night.Item, sandbox.Cursor, error) {
	after, err := page.After.Key()
	if err != nil {
		return nil, "", fmt.Errorf("list items of the night %s: %w", id, err)
	}
	input := &dynamodb.QueryInput{
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: item{":pk": text("night#" + id)}, ConsistentRead: aws.Bool(true),
	}
	if after != "" {
		input.ExclusiveStartKey = nightItemKey(id, after)
	}
	size := page.Size()
	found, err := take[night.Item](ctx, s, "list items of the night "+id, size+1, input)
	if err != nil || len(found) <= size {
		return found, "", err
	}
	return found[:size], sandbox.CursorAt(found[size-1].Name), nil
}

// Reserve takes places in a line; see night.Store.
func (s *Store) Reserve(ctx context.Context, line string, n int, interval time.Duration, now time.Time) (time.Time, error) {
	for {
		first, condition, values := now, "attribute_not_exists(pk)", item{}
		found, err := s.getItem(ctx, lineKey(line))
		switch {
		case err == nil:
			free, ok := found["turn"].(*types.AttributeValueMemberN)
			if !ok {
				return time.Time{}, fmt.Errorf("reserve in the line %s: it has no number", line)
			}
			nanoseconds, err := strconv.ParseInt(free.Value, 10, 64)
			if err != nil {
				return time.Time{}, fmt.Errorf("reserve in the line %s: %w", line, err)
			}
			first = night.Turn(time.Unix(0, nanoseconds), now)
			condition, values = "turn = :was", item{":was": free}
		case !errors.Is(err, sandbox.ErrNotFound):
			return time.Time{}, fmt.Errorf("reserve in the line %s: %w", line, err)
		}
		put := lineKey(line)
		put["turn"] = number(first.Add(time.Duration(n) * interval).UnixNano())
		if len(values) == 0 {
			values = nil
		}
		err = again(ctx, func() error {
			_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(s.table), Item: put, ConditionExpression: &condition, ExpressionAttributeValues: values})
			return err
		})
		if !errors.Is(err, errConflict) {
			if err != nil {
				return time.Time{}, fmt.Errorf("reserve in the line %s: %w", line, err)
			}
			return first, nil
		}
		if err := pause(ctx, firstWait); err != nil {
			return time.Time{}, err
		}
	}
}
