package sandbox

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"time"
)

// This file holds what every store does alike, whatever it writes to.

// Claimed returns s and its first event as a store writes them at now: version
// 1, event 1.
func (s Sandbox) Claimed(first Event, now time.Time) (Sandbox, Event) {
	s.Version, s.EventSeq, s.UpdatedAt = 1, 1, now
	if s.CreatedAt.IsZero() {
		s.CreatedAt = now
	}
	return s, s.stamp(first, 1, now)
}

// Replaceable reports whether a claim by owner may take the place of s: s
// failed, left nothing behind, and was owner's.
func (s *Sandbox) Replaceable(owner string) bool {
	return s.Phase == PhaseFailed && len(s.Resources) == 0 && s.Owner == owner
}

// Changed applies change to s, as a store read it, and returns the record and
// the events to write; written is false when there is nothing to write. The
// record's identity and version are the store's: what change does to them is
// undone.
func (s Sandbox) Changed(change func(*Sandbox) ([]Event, error), now time.Time) (next Sandbox, log []Event, written bool, err error) {
	next = s.clone()
	log, err = change(&next)
	if err != nil {
		return s, nil, false, err
	}
	next.ID, next.Name, next.Version = s.ID, s.Name, s.Version
	next.EventSeq, next.UpdatedAt = s.EventSeq, s.UpdatedAt
	if len(log) == 0 && reflect.DeepEqual(normal(next), normal(s)) {
		return s, nil, false, nil
	}
	next.Version++
	next.UpdatedAt = now
	for i := range log {
		next.EventSeq++
		log[i] = next.stamp(log[i], next.EventSeq, now)
	}
	return next, log, true, nil
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
	if err != nil || (c != "" && !cursorPattern.Match(key)) {
		return "", fmt.Errorf("cursor: %w", &FieldError{Field: "after", Rule: "a cursor that the page before returned", Value: string(c)})
	}
	return string(key), nil
}
