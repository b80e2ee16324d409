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

// maxEvents is how many events fit into one update: a transaction has 100
// items, one of which is the record, and two are its entry of the audit.
const maxEvents = 97

// unmarked is the condition that a record is still the sandbox with an id, in
// a version, and is not being removed.
const unmarked = "id = :id AND version = :old AND attribute_not_exists(removing)"

// Get returns the sandbox with a name; see sandbox.Store.
func (s *Store) Get(ctx context.Context, name string) (sandbox.Sandbox, error) {
	r, err := s.read(ctx, name)
	if err == nil && r.removing {
		err = sandbox.ErrNotFound
	}
	if err != nil {
		return sandbox.Sandbox{}, fmt.Errorf("get sandbox %s: %w", name, err)
	}
	return r.sandbox, nil
}

// read returns a name's record, marked or not, or sandbox.ErrNotFound.
func (s *Store) read(ctx context.Context, name string) (record, error) {
	found, err := s.getItem(ctx, recordKey(name))
	if err != nil {
		return record{}, err
	}
	return parseRecord(found)
}

func (s *Store) getItem(ctx context.Context, key item) (item, error) {
	var found item
	err := again(ctx, func() error {
		out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: aws.String(s.table), Key: key, ConsistentRead: aws.Bool(true),
		})
		if err == nil {
			found = out.Item
		}
		return err
	})
	if err == nil && len(found) == 0 {
		err = sandbox.ErrNotFound
	}
	return found, err
}

// Update changes a sandbox; see sandbox.Store. At most 97 events fit into one.
func (s *Store) Update(ctx context.Context, ref sandbox.Ref, change func(*sandbox.Sandbox) ([]sandbox.Event, error)) (sandbox.Sandbox, error) {
	for wait := firstWait; ; wait = min(2*wait, longest) {
		old, err := s.Get(ctx, ref.Name)
		if err == nil && old.ID != ref.ID {
			err = fmt.Errorf("the name is now of %s: %w", old.ID, sandbox.ErrNotFound)
		}
		if err != nil {
			return sandbox.Sandbox{}, fmt.Errorf("update sandbox %s %s: %w", ref.Name, ref.ID, err)
		}
		w, written, err := old.Changed(ctx, change, s.now().UTC())
		if err != nil || !written {
			return w.Sandbox, err
		}
		err = s.swap(ctx, old.Version, w)
		if err == nil {
			return w.Sandbox, nil
		}
		if !errors.Is(err, errConflict) {
			return sandbox.Sandbox{}, fmt.Errorf("update sandbox %s: %w", ref.Name, err)
		}
		// Somebody was faster, so there was progress, and this ends.
		if err := pause(ctx, wait); err != nil {
			return sandbox.Sandbox{}, fmt.Errorf("update sandbox %s: %w", ref.Name, err)
		}
	}
}

// swap writes w if the record still has a version. It sets attributes rather
// than replacing the item, so that sweep stays.
func (s *Store) swap(ctx context.Context, version int64, w sandbox.Write) error {
	next, log := w.Sandbox, w.Events
	if len(log) > maxEvents {
		return fmt.Errorf("%d events in one update; at most %d fit", len(log), maxEvents)
	}
	set, err := attributes(&next)
	if err != nil {
		return err
	}
	const expression = "SET #owner = :owner, #phase = :phase, #clean = :clean, #version = :version, #body = :body, #schema = :schema"
	names := map[string]string{"#owner": "owner", "#phase": "phase", "#clean": "clean", "#version": "version", "#body": "body", "#schema": "schema"}
	values := item{
		":owner": set["owner"], ":phase": set["phase"], ":clean": set["clean"], ":version": set["version"], ":body": set["body"], ":schema": set["schema"],
		":id": text(next.ID), ":old": number(version),
	}
	if len(log)+len(w.Audit) == 0 {
		return again(ctx, func() error {
			_, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
				TableName: aws.String(s.table), Key: recordKey(next.Name),
				UpdateExpression: aws.String(expression), ConditionExpression: aws.String(unmarked),
				ExpressionAttributeNames: names, ExpressionAttributeValues: values,
			})
			return err
		})
	}
	return s.transact(ctx, types.TransactWriteItem{Update: &types.Update{
		TableName: aws.String(s.table), Key: recordKey(next.Name),
		UpdateExpression: aws.String(expression), ConditionExpression: aws.String(unmarked),
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}}, w)
}

// transact writes a record, its events and its audit together, or nothing.
func (s *Store) transact(ctx context.Context, first types.TransactWriteItem, w sandbox.Write) error {
	audit, err := s.puts(w.Audit)
	if err != nil {
		return err
	}
	items := append([]types.TransactWriteItem{first}, audit...)
	for _, event := range w.Events {
		put, err := eventItem(w.Sandbox.ID, event)
		if err != nil {
			return err
		}
		items = append(items, types.TransactWriteItem{Put: &types.Put{TableName: aws.String(s.table), Item: put}})
	}
	return again(ctx, func() error {
		_, err := s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
		return err
	})
}
