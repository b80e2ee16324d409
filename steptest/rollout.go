package steptest

import (
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// ServiceImage is the image that the release of BeginRollout brings, and
// ServiceURI where it is pulled from.
var (
	ServiceImage = events.Image{Repository: "docs", Digest: "sha256:1", Tag: "v1"}
	ServiceURI   = "localhost:4566/docs@sha256:1"
)

// NewService returns the sandbox docs, ready, whose releases go to a
// destination.
func NewService(to events.DeploySpec) sandbox.Sandbox {
	box := New(Start)
	box.Phase, box.Spec = sandbox.PhaseReady, sandbox.Defaults(events.Spec{Deploy: to})
	box.Resources = map[sandbox.Kind]sandbox.Resource{
		sandbox.KindRepository: {Kind: sandbox.KindRepository, ID: "docs", URI: "localhost:4566/docs", Status: sandbox.StatusMade},
	}
	return box
}

// BeginRollout begins release r-1 of such a sandbox, changed first, and
// returns what the rollout machine is started with.
func BeginRollout(t *testing.T, now func() time.Time, to events.DeploySpec, change func(*events.Rollout)) (*Store, events.RolloutFlow) {
	t.Helper()
	box := NewService(to)
	store := NewStore(now, box)
	r := sandbox.Release{ID: "r-1", CreatedAt: Start, Image: ServiceImage, Rollout: sandbox.RolloutTo(box.Spec.Deploy)}
	change(r.Rollout)
	WantError(t, sandbox.BeginRelease(t.Context(), store, box.Ref(), r), "")
	return store, events.RolloutFlow{Sandbox: box.Event(), Release: r.Event()}
}

// Rollout returns what the record of release r-1 says that was made.
func (s *Store) Rollout(t *testing.T) events.Rollout {
	t.Helper()
	r, err := s.GetRelease(t.Context(), sandbox.Ref{}, "r-1")
	WantError(t, err, "")
	return *r.Rollout
}
