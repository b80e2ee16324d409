package dynamo

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// Claim writes a new sandbox; see sandbox.Store.
func (s *Store) Claim(ctx context.Context, claimed sandbox.Sandbox, first sandbox.Event) error {
	w, err := claimed.Claimed(ctx, first, s.now().UTC())
	if err != nil {
		return fmt.Errorf("claim %s: %w", claimed.Name, err)
	}
	for wait := firstWait; ; wait = min(2*wait, longest) {
		err := s.insert(ctx, w)
		if errors.Is(err, errConflict) {
			err = s.contend(ctx, w)
		}
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, errConflict):
			return fmt.Errorf("claim %s: %w", claimed.Name, err)
		}
		// The record went away or changed under our eyes: look again.
		if err := pause(ctx, wait); err != nil {
			return fmt.Errorf("claim %s: %w", claimed.Name, err)
		}
	}
}

// insert claims a name that nobody has, or returns errConflict.
func (s *Store) insert(ctx context.Context, w sandbox.Write) error {
	put, err := recordItem(&w.Sandbox)
	if err != nil {
		return err
	}
	return s.transact(ctx, types.TransactWriteItem{Put: &types.Put{
		TableName: aws.String(s.table), Item: put, ConditionExpression: aws.String("attribute_not_exists(pk)"),
	}}, w)
}

// contend claims a name that somebody has, where that is allowed. It returns
// errConflict when the name has become free or its record has changed.
func (s *Store) contend(ctx context.Context, w sandbox.Write) error {
	claimed := &w.Sandbox
	there, err := s.read(ctx, claimed.Name)
	if errors.Is(err, sandbox.ErrNotFound) {
		return errConflict
	}
	if err != nil {
		return err
	}
	holder := there.sandbox
	switch {
	case there.removing: // by somebody who may have died over it
		if err := s.finishRemoval(ctx, holder.Ref(), there.sweep); err != nil {
			return err
		}
		return errConflict
	case holder.ID == claimed.ID:
		return nil // the reply to the first try was lost
	case !holder.Replaceable(claimed.Owner):
		return &sandbox.NameTakenError{Name: claimed.Name, Owner: holder.Owner}
	}
	if there.sweep != "" {
		if err := s.deleteHistory(ctx, there.sweep); err != nil {
			return err
		}
	}
	if err := s.replace(ctx, holder, w); err != nil {
		return err
	}
	return s.sweep(ctx, claimed.Ref(), holder.ID)
}

// replace claims a name in the place of a failed sandbox.
func (s *Store) replace(ctx context.Context, holder sandbox.Sandbox, w sandbox.Write) error {
	put, err := recordItem(&w.Sandbox)
	if err != nil {
		return err
	}
	put["sweep"] = text(holder.ID)
	return s.transact(ctx, types.TransactWriteItem{Put: &types.Put{
		TableName: aws.String(s.table), Item: put, ConditionExpression: aws.String(unmarked),
		ExpressionAttributeValues: item{":id": text(holder.ID), ":old": number(holder.Version)},
	}}, w)
}

// sweep deletes the history of the sandbox that ref's replaced, and then the
// note that it is to be deleted.
func (s *Store) sweep(ctx context.Context, ref sandbox.Ref, old string) error {
	if err := s.deleteHistory(ctx, old); err != nil {
		return err
	}
	err := again(ctx, func() error {
		_, err := s.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: aws.String(s.table), Key: recordKey(ref.Name),
			UpdateExpression:          aws.String("REMOVE sweep"),
			ConditionExpression:       aws.String("id = :id AND sweep = :sweep"),
			ExpressionAttributeValues: item{":id": text(ref.ID), ":sweep": text(old)},
		})
		return err
	})
	if errors.Is(err, errConflict) {
		return nil // removed, or replaced in its turn, which sweeps too
	}
	return err
}

func recordItem(claimed *sandbox.Sandbox) (item, error) {
	put, err := attributes(claimed)
	if err != nil {
		return nil, err
	}
	maps.Copy(put, recordKey(claimed.Name))
	return put, nil
}
