package awaitinvalidation_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/awaitinvalidation"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/releasetest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

type world struct {
	store *releasetest.Store
	cdn   *releasetest.CloudFront
	now   time.Time
	step  *awaitinvalidation.Step
	flow  events.ReleaseFlow
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	w.cdn = &releasetest.CloudFront{DistributionID: "E1", Now: clock, Takes: 20 * time.Second}
	w.store = releasetest.NewStore(sandbox.Sandbox{ID: "id", Name: "shop", Phase: sandbox.PhaseUpdating, ActiveRelease: "r"})
	w.step = awaitinvalidation.New(w.cdn, w.store, 10*time.Second, clock)
	made, err := w.cdn.CreateInvalidation(t.Context(), &cloudfront.CreateInvalidationInput{
		DistributionId:    aws.String("E1"),
		InvalidationBatch: &types.InvalidationBatch{CallerReference: aws.String("ref"), Paths: &types.Paths{Quantity: aws.Int32(1), Items: []string{"/*"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.flow = events.ReleaseFlow{
		Sandbox: events.Sandbox{ID: "id", Name: "shop"}, Release: events.Release{ID: "r"},
		Invalidation: &events.Invalidation{DistributionID: "E1", ID: *made.Invalidation.Id},
	}
	return w
}

func TestAnInvalidationIsWaitedForByWhatWasLearnt(t *testing.T) {
	w := newWorld(t)
	for _, want := range []struct {
		at, seconds int
		settled     bool
	}{{0, 10, false}, {10, 2, false}, {12, 2, false}, {19, 3, false}, {22, 0, true}} {
		w.now = time.Date(2026, 11, 1, 0, 0, want.at, 0, time.UTC)
		out, err := w.step.Handle(t.Context(), w.flow)
		if err != nil || out.Settled != want.settled || out.Seconds != want.seconds || out.DistributionID != "E1" {
			t.Errorf("after %d s: %+v, %v", want.at, out, err)
		}
	}
	if took := w.store.Remembers[release.DurationInvalidation]; len(took) != 1 || took[0] != 22*time.Second {
		t.Errorf("remembered: %v", took)
	}
}

func TestWhatIsGoneIsSettled(t *testing.T) {
	for name, change := range map[string]func(*world){
		"no invalidation":      func(w *world) { w.flow.Invalidation = nil },
		"without id":           func(w *world) { w.flow.Invalidation.ID = "" },
		"an unknown one":       func(w *world) { w.flow.Invalidation.ID = "I0" },
		"without distribution": func(w *world) { w.cdn.DistributionID = "E2" },
	} {
		w := newWorld(t)
		change(w)
		if out, err := w.step.Handle(t.Context(), w.flow); err != nil || !out.Settled {
			t.Errorf("%s: %+v, %v", name, out, err)
		}
	}
}

func TestErrorsKeepTheirNames(t *testing.T) {
	w := newWorld(t)
	w.cdn.Fail = func(string) error { return releasetest.Error("Throttling") }
	if _, err := w.step.Handle(t.Context(), w.flow); awserr.Name(err) != "Throttling" {
		t.Errorf("error %v", err)
	}
}
