package sandbox

import (
	"context"
	"time"

	"github.com/mayfly-dev/mayfly/events"
)

// Release is one release of content to a sandbox.
type Release struct {
	ID     string               `json:"id"`
	Source events.ReleaseSource `json:"source"`
	Status ReleaseStatus        `json:"status"`
	// Image is the image that the content is of, a rollback's too; empty for
	// content that was uploaded.
	Image events.Image `json:"image,omitzero"`
	// Rollout is where it goes, and what it made there, when that is not the
	// sandbox's site.
	Rollout *events.Rollout `json:"rollout,omitempty"`
	// Deploy is the execution of the deploy machine that began it for a push;
	// empty for a release by hand.
	Deploy string `json:"deploy,omitempty"`
	// Principal is who asked for it, as the list of releases shows; By is the
	// same for the audit.
	Principal string    `json:"principal,omitempty"`
	By        Actor     `json:"by,omitzero"`
	CreatedAt time.Time `json:"createdAt"`
	EndedAt   time.Time `json:"endedAt,omitzero"`
	Execution string    `json:"execution,omitempty"`
	// Files and Bytes are the size of the whole site; Written and Removed count
	// the objects that this release changed.
	Files   int   `json:"files"`
	Bytes   int64 `json:"bytes"`
	Written int   `json:"written"`
	Removed int   `json:"removed"`
	// ManifestBucket and ManifestKey are where its manifest is.
	ManifestBucket string          `json:"manifestBucket,omitempty"`
	ManifestKey    string          `json:"manifestKey,omitempty"`
	Failure        *events.Failure `json:"failure,omitempty"`
}

// Pushed reports whether a push began r.
func (r *Release) Pushed() bool { return r.Deploy != "" }

// beginning returns ctx with whoever asked for r.
func (r *Release) beginning(ctx context.Context) context.Context {
	if r.By.Principal == "" {
		return ctx
	}
	return As(ctx, r.By)
}

// ending returns ctx with whoever asked for r: its end is theirs, whoever
// happens to write it down, and r's execution made it.
func (r *Release) ending(ctx context.Context) context.Context {
	who := Actor{Principal: r.By.Principal, Trigger: r.By.Trigger}
	if who.Principal == "" {
		who.Principal = r.Principal // begun before releases had it
	}
	if who.Trigger == "" {
		who.Trigger = r.Execution
	}
	return As(ctx, who)
}

// Event returns the part of r that flows carry.
func (r *Release) Event() events.Release {
	return events.Release{ID: r.ID, Source: r.Source, Image: r.Image, Rollout: r.Rollout}
}

// ReleaseStatus is how far a release is.
type ReleaseStatus string

// The statuses of a release. A live release that another one followed stays
// live in the list: the sandbox's LiveRelease says which one is shown.
const (
	ReleaseRunning ReleaseStatus = "running"
	ReleaseLive    ReleaseStatus = "live"
	ReleaseFailed  ReleaseStatus = "failed"
)
