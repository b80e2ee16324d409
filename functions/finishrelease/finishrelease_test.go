package finishrelease_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/finishrelease"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/releasetest"
	"github.com/mayfly-dev/mayfly/release/s3store"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func prepared(t *testing.T) (*releasetest.S3, *releasetest.Store, events.ReleaseFlow) {
	t.Helper()
	client := &releasetest.S3{}
	client.CreateBucket("uploads")
	client.CreateBucket("site")
	store := releasetest.NewStore(sandbox.Sandbox{ID: "id", Name: "shop", Phase: sandbox.PhaseUpdating, ActiveRelease: "r", LiveRelease: "q"})
	ref := sandbox.Ref{ID: "id", Name: "shop"}
	if err := store.PutRelease(t.Context(), ref, sandbox.Release{ID: "r", Status: sandbox.ReleaseRunning}); err != nil {
		t.Fatal(err)
	}
	return client, store, events.ReleaseFlow{
		Sandbox: events.Sandbox{ID: "id", Name: "shop"},
		Release: events.Release{ID: "r", Source: events.ReleaseSource{Kind: events.SourceRollback, ReleaseID: "p"}},
	}
}

func TestTheReasonOfAFailureIsReadable(t *testing.T) {
	for _, c := range []struct {
		failure     *events.Failure
		name, cause string
	}{
		{&events.Failure{Error: "BadContent", Cause: `{"errorMessage":"entry \"a\" is a link","errorType":"BadContent"}`}, "BadContent", `entry "a" is a link`},
		{&events.Failure{Error: "States.Timeout", Cause: "it took too long"}, "States.Timeout", "it took too long"},
		{&events.Failure{Error: "X", Cause: `{"other":1}`}, "X", `{"other":1}`},
		{nil, "Unclassified", "without a reason"},
	} {
		client, store, flow := prepared(t)
		flow.Error = c.failure
		out, err := finishrelease.New(client, store, "uploads", time.Now).Handle(t.Context(), events.FinishRelease{Flow: flow})
		r, got := store.GetRelease(t.Context(), sandbox.Ref{}, "r")
		if err != nil || got != nil || out.Phase != "ready" || r.Status != sandbox.ReleaseFailed || r.Failure.Error != c.name || !strings.Contains(r.Failure.Cause, c.cause) {
			t.Errorf("%+v: %v, %+v", c.failure, err, r.Failure)
		}
	}
}

func TestALiveReleaseWhoseObjectIsMissingIsNotLive(t *testing.T) {
	client, store, flow := prepared(t)
	plan := release.Plan{
		PlanHeader: release.PlanHeader{SandboxID: "id", Release: "r", Bucket: "site"},
		Entries:    []release.PlanEntry{{Object: release.Object{Path: "index.html"}, Write: true, Pass: events.PassPages}},
	}
	if err := s3store.PutPlan(t.Context(), client, "uploads", plan); err != nil {
		t.Fatal(err)
	}
	flow.Plan = &events.ReleasePlan{Bucket: "uploads", Key: release.PlanKey("id", "r")}
	_, err := finishrelease.New(client, store, "uploads", time.Now).Handle(t.Context(), events.FinishRelease{Live: true, Flow: flow})
	if err == nil || !strings.Contains(err.Error(), "index.html") {
		t.Errorf("error %v", err)
	}
	box, got := store.Get(t.Context(), "shop")
	if got != nil || box.LiveRelease != "q" || box.ActiveRelease != "r" {
		t.Errorf("sandbox %+v", box)
	}
}
