package sandbox

import (
	"context"
	"encoding/base64"
	"fmt"
	"reflect"
	"time"
)

// This file holds what every store does alike, whatever it writes to.

// Write is what a store writes in one go, or not at all.
type Write struct {
	Sandbox Sandbox
	Events  []Event
	// Audit is the entry of the audit, if something changed that it tells of.
	Audit []Audit
}

// Claimed returns what a store writes at now when s is claimed: version 1,
// event 1.
func (s Sandbox) Claimed(ctx context.Context, first Event, now time.Time) (Write, error) {
	s.Version, s.EventSeq, s.UpdatedAt = 1, 1, now
	if s.CreatedAt.IsZero() {
		s.CreatedAt = now
	}
	if who, ok := ActorOf(ctx); ok {
		s.AskedBy = who
	}
	after, err := s.told().fields()
	if err != nil {
		return Write{}, err
	}
	return Write{s, []Event{s.stamp(first, 1, now)}, []Audit{s.audit(ctx, nil, after, ActionCreate, 1, now)}}, nil
}

// Removed returns the entry of the audit that a store writes at now when s is
// removed.
func (s Sandbox) Removed(ctx context.Context, now time.Time) (Audit, error) {
	before, err := s.told().fields()
	if err != nil {
		return Audit{}, err
	}
	return s.audit(ctx, before, nil, ActionRemove, s.Version+1, now), nil
}

// Replaceable reports whether a claim by owner may take the place of s: s
// failed, left nothing behind, and was owner's.
func (s *Sandbox) Replaceable(owner string) bool {
	return s.Phase == PhaseFailed && len(s.Resources) == 0 && s.Owner == owner
}

// Changed applies change to s, as a store read it, and returns what is to be
// written; written is false when there is nothing to write. The record's
// identity and version are the store's: what change does to them is undone.
func (s Sandbox) Changed(ctx context.Context, change func(*Sandbox) ([]Event, error), now time.Time) (w Write, written bool, err error) {
	next := s.clone()
	log, err := change(&next)
	if err != nil {
		return Write{Sandbox: s}, false, err
	}
	next.ID, next.Name, next.Version = s.ID, s.Name, s.Version
	next.EventSeq, next.UpdatedAt = s.EventSeq, s.UpdatedAt
	if len(log) == 0 && reflect.DeepEqual(normal(next), normal(s)) {
		return Write{Sandbox: s}, false, nil
	}
	if who, ok := ActorOf(ctx); ok && (next.Execution != s.Execution || next.DeleteRequested != s.DeleteRequested) {
		next.AskedBy = who
	}
	next.Version++
	if len(log) > 0 || !next.Alike(s) {
		next.UpdatedAt = now
	}
	for i := range log {
		next.EventSeq++
		log[i] = next.stamp(log[i], next.EventSeq, now)
	}
	entries, err := s.changedTo(ctx, &next, now)
	return Write{next, log, entries}, true, err
}

// changedTo returns the entry of the audit for a change of s to next, if there
// is something to tell.
func (s *Sandbox) changedTo(ctx context.Context, next *Sandbox, now time.Time) ([]Audit, error) {
	was, is := s.told(), next.told()
	if reflect.DeepEqual(was, is) {
		return nil, nil // as most notes of steps
	}
	before, err := was.fields()
	if err != nil {
		return nil, err
	}
	after, err := is.fields()
	if err != nil {
		return nil, err
	}
	differing(before, after)
	if len(before)+len(after) == 0 {
		return nil, nil
	}
	return []Audit{next.audit(ctx, before, after, actionOf(s, next, before, after), next.Version, now)}, nil
}

// Alike reports whether two records differ at most in when the sandbox was used,
// and in their versions: to note that is no change of it.
func (s Sandbox) Alike(other Sandbox) bool {
	s.LastUse, s.Version = other.LastUse, other.Version
	return reflect.DeepEqual(normal(s), normal(other))
}

// normal makes an empty ledger and none the same.
func normal(s Sandbox) Sandbox {
	if len(s.Resources) == 0 {
		s.Resources = nil
	}
	return s
}

func (s Sandbox) clone() Sandbox {
	if s.Resources != nil {
		copied := make(map[Kind]Resource, len(s.Resources))
		for kind, r := range s.Resources {
			copied[kind] = r
		}
		s.Resources = copied
	}
	if s.Failure != nil {
		failure := *s.Failure
		s.Failure = &failure
	}
	return s
}

func (s *Sandbox) stamp(e Event, seq int64, now time.Time) Event {
	e.Seq = seq
	if e.At.IsZero() {
		e.At = now
	}
	if e.Phase == "" {
		e.Phase = s.Phase
	}
	return e
}

// MaxPage is the longest page of a list.
const MaxPage = 1000

// Size returns the page's limit within 1 and MaxPage; MaxPage when none is set.
func (p Page) Size() int {
	if p.Limit < 1 || p.Limit > MaxPage {
		return MaxPage
	}
	return p.Limit
}

// CursorAt returns the cursor that goes on after the entry with a key.
func CursorAt(key string) Cursor {
	return Cursor(base64.RawURLEncoding.EncodeToString([]byte(key)))
}

// Key returns the key of the entry before the page, "" for the first page. It
// returns a *FieldError for what is no cursor.
func (c Cursor) Key() (string, error) {
	key, err := base64.RawURLEncoding.DecodeString(string(c))
	if err != nil || (c != "" && !cursorPattern().Match(key)) {
		return "", fmt.Errorf("cursor: %w", &FieldError{Field: "after", Rule: "a cursor that the page before returned", Value: string(c)})
	}
	return string(key), nil
}
