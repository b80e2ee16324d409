package enabledistribution_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/enabledistribution"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

type world struct {
	clock *steptest.Clock
	store *steptest.Store
	cloud *steptest.CloudFront
	flow  events.Flow
	step  *enabledistribution.Step
}

// newWorld holds a sandbox whose distribution was disabled a day ago.
func newWorld(phase sandbox.Phase) *world {
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	of.Phase = phase
	w := &world{clock: clock, store: steptest.NewStore(clock.Now, of), cloud: steptest.NewCloudFront(clock.Now, 170*time.Second)}
	w.cloud.Distributions["E1"] = &steptest.Distribution{ID: "E1", ETag: "T1", ChangedAt: clock.Now(), Config: &types.DistributionConfig{
		Enabled: aws.Bool(false), CallerReference: aws.String("mayfly-abcdefgh23-distribution"), WebACLId: aws.String("acl"),
	}}
	clock.Passed = 24 * time.Hour
	w.flow = events.Flow{Sandbox: of.Event(), Made: events.Made{Distribution: &events.Distribution{ID: "E1"}}}
	w.step = enabledistribution.New(w.cloud, w.store.Ledger(), w.store, enabledistribution.Options{Propagation: 170 * time.Second, Now: clock.Now})
	return w
}

func TestTheDistributionIsEnabledOnce(t *testing.T) {
	for name, tc := range map[string]struct {
		fault func(*world)
		first string
	}{
		"at the first try":                 {func(*world) {}, ""},
		"after the reply was lost":         {func(w *world) { w.cloud.LoseReply("UpdateDistribution") }, "NetworkError"},
		"after the store's reply was lost": {func(w *world) { w.store.LoseReply("Update") }, "NetworkError"},
		"after somebody else changed it": {func(w *world) {
			w.cloud.Fail("UpdateDistribution", steptest.Refusal("PreconditionFailed"))
		}, "PreconditionFailed"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(sandbox.PhaseUpdating)
			tc.fault(w)
			_, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, tc.first)
			got, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, "")
			d := w.cloud.Distributions["E1"]
			if !*d.Config.Enabled || *d.Config.WebACLId != "acl" || got.Deployed || got.WaitSeconds != 165 || !got.ChangedAt.Equal(d.ChangedAt) {
				t.Fatalf("returned %+v", got)
			}
			w.clock.Passed += 170 * time.Second
			changed := d.ChangedAt
			got, err = w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, "")
			if !got.Deployed || got.WaitSeconds != 0 || !w.cloud.Distributions["E1"].ChangedAt.Equal(changed) {
				t.Errorf("returned %+v", got)
			}
		})
	}
}

func TestWhatMustNotServeStaysDisabled(t *testing.T) {
	for name, tc := range map[string]struct {
		alter func(*world)
		fails string
	}{
		"another's": {func(w *world) { w.cloud.Distributions["E1"].Config.CallerReference = aws.String("another's") }, "NotOurs"},
		"a sandbox that is deleted": {func(w *world) {
			_, _ = w.store.Update(t.Context(), sandbox.RefOf(w.flow.Sandbox), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
				s.Phase = sandbox.PhaseDeleting
				return nil, nil
			})
		}, "SandboxDeleting"},
		"a refused change":       {func(w *world) { w.cloud.Fail("UpdateDistribution", steptest.Refusal("AccessDenied")) }, "AccessDenied"},
		"without a distribution": {func(w *world) { w.flow.Made.Distribution = nil }, "Unclassified"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(sandbox.PhaseUpdating)
			tc.alter(w)
			_, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, tc.fails)
			if *w.cloud.Distributions["E1"].Config.Enabled {
				t.Error("it was enabled")
			}
		})
	}
	w := newWorld(sandbox.PhaseUpdating)
	delete(w.cloud.Distributions, "E1")
	_, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "NoSuchDistribution")
}
