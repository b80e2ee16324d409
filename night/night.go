// Package night is the record of the nights in which Mayfly goes through all
// sandboxes: what each night decided, and what came of it.
package night

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/lifecycle"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Life is how long a night is kept, and ItemLife how long what it decided about
// each sandbox is.
const (
	Life     = 400 * 24 * time.Hour
	ItemLife = 90 * 24 * time.Hour
)

// ErrNotFound says that there is no night with an id.
var ErrNotFound = errors.New("there is no such night")

// Status is how far a night is.
type Status string

// How far nights are.
const (
	// Deciding is going through the sandboxes, and starting what is decided.
	Deciding Status = "deciding"
	// Settling is waiting for what was started to end.
	Settling Status = "settling"
	Done     Status = "done"
	// Broken is a night whose execution ended before it was done: the next one
	// does what it did not.
	Broken Status = "broken"
)

// Night is one run through all sandboxes.
type Night struct {
	// ID sorts by time: when it began, as 20261127-030000-000.
	ID        string    `json:"id"`
	Status    Status    `json:"status"`
	StartedAt time.Time `json:"startedAt"`
	EndedAt   time.Time `json:"endedAt,omitzero"`
	// Execution is the ARN of its execution, and By who asked for it.
	Execution string `json:"execution"`
	By        string `json:"by"`
	Counts    Counts `json:"counts"`
	// Orphans is how many things in the account no record knows; nil when nobody
	// looked.
	Orphans *int `json:"orphans,omitempty"`
	// SavedMicroUSD is what the sandboxes that it ended, or put to sleep, would
	// have cost in a month, in millionths of a USD; 0 when nobody knows.
	SavedMicroUSD int64 `json:"savedMicroUsd,omitempty"`
	// Reached is how far it has come through the sandboxes: a cursor.
	Reached string `json:"reached,omitempty"`
	// Troubles are what kept it from doing all, the first of them, each a line for
	// a person.
	Troubles []string `json:"troubles,omitempty"`
	// Version is the store's: it counts the writes.
	Version int64 `json:"version"`
}

// maxTroubles is how many troubles a night keeps.
const maxTroubles = 20

// Trouble notes what went wrong. What comes after the first twenty is counted
// among the failures alone.
func (n *Night) Trouble(line string) {
	if len(n.Troubles) < maxTroubles {
		n.Troubles = append(n.Troubles, line)
	}
}

// Over reports whether nothing more comes of it.
func (n *Night) Over() bool { return n.Status == Done || n.Status == Broken }

// Counts are how many sandboxes a night did what with.
type Counts struct {
	// Seen is all of them; of each one more figure tells what was decided.
	Seen        int `json:"seen"`
	Kept        int `json:"kept"`
	Warned      int `json:"warned"`
	Sleep       int `json:"sleep"`
	Teardown    int `json:"teardown"`
	Quarantined int `json:"quarantined"`
	// Ended is how many of Sleep and Teardown came to a good end, Failed how many
	// to a bad one or could not be begun, and Open how many were under way when the
	// night no longer waited.
	Ended  int `json:"ended"`
	Failed int `json:"failed"`
	Open   int `json:"open"`
}

// Add counts a decision.
func (c *Counts) Add(act lifecycle.Act) {
	c.Seen++
	switch act {
	case lifecycle.Warn:
		c.Warned++
	case lifecycle.Sleep:
		c.Sleep++
	case lifecycle.Teardown:
		c.Teardown++
	case lifecycle.Quarantine:
		c.Quarantined++
	default:
		c.Kept++
	}
}

// Outcome is what came of a decision.
type Outcome string

// What comes of decisions.
const (
	// Noted is of those that start nothing, such as a warning.
	Noted   Outcome = "noted"
	Started Outcome = "started"
	Ended   Outcome = "ended"
	Failed  Outcome = "failed"
	// Open is of what was under way when the night no longer waited.
	Open Outcome = "open"
)

// Item is what a night decided about one sandbox, and what came of it. Nights
// keep no item of what is merely kept.
type Item struct {
	Name  string `json:"name"`
	ID    string `json:"id"`
	Owner string `json:"owner"`
	lifecycle.Decision
	Outcome Outcome `json:"outcome"`
	// Execution is the ARN of what was started, and StartAt when it is its turn.
	Execution string    `json:"execution,omitempty"`
	StartAt   time.Time `json:"startAt,omitzero"`
	// Failure says why it came to a bad end.
	Failure string `json:"failure,omitempty"`
}

// Store keeps nights. An error that wraps none of this package's is the store's
// own and may pass.
type Store interface {
	// ClaimNight begins a night unless one is under way: then it returns that one,
	// and false. A night of an execution that has ended, as the caller knows, is no
	// longer under way; over names it. The same execution again gets its night
	// again, and true.
	ClaimNight(ctx context.Context, n Night, over string) (Night, bool, error)
	// GetNight returns a night, or ErrNotFound. It reads its own writes.
	GetNight(ctx context.Context, id string) (Night, error)
	// UpdateNight changes a night in one conditional write, again when it was
	// changed meanwhile. A night that is over is no longer under way.
	UpdateNight(ctx context.Context, id string, change func(*Night) error) (Night, error)
	// ListNights returns a page of nights, newest first.
	ListNights(ctx context.Context, page sandbox.Page) ([]Night, sandbox.Cursor, error)
	// PutItems writes items of a night, new or again.
	PutItems(ctx context.Context, id string, items []Item) error
	// ListItems returns a page of a night's items, in the order of their names.
	ListItems(ctx context.Context, id string, page sandbox.Page) ([]Item, sandbox.Cursor, error)
	// Reserve takes n places in a line in which somebody's turn comes after each
	// interval, and returns when the first of them is: now, or when those who
	// reserved before have had their turns.
	Reserve(ctx context.Context, line string, n int, interval time.Duration, now time.Time) (time.Time, error)
}

const idFormat = "20060102-150405"

// IDAt is the id of a night that begins at a time.
func IDAt(t time.Time) string {
	return fmt.Sprintf("%s-%03d", t.UTC().Format(idFormat), t.Nanosecond()/1e6)
}

// BeganAt returns when the night with an id began, to the second, or ErrNotFound
// for what is no id.
func BeganAt(id string) (time.Time, error) {
	at, err := time.Parse(idFormat, id[:min(len(id), len(idFormat))])
	if err != nil || len(id) != len(idFormat)+len("-000") {
		return time.Time{}, fmt.Errorf("%q: %w", id, ErrNotFound)
	}
	return at, nil
}

// wrongClock is how far ahead no line reaches: one that does was written when a
// clock was wrong.
const wrongClock = 24 * time.Hour

// Turn returns when the first of new places in a line is, whose last place was
// to end at a time.
func Turn(free, now time.Time) time.Time {
	if free.Before(now) || free.After(now.Add(wrongClock)) {
		return now
	}
	return free
}
