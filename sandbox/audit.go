package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/mayfly-dev/mayfly/events"
)

// AuditLife is how long an entry of the audit is kept: longer than the sandbox
// that it is about, which may be gone.
const AuditLife = 90 * 24 * time.Hour

// Audit is an entry of the audit: one change, who made it and what it changed.
// It names fields and identifiers, never content or secrets.
type Audit struct {
	// ID sorts by time, and is the same when the same change is written again.
	ID string    `json:"id"`
	At time.Time `json:"at"`
	// Action is what was done: one of this package's, or a service's operation
	// such as "ecr:PutImage".
	Action string `json:"action"`
	// Sandbox is the name of the sandbox that it is about, SandboxID its id and
	// Owner its owner after the change; empty when it is about none.
	Sandbox   string `json:"sandbox,omitempty"`
	SandboxID string `json:"sandboxId,omitempty"`
	Owner     string `json:"owner,omitempty"`
	// Resource is what else it is about, such as a repository's ARN.
	Resource string `json:"resource,omitempty"`
	Actor
	// Error is the code of the error that it ended with; empty when it was done.
	Error string `json:"error,omitempty"`
	// Before and After are the fields that changed, by their names.
	Before map[string]string `json:"before,omitempty"`
	After  map[string]string `json:"after,omitempty"`
}

// The actions on sandboxes.
const (
	ActionCreate = "create"
	ActionUpdate = "update"
	ActionDelete = "delete"
	ActionUpload = "upload"
	// ActionRelease is the beginning of a release, ActionLive its good end and
	// ActionReleaseFailed its bad one.
	ActionRelease       = "release"
	ActionLive          = "live"
	ActionReleaseFailed = "release failed"
	// ActionPhase is a step in the life of a sandbox that a flow makes.
	ActionPhase = "phase"
	// What people do about a sandbox's life, and what a night does.
	ActionPin    = "pin"
	ActionUnpin  = "unpin"
	ActionExtend = "extend"
	ActionWarn   = "warn"
	ActionSleep  = "sleep"
	ActionWake   = "wake"
	// ActionDenied is a request of somebody who is known for what their role does
	// not allow.
	ActionDenied = "denied"
	// ActionRemove is the end: nothing is left but the audit.
	ActionRemove = "remove"
	// ActionOrphan is the begin of a teardown of what was found of a sandbox that
	// has no record any more.
	ActionOrphan = "orphan"
)

// AuditFilter selects entries; an empty field selects all.
type AuditFilter struct {
	Sandbox   string
	Principal string
	Owner     string
	// Since is the earliest time.
	Since time.Time
}

// Matches reports whether an entry is selected.
func (f AuditFilter) Matches(a *Audit) bool {
	return (f.Sandbox == "" || f.Sandbox == a.Sandbox) && (f.Principal == "" || f.Principal == a.Principal) &&
		(f.Owner == "" || f.Owner == a.Owner) && !a.At.Before(f.Since)
}

// NewAuditID returns an id for an entry that no store makes by itself.
func NewAuditID(at time.Time, random io.Reader) (string, error) {
	tail, err := randomText(random, 16)
	return AuditIDAt(at) + "-" + tail, err
}

// AuditIDAt returns how the ids of a moment begin: they sort behind all earlier
// ones.
func AuditIDAt(at time.Time) string { return fmt.Sprintf("%019d", max(at.UnixNano(), 0)) }

// AuditTime returns the moment of an entry's id.
func AuditTime(id string) (time.Time, error) {
	if len(id) < 19 {
		return time.Time{}, fmt.Errorf("%q is no id of an entry of the audit", id)
	}
	nanos, err := strconv.ParseInt(id[:19], 10, 64)
	return time.Unix(0, nanos).UTC(), err
}

// audit returns the entry for what was done to s, which was before and is after.
func (s *Sandbox) audit(ctx context.Context, before, after map[string]string, action string, version int64, now time.Time) Audit {
	return Audit{
		ID: AuditIDAt(now) + "-" + s.ID + "-" + strconv.FormatInt(version, 10), At: now,
		Action: action, Sandbox: s.Name, SandboxID: s.ID, Owner: s.Owner, Actor: s.actor(ctx), Before: before, After: after,
	}
}

// told is the part of a sandbox that the audit tells of: what a person chose,
// and how far it is. What was made for it is in its events.
type told struct {
	owner, activeRelease, liveRelease, failure  string
	pinReason, extendReason, sleepReason        string
	phase                                       Phase
	expiresAt, keptUntil, warnedAt, asleepSince time.Time
	deleteRequested, pinned                     bool
	liveImage                                   events.Image
	spec                                        events.Spec
}

func (s *Sandbox) told() told {
	t := told{
		owner: s.Owner, activeRelease: s.ActiveRelease, liveRelease: s.LiveRelease, phase: s.Phase, expiresAt: s.ExpiresAt,
		deleteRequested: s.DeleteRequested, liveImage: s.LiveImage, spec: s.Spec,
		pinned: s.Pinned, pinReason: s.PinReason, keptUntil: s.KeptUntil, extendReason: s.ExtendReason,
		warnedAt: s.WarnedAt, asleepSince: s.AsleepSince, sleepReason: s.SleepReason,
	}
	if s.Failure != nil {
		t.failure = s.Failure.Error
	}
	return t
}

// fields returns what is told by the names of its fields, without what is empty.
func (t told) fields() (map[string]string, error) {
	fields := map[string]string{
		"owner": t.owner, "phase": string(t.phase), "release": t.activeRelease, "liveRelease": t.liveRelease, "failure": t.failure,
		"pinReason": t.pinReason, "extendReason": t.extendReason, "sleepReason": t.sleepReason,
	}
	for name, at := range map[string]time.Time{"expiresAt": t.expiresAt, "keptUntil": t.keptUntil, "warnedAt": t.warnedAt, "asleepSince": t.asleepSince} {
		if !at.IsZero() {
			fields[name] = at.UTC().Format(time.RFC3339)
		}
	}
	for name, is := range map[string]bool{"deleteRequested": t.deleteRequested, "pinned": t.pinned} {
		if is {
			fields[name] = "true"
		}
	}
	if t.liveImage.Digest != "" {
		fields["liveImage"] = t.liveImage.Repository + "@" + t.liveImage.Digest
	}
	text, err := json.Marshal(t.spec)
	if err == nil {
		err = flatten(fields, "spec", text)
	}
	if err != nil {
		return nil, fmt.Errorf("fields of the audit: %w", err)
	}
	for field, value := range fields {
		if value == "" {
			delete(fields, field)
		}
	}
	return fields, nil
}

// flatten adds the members of a JSON object to fields by their paths; what is no
// object is added as its text.
func flatten(fields map[string]string, path string, text json.RawMessage) error {
	var object map[string]json.RawMessage
	if text[0] == '{' {
		if err := json.Unmarshal(text, &object); err != nil {
			return err
		}
		for name, value := range object {
			if err := flatten(fields, path+"."+name, value); err != nil {
				return err
			}
		}
		return nil
	}
	value := string(text)
	if text[0] == '"' {
		if err := json.Unmarshal(text, &value); err != nil {
			return err
		}
	}
	fields[path] = value
	return nil
}

// differing takes what is the same out of both.
func differing(before, after map[string]string) {
	for field, value := range before {
		if other, ok := after[field]; ok && other == value {
			delete(before, field)
			delete(after, field)
		}
	}
}

// actionOf says what was done to a sandbox, by what differs.
func actionOf(old, next *Sandbox, before, after map[string]string) string {
	switch {
	case next.DeleteRequested && !old.DeleteRequested:
		return ActionDelete
	case next.ActiveRelease != "" && next.ActiveRelease != old.ActiveRelease:
		return ActionRelease
	case old.ActiveRelease != "" && next.ActiveRelease == "" && next.LiveRelease == old.ActiveRelease:
		return ActionLive
	case old.ActiveRelease != "" && next.ActiveRelease == "":
		return ActionReleaseFailed
	case next.SleepReason != "" && old.SleepReason == "":
		return ActionSleep
	case next.SleepReason == "" && old.SleepReason != "":
		return ActionWake
	case next.Pinned && !old.Pinned:
		return ActionPin
	case !next.Pinned && old.Pinned:
		return ActionUnpin
	case !next.KeptUntil.Equal(old.KeptUntil):
		return ActionExtend
	case next.WarnedAt.After(old.WarnedAt):
		return ActionWarn
	}
	for _, fields := range []map[string]string{before, after} {
		for field := range fields {
			if field != "phase" && field != "failure" {
				return ActionUpdate
			}
		}
	}
	return ActionPhase
}
