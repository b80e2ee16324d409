package invalidate_test

import (
	"slices"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/invalidate"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/releasetest"
	"github.com/mayfly-dev/mayfly/release/s3store"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func prepared(t *testing.T, distribution sandbox.Status) (*releasetest.S3, *releasetest.Store, *releasetest.CloudFront, events.ReleaseFlow) {
	t.Helper()
	client := &releasetest.S3{}
	client.CreateBucket("uploads")
	plan := release.Plan{
		PlanHeader: release.PlanHeader{SandboxID: "id", Release: "r"},
		Entries:    []release.PlanEntry{{Object: release.Object{Path: "index.html"}, Write: true}, {Object: release.Object{Path: "same.css"}}},
		Remove:     []string{"old.css"},
	}
	if err := s3store.PutPlan(t.Context(), client, "uploads", plan); err != nil {
		t.Fatal(err)
	}
	box := sandbox.Sandbox{ID: "id", Name: "shop", Phase: sandbox.PhaseUpdating, ActiveRelease: "r"}
	if distribution != "" {
		box.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindDistribution: {Kind: sandbox.KindDistribution, ID: "E1", Status: distribution}}
	}
	cdn := &releasetest.CloudFront{DistributionID: "E1", Now: time.Now, Takes: time.Hour}
	return client, releasetest.NewStore(box), cdn, events.ReleaseFlow{
		Sandbox: events.Sandbox{ID: "id", Name: "shop", Spec: events.Spec{IndexDocument: "index.html"}}, Release: events.Release{ID: "r"},
		Plan: &events.ReleasePlan{Bucket: "uploads", Key: release.PlanKey("id", "r"), Changed: true},
	}
}

func TestWhatChangedIsInvalidatedOnce(t *testing.T) {
	client, store, cdn, flow := prepared(t, sandbox.StatusMade)
	step := invalidate.New(client, cdn, store, 10*time.Second, time.Now)
	var ids []string
	for range 2 {
		out, err := step.Handle(t.Context(), flow)
		if err != nil || out.Settled || out.DistributionID != "E1" || out.Seconds != 10 {
			t.Fatalf("%+v, %v", out, err)
		}
		ids = append(ids, out.ID)
	}
	if len(cdn.Made) != 1 || ids[0] == "" || ids[0] != ids[1] {
		t.Errorf("%d invalidations: %q", len(cdn.Made), ids)
	}
	if paths := cdn.Paths()[0]; !slices.Equal(paths, []string{"/", "/index.html", "/old.css"}) {
		t.Errorf("paths: %q", paths)
	}
}

func TestThePlansHeaderSaysWhatIsToBeInvalidated(t *testing.T) {
	client, store, cdn, flow := prepared(t, sandbox.StatusMade)
	plan := release.Plan{
		PlanHeader: release.PlanHeader{SandboxID: "id", Release: "r", Invalidate: []string{"/a", "/b/"}},
		Entries:    []release.PlanEntry{{Object: release.Object{Path: "index.html"}, Write: true}},
	}
	if err := s3store.PutPlan(t.Context(), client, "uploads", plan); err != nil {
		t.Fatal(err)
	}
	if _, err := invalidate.New(client, cdn, store, 10*time.Second, time.Now).Handle(t.Context(), flow); err != nil {
		t.Fatal(err)
	}
	if paths := cdn.Paths()[0]; !slices.Equal(paths, []string{"/a", "/b/"}) {
		t.Errorf("paths: %q", paths)
	}
}

func TestThereMayBeNothingToWaitFor(t *testing.T) {
	for name, change := range map[string]func(*events.ReleaseFlow, *releasetest.CloudFront) sandbox.Status{
		"no distribution":                 func(*events.ReleaseFlow, *releasetest.CloudFront) sandbox.Status { return "" },
		"a distribution that is not made": func(*events.ReleaseFlow, *releasetest.CloudFront) sandbox.Status { return sandbox.StatusIntended },
		"no change": func(f *events.ReleaseFlow, _ *releasetest.CloudFront) sandbox.Status {
			f.Plan.Changed = false
			return sandbox.StatusMade
		},
		"a distribution that is gone": func(_ *events.ReleaseFlow, c *releasetest.CloudFront) sandbox.Status {
			c.DistributionID = "E2"
			return sandbox.StatusMade
		},
		"an invalidation that is complete": func(_ *events.ReleaseFlow, c *releasetest.CloudFront) sandbox.Status {
			c.Takes = 0
			return sandbox.StatusMade
		},
	} {
		var probe events.ReleaseFlow
		probe.Plan = &events.ReleasePlan{}
		status := change(&probe, &releasetest.CloudFront{})
		client, store, cdn, flow := prepared(t, status)
		change(&flow, cdn)
		out, err := invalidate.New(client, cdn, store, 10*time.Second, time.Now).Handle(t.Context(), flow)
		if err != nil || !out.Settled {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
}

func TestErrorsKeepTheirNames(t *testing.T) {
	for _, code := range []string{"TooManyInvalidationsInProgress", "Throttling", "AccessDenied"} {
		client, store, cdn, flow := prepared(t, sandbox.StatusMade)
		cdn.Fail = func(string) error { return releasetest.Error(code) }
		if _, err := invalidate.New(client, cdn, store, 10*time.Second, time.Now).Handle(t.Context(), flow); awserr.Name(err) != code {
			t.Errorf("%s: %v", code, err)
		}
	}
}
