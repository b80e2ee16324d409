package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/sandbox"
)

var _ class.Store = (*Store)(nil)

// All classes are one partition, so that a list of them is in order and
// consistent; there are few.
const classPartition, classSort = "class", "name#"

func classKey(name string) item {
	return item{PartitionKey: text(classPartition), SortKey: text(classSort + name)}
}

// AddClass writes a new class; see class.Store.
func (s *Store) AddClass(ctx context.Context, c class.Class) error {
	c.Version = 1
	err := s.putClass(ctx, c, "attribute_not_exists(pk)", nil)
	if errors.Is(err, errConflict) {
		err = class.ErrNameTaken
	}
	if err != nil {
		return fmt.Errorf("add class %s: %w", c.Name, err)
	}
	return nil
}

func (s *Store) putClass(ctx context.Context, c class.Class, condition string, values item) error {
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	put := classKey(c.Name)
	put["owner"], put["version"], put["body"], put["schema"] = text(c.Owner), number(c.Version), text(string(body)), number(schemaVersion)
	return again(ctx, func() error {
		_, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: aws.String(s.table), Item: put, ConditionExpression: &condition, ExpressionAttributeValues: values,
		})
		return err
	})
}

// GetClass returns a class; see class.Store.
func (s *Store) GetClass(ctx context.Context, name string) (class.Class, error) {
	var found class.Class
	there, err := s.getItem(ctx, classKey(name))
	if err == nil {
		err = parseClass(there, &found)
	}
	if err != nil {
		return class.Class{}, fmt.Errorf("get class %s: %w", name, err)
	}
	return found, nil
}

func parseClass(i item, into *class.Class) error {
	if err := checkSchema(i); err != nil {
		return err
	}
	return parseBody(i, into)
}

// UpdateClass changes a class; see class.Store.
func (s *Store) UpdateClass(ctx context.Context, name string, change func(*class.Class) error) (class.Class, error) {
	for wait := firstWait; ; wait = min(2*wait, longest) {
		old, err := s.GetClass(ctx, name)
		if err != nil {
			return old, err
		}
		next, written, err := old.Changed(change)
		if err != nil || !written {
			return old, err
		}
		err = s.putClass(ctx, next, "version = :old", item{":old": number(old.Version)})
		if err == nil {
			return next, nil
		}
		// Somebody was faster, so there was progress, and this ends.
		if errors.Is(err, errConflict) {
			err = pause(ctx, wait)
		}
		if err != nil {
			return old, fmt.Errorf("update class %s: %w", name, err)
		}
	}
}

// RemoveClass deletes a class; see class.Store.
func (s *Store) RemoveClass(ctx context.Context, c class.Class) error {
	err := again(ctx, func() error {
		_, err := s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: aws.String(s.table), Key: classKey(c.Name),
			ConditionExpression:       aws.String("attribute_not_exists(pk) OR version = :old"),
			ExpressionAttributeValues: item{":old": number(c.Version)},
		})
		return err
	})
	if errors.Is(err, errConflict) {
		err = sandbox.ErrStale
	}
	if err != nil {
		return fmt.Errorf("remove class %s: %w", c.Name, err)
	}
	return nil
}

// ListClasses returns a page of classes; see class.Store. Those of one owner are
// selected here: a filter of DynamoDB's reads, and is paid for, as much.
func (s *Store) ListClasses(ctx context.Context, owner string, page sandbox.Page) ([]class.Class, sandbox.Cursor, error) {
	after, err := page.After.Key()
	if err != nil {
		return nil, "", fmt.Errorf("list classes: %w", err)
	}
	input := &dynamodb.QueryInput{
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		ExpressionAttributeValues: item{":pk": text(classPartition), ":prefix": text(classSort)},
		ConsistentRead:            aws.Bool(true),
	}
	if after != "" {
		input.ExclusiveStartKey = classKey(after)
	}
	size := page.Size()
	var found []class.Class
	for one, err := range s.query(ctx, input) {
		var c class.Class
		if err == nil {
			err = parseClass(one, &c)
		}
		if err != nil {
			return nil, "", fmt.Errorf("list classes: %w", err)
		}
		if owner != "" && c.Owner != owner {
			continue
		}
		if len(found) == size {
			return found, sandbox.CursorAt(found[size-1].Name), nil
		}
		found = append(found, c)
	}
	return found, "", nil
}
