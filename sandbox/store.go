package sandbox

import (
	"context"
	"time"

	"github.com/mayfly-dev/mayfly/events"
)

// Store keeps sandboxes, their events and releases, and how long things took.
// Its methods may be called at once from many goroutines and processes; an
// error that wraps none of this package's is the store's own and may pass.
type Store interface {
	// Claim writes a new sandbox under its name in one conditional write. It
	// returns a *NameTakenError when the name is in use, unless what is there
	// failed, left nothing behind and has the same owner: that is replaced,
	// with its events and releases. The first event is written with it.
	Claim(ctx context.Context, s Sandbox, first Event) error
	// Get returns the sandbox with a name, or ErrNotFound. It reads its own
	// writes.
	Get(ctx context.Context, name string) (Sandbox, error)
	// List returns a page of sandboxes in the order of their names.
	List(ctx context.Context, filter Filter, page Page) ([]Sandbox, Cursor, error)
	// Update reads the sandbox, lets change alter it, and writes it with the
	// events that change returns, in one conditional write; it retries when
	// the record changed meanwhile, so change may run more than once. It
	// returns ErrNotFound when ref's sandbox is gone, and the error of change
	// unwritten. It sets Version and UpdatedAt, and numbers the events. What
	// alters nothing and returns no events is not written; what alters LastUse
	// alone leaves UpdatedAt as it is.
	Update(ctx context.Context, ref Ref, change func(*Sandbox) ([]Event, error)) (Sandbox, error)
	// Remove deletes the sandbox, its events and its releases. A sandbox that
	// is not there is no error.
	Remove(ctx context.Context, ref Ref) error

	// Events returns what happened to a sandbox after sequence number after,
	// oldest first, at most limit.
	Events(ctx context.Context, ref Ref, after int64, limit int) ([]Event, error)

	// PutRelease writes a release of a sandbox, new or again.
	PutRelease(ctx context.Context, ref Ref, r Release) error
	// GetRelease returns one release, or ErrNotFound.
	GetRelease(ctx context.Context, ref Ref, id string) (Release, error)
	// ListReleases returns a page of releases, newest first.
	ListReleases(ctx context.Context, ref Ref, page Page) ([]Release, Cursor, error)

	// AddDuration remembers how long something took in this installation.
	AddDuration(ctx context.Context, what string, took time.Duration, at time.Time) error
	// Durations returns the last durations of what, newest first, at most 32.
	Durations(ctx context.Context, what string) ([]time.Duration, error)

	// AddAudit writes an entry of the audit about something that is no change of
	// a record: those come with Claim, Update and Remove, in the same write. The
	// same entry again is no error.
	AddAudit(ctx context.Context, entry Audit) error
	// ListAudit returns a page of the audit, newest first. Entries are kept for
	// AuditLife, those of sandboxes that are gone too.
	ListAudit(ctx context.Context, filter AuditFilter, page Page) ([]Audit, Cursor, error)

	// PutKey remembers under an idempotency key which sandbox a request made,
	// until a time. It returns what is there already, if another write was
	// first, and whether that is so.
	PutKey(ctx context.Context, key IdempotencyKey) (existing IdempotencyKey, found bool, err error)
}

// Filter selects sandboxes; an empty field selects all.
type Filter struct {
	Owner string
	Phase Phase
}

// Page is which part of a list is wanted.
type Page struct {
	// Limit is how many at most, 1 to 1,000.
	Limit int
	// After is the cursor of the page before; empty for the first.
	After Cursor
}

// Cursor is where the next page of a list begins; empty after the last.
type Cursor string

// IdempotencyKey is what is remembered of a request with an Idempotency-Key.
type IdempotencyKey struct {
	Key     string    `json:"key"`
	Name    string    `json:"name"`
	ID      string    `json:"id"`
	Digest  string    `json:"digest"`
	Expires time.Time `json:"expires"`
}

// Event is something that happened to a sandbox.
type Event struct {
	// Seq counts from 1 for each sandbox.
	Seq int64     `json:"seq"`
	At  time.Time `json:"at"`
	// Type is what kind of thing happened.
	Type EventType `json:"type"`
	// Step is the step that did it, by the name of its folder.
	Step string `json:"step,omitempty"`
	// Phase is the sandbox's phase after it.
	Phase Phase `json:"phase"`
	// Message is one line for a person.
	Message string `json:"message"`
	// Resource and Release are the ids of what it is about.
	Resource string          `json:"resource,omitempty"`
	Release  string          `json:"release,omitempty"`
	Failure  *events.Failure `json:"failure,omitempty"`
}

// EventType is a kind of event.
type EventType string

// The kinds of event.
const (
	EventClaimed     EventType = "claimed"
	EventStepStarted EventType = "step.started"
	EventMade        EventType = "resource.made"
	EventGone        EventType = "resource.gone"
	EventProgress    EventType = "progress"
	EventPhase       EventType = "phase"
	EventImage       EventType = "image"
	EventRelease     EventType = "release"
	EventFailed      EventType = "failed"
	EventWarned      EventType = "warned"
)
