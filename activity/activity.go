package activity

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// Kind is a way to use a sandbox.
type Kind string

// The ways to use a sandbox.
const (
	Created Kind = "created"
	Changed Kind = "changed"
	Request Kind = "request"
	Pull    Kind = "pull"
	Push    Kind = "push"
	Release Kind = "release"
)

// Use is one use of a sandbox.
type Use struct {
	Kind Kind
	// At is when it was; of requests and pulls, the end of the five minutes (of
	// the hour, when long ago) that it was in, or now when that is not over.
	At time.Time
}

// Later returns the later of two uses.
func (u Use) Later(other Use) Use {
	if other.At.After(u.At) {
		return other
	}
	return u
}

// Late is how late CloudWatch is on AWS: its metrics come within minutes, mostly
// under five.
const Late = 15 * time.Minute

// Activity is what is known of the use of a sandbox.
type Activity struct {
	// Last is its last use: at the earliest, that it was created.
	Last Use
	// Since and Until are what was looked at, [Since, Until): a request or a pull
	// before it, or after it, may not be known.
	Since, Until time.Time
	// Unknown says what could not be found out, each as a phrase that stands
	// alone; empty when everything was.
	Unknown []string
	// Untold says what nobody is told at all, tonight or later, as AWS does not
	// tell who pulls from a public repository.
	Untold []string
}

// Idle reports whether nobody used the sandbox for a time, and why it is or is
// not, as a phrase: "no use since Monday 14:02 (request)". A sandbox of which
// something is unknown is not idle, nor is one that was not looked at as far
// back as the time asks.
func (a Activity) Idle(within time.Duration) (bool, string) {
	switch from := a.Until.Add(-within); {
	case within <= 0:
		return false, "an idle time of 0 is none"
	case len(a.Unknown)+len(a.Untold) > 0:
		return false, "not everything is known: " + strings.Join(slices.Concat(a.Unknown, a.Untold), "; ")
	case a.Last.At.After(from):
		return false, fmt.Sprintf("used %s (%s)", day(a.Last.At), a.Last.Kind)
	case a.Since.After(from):
		return false, fmt.Sprintf("its use before %s was not looked at", day(a.Since))
	}
	return true, fmt.Sprintf("no use since %s (%s)", day(a.Last.At), a.Last.Kind)
}

func day(t time.Time) string { return t.UTC().Format("Monday 2006-01-02 15:04") }

// Subject is a sandbox whose activity is asked for.
type Subject struct {
	Ref sandbox.Ref
	// DistributionID is its distribution's id, "" for none.
	DistributionID string
	// Bucket is its bucket's name, "" for none.
	Bucket string
	// Repository is its private repository's name, and PublicRepository its
	// public one's; "" for none.
	Repository, PublicRepository string
	// Known is what its record tells by itself.
	Known Use
	// InUse is since when a use says enough: of one that was used after it nothing
	// more is asked. Zero is since when is looked at.
	InUse time.Time
}

// Of returns a sandbox as a subject.
func Of(box *sandbox.Sandbox) Subject {
	s := Subject{Ref: box.Ref(), Known: Use{Created, box.CreatedAt}.Later(Use{Changed, box.ChangedAt})}
	made := box.Made()
	if made.Distribution != nil {
		s.DistributionID = made.Distribution.ID
	}
	if made.Bucket != nil {
		s.Bucket = made.Bucket.Name
	}
	switch r := made.Repository; {
	case r == nil:
	case r.Public:
		s.PublicRepository = r.Name
	default:
		s.Repository = r.Name
	}
	newest := Use{Push, box.Newest.At}
	if box.Newest.Release != "" {
		newest.Kind = Release
	}
	s.Known = s.Known.Later(newest)
	return s
}
