package sandbox

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/events"
)

// Mark is the newest thing that was asked of a sandbox: the newest push that
// was taken to be deployed, or the newest release by hand that went live. What
// is older than it deploys nothing, however late it is told of: so the newest
// push wins, and a rollback is not undone.
type Mark struct {
	// At is when it was pushed, or asked for.
	At time.Time `json:"at,omitzero"`
	// Digest and Tag are of a push, or of the image that a release by hand
	// brought.
	Digest string `json:"digest,omitempty"`
	Tag    string `json:"tag,omitempty"`
	// Release is the release by hand, and Kind its kind; empty for a push.
	Release string            `json:"release,omitempty"`
	Kind    events.SourceKind `json:"kind,omitempty"`
}

func markOf(push events.Image) Mark {
	return Mark{At: push.PushedAt, Digest: push.Digest, Tag: push.Tag}
}

// order compares two times as far as they can tell an order: -1, 0 or 1. AWS
// tells many times in whole seconds, and such a one is neither before nor
// after another within its second.
func order(a, b time.Time) int {
	if a.Unix() == b.Unix() && (a.Nanosecond() == 0 || b.Nanosecond() == 0) {
		return 0
	}
	return a.Compare(b)
}

// judge says whether a push is to be deployed, or why not. A push within the
// mark's own second, where no order is told, counts as newer: that it was not
// deployed before is its release's to say (see PushReleaseID).
func (s *Sandbox) judge(push events.Image) (events.Verdict, string) {
	switch {
	case s.DeleteRequested, s.Phase == PhaseDeleting:
		return events.VerdictDeleting, "the sandbox is being deleted"
	case s.Phase == PhaseFailed:
		return events.VerdictDeleting, "the sandbox has failed"
	case order(push.PushedAt, s.Newest.At) < 0:
		return events.VerdictSuperseded, fmt.Sprintf("it was pushed at %s, before %s", clockTime(push.PushedAt), s.Newest)
	case s.LiveImage.Digest == push.Digest && s.ActiveRelease == "" && s.LiveAt == destinationOf(RolloutTo(s.Spec.Deploy)):
		return events.VerdictLive, "it is live"
	}
	return events.VerdictDeploy, ""
}

// String returns the mark as a phrase.
func (m Mark) String() string {
	if m.Release == "" {
		return fmt.Sprintf("%s at %s", ShortImage(m.Digest, m.Tag), clockTime(m.At))
	}
	return fmt.Sprintf("the %s %s at %s", cmp.Or(m.Kind, "release"), m.Release, clockTime(m.At))
}

func clockTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// ShortImage returns an image as people read it: the begin of its digest, and
// its tag.
func ShortImage(digest, tag string) string {
	algorithm, hex, _ := strings.Cut(digest, ":")
	text := algorithm + ":" + hex[:min(len(hex), 12)]
	if tag != "" {
		text += " (" + tag + ")"
	}
	return text
}

// PushReleaseID returns the id of the release that a push becomes. It derives
// from the push, so that whoever is told of it, however often, begins the same
// release. It sorts by the time of the push.
func PushReleaseID(push events.Image) string {
	sum := sha256.Sum256([]byte(push.Digest))
	return releaseID(push.PushedAt, lowerBase32.EncodeToString(sum[:])[:releaseTail])
}

// Newer reports whether an image was pushed after all that was asked of the
// sandbox so far, and is not what it shows.
func (s *Sandbox) Newer(image events.Image) bool {
	verdict, _ := s.judge(image)
	return verdict == events.VerdictDeploy
}
