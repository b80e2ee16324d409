package sandbox

import (
	"time"

	"github.com/mayfly-dev/mayfly/events"
)

// Sandbox is a sandbox as the store keeps it.
type Sandbox struct {
	ID    string      `json:"id"`
	Name  string      `json:"name"`
	Owner string      `json:"owner"`
	Spec  events.Spec `json:"spec"`

	Phase Phase `json:"phase"`
	// Step is the step under way, by the name of its folder; empty when none.
	Step string `json:"step,omitempty"`
	// StepSince is when Step began.
	StepSince time.Time `json:"stepSince,omitzero"`
	// Waiting is what the flow under way waits for; zero when for nothing.
	Waiting Waiting `json:"waiting,omitzero"`
	// Execution is the ARN of the flow under way, or of the last one.
	Execution string `json:"execution,omitempty"`
	// Attempt counts the teardown and update executions that were started, so
	// that each has its own name.
	Attempt int `json:"attempt,omitempty"`
	// Sleeps and Wakes count those of them that put it to sleep, and woke it.
	Sleeps int `json:"sleeps,omitempty"`
	Wakes  int `json:"wakes,omitempty"`

	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
	// ReadyAt is when provisioning ended.
	ReadyAt time.Time `json:"readyAt,omitzero"`
	// ChangedAt is when somebody last asked for a change of it.
	ChangedAt time.Time `json:"changedAt,omitzero"`
	// ExpiresAt is when the sandbox's time to live ends; zero for never.
	ExpiresAt time.Time `json:"expiresAt,omitzero"`
	// EndsAt is when it is torn down whoever uses it; zero for never. It ends with
	// something else then, such as "class cs101", which EndsWith names.
	EndsAt   time.Time `json:"endsAt,omitzero"`
	EndsWith string    `json:"endsWith,omitempty"`

	// Pinned says that it is never idle, and PinReason why, in the words of who
	// pinned it.
	Pinned    bool   `json:"pinned,omitempty"`
	PinReason string `json:"pinReason,omitempty"`
	// KeptUntil is until when its life was extended, and ExtendReason why: until
	// then it is not idle.
	KeptUntil    time.Time `json:"keptUntil,omitzero"`
	ExtendReason string    `json:"extendReason,omitempty"`
	// WarnedAt is when its people were last told that it will fall asleep, or be
	// torn down; zero when no warning stands.
	WarnedAt time.Time `json:"warnedAt,omitzero"`
	// AsleepSince is when it fell asleep, zero while it is awake, and SleepReason
	// why; the reason is there as soon as it is being put to sleep.
	AsleepSince time.Time `json:"asleepSince,omitzero"`
	SleepReason string    `json:"sleepReason,omitempty"`
	// FailedNights counts the nights in a row in which it could not be put to
	// sleep or torn down.
	FailedNights int `json:"failedNights,omitempty"`

	// AskedBy is who asked for the flow that Execution names, and so for what it
	// changes.
	AskedBy Actor `json:"askedBy,omitzero"`

	// DeleteRequested says that somebody asked for the sandbox to be deleted:
	// step forget then removes the record whatever the flow's Keep says, for a
	// provision that is undone because of it would keep the record as failed.
	DeleteRequested bool `json:"deleteRequested,omitempty"`

	// Resources is the ledger: what was intended and what was made, by kind.
	Resources map[Kind]Resource `json:"resources,omitempty"`

	// LiveRelease is the release that the site shows; empty before the first.
	LiveRelease string `json:"liveRelease,omitempty"`
	// ActiveRelease is the release under way; it is the lock of releases.
	ActiveRelease string `json:"activeRelease,omitempty"`
	// LiveImage is the image that the site shows; empty when what it shows was
	// uploaded, or put together by a restore.
	LiveImage events.Image `json:"liveImage,omitzero"`
	// LiveAt is the destination that the live release went to; empty for the
	// sandbox's own site.
	LiveAt string `json:"liveAt,omitempty"`
	// Newest is the newest push or release by hand; see Mark.
	Newest Mark `json:"newest,omitzero"`

	// LastUse is when it was last used, as far as somebody asked CloudWatch; what
	// the record tells by itself may be later.
	LastUse Use `json:"lastUse,omitzero"`

	// Failure is why the last flow failed; nil when it did not.
	Failure *events.Failure `json:"failure,omitempty"`
	// FailedStep is the step that was under way when it failed.
	FailedStep string `json:"failedStep,omitempty"`

	// SpecDigest is the digest of the request that made the sandbox: the same
	// request again is the same sandbox.
	SpecDigest string `json:"specDigest"`
	// EventSeq is the sequence number of the last event.
	EventSeq int64 `json:"eventSeq"`
	// Version is the store's: it grows by one with every write.
	Version int64 `json:"version"`
}

// Waiting is what keeps a flow from going on.
type Waiting struct {
	// For is a phrase for a person, Duration the name under which it is remembered
	// how long that takes, and Since when it began.
	For      string    `json:"for"`
	Duration string    `json:"duration"`
	Since    time.Time `json:"since"`
}

// Use is the last use of a sandbox, as it was read at a time; package activity
// reads it.
type Use struct {
	// Kind is how it was used, such as "request".
	Kind string    `json:"kind"`
	At   time.Time `json:"at"`
	// ReadAt is when that was read.
	ReadAt time.Time `json:"readAt"`
}

// Ref names a sandbox for a write: the record under Name is changed only while
// it is still the sandbox with this ID, so that a late flow of a deleted
// sandbox never touches its successor.
type Ref struct {
	ID   string
	Name string
}

// Ref returns the reference to s.
func (s *Sandbox) Ref() Ref { return Ref{ID: s.ID, Name: s.Name} }

// RefOf returns the reference to the sandbox that a flow carries.
func RefOf(s events.Sandbox) Ref { return Ref{ID: s.ID, Name: s.Name} }

// Event returns the part of s that flows carry.
func (s *Sandbox) Event() events.Sandbox {
	return events.Sandbox{ID: s.ID, Name: s.Name, Owner: s.Owner, Spec: s.Spec}
}

// Phase is where a sandbox is in its life.
type Phase string

// The phases of a sandbox. Deleted is never stored: the record is gone then,
// and only the last event of the stream says it.
const (
	PhaseProvisioning Phase = "provisioning"
	PhaseReady        Phase = "ready"
	PhaseUpdating     Phase = "updating"
	PhaseSleeping     Phase = "sleeping"
	PhaseDeleting     Phase = "deleting"
	PhaseDeleted      Phase = "deleted"
	PhaseFailed       Phase = "failed"
)

// Phases returns all phases in the order of a life.
func Phases() []Phase {
	return []Phase{PhaseProvisioning, PhaseReady, PhaseUpdating, PhaseSleeping, PhaseDeleting, PhaseDeleted, PhaseFailed}
}
