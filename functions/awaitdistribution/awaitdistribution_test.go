package awaitdistribution_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/awaitdistribution"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

type world struct {
	clock *steptest.Clock
	store *steptest.Store
	cloud *steptest.CloudFront
	flow  events.Flow
	step  *awaitdistribution.Step
}

func newWorld(phase sandbox.Phase) *world {
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	of.Phase = phase
	w := &world{clock: clock, store: steptest.NewStore(clock.Now, of), cloud: steptest.NewCloudFront(clock.Now, 170*time.Second)}
	w.cloud.Distributions["E1"] = &steptest.Distribution{ID: "E1", ChangedAt: clock.Now(), Config: &types.DistributionConfig{Enabled: aws.Bool(true)}}
	w.flow = events.Flow{Sandbox: of.Event(), Made: events.Made{Distribution: &events.Distribution{ID: "E1", ChangedAt: clock.Now()}}}
	w.step = awaitdistribution.New(w.cloud, w.store.Ledger(), w.store, awaitdistribution.Options{Propagation: 170 * time.Second, GiveUp: time.Hour, Now: clock.Now})
	return w
}

func TestItWaitsUntilDeployedAndRemembersHowLongThatTook(t *testing.T) {
	w := newWorld(sandbox.PhaseProvisioning)
	w.clock.Passed = 165 * time.Second
	got, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	if got.Deployed || got.WaitSeconds != 10 || len(w.store.Log()) != 0 {
		t.Fatalf("returned %+v with events %v", got, w.store.Log())
	}
	w.flow.Made.Distribution = &got
	w.clock.Passed = 175 * time.Second
	got, err = w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	if !got.Deployed || got.WaitSeconds != 0 || got.DomainName != "dE1.cloudfront.net" {
		t.Fatalf("returned %+v", got)
	}
	if log := w.store.Log(); len(log) != 1 || log[0].Message != "distribution E1 has spread, 2m55s after the change" {
		t.Errorf("events %v", log)
	}
	w.flow.Made.Distribution = &got
	_, err = w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	took, err := w.store.Durations(t.Context(), sandbox.DurationPropagation)
	steptest.WantError(t, err, "")
	if len(took) != 1 || took[0] != 175*time.Second {
		t.Errorf("remembers %v", took)
	}
}

func TestThereMayBeNothingToWaitFor(t *testing.T) {
	tests := []struct {
		name  string
		phase sandbox.Phase
		flow  *events.Distribution
		gone  bool
		want  string
	}{
		{"no distribution", sandbox.PhaseDeleting, nil, false, ""},
		{"no id", sandbox.PhaseDeleting, &events.Distribution{}, false, ""},
		{"gone while it is deleted", sandbox.PhaseDeleting, &events.Distribution{ID: "E1"}, true, ""},
		{"gone while it is made", sandbox.PhaseProvisioning, &events.Distribution{ID: "E1"}, true, "NoSuchDistribution"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(tt.phase)
			w.flow.Made.Distribution = tt.flow
			if tt.gone {
				delete(w.cloud.Distributions, "E1")
			}
			got, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, tt.want)
			if tt.want == "" && got != (events.Distribution{Deployed: true}) {
				t.Errorf("returned %+v", got)
			}
		})
	}
}

func TestARemovedSandboxNeedsNoWait(t *testing.T) {
	w := newWorld(sandbox.PhaseDeleting)
	delete(w.cloud.Distributions, "E1")
	steptest.WantError(t, w.store.Remove(t.Context(), sandbox.Ref{ID: w.flow.Sandbox.ID, Name: "docs"}), "")
	got, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	if !got.Deployed {
		t.Fatalf("returned %+v", got)
	}
}

func TestItGivesUp(t *testing.T) {
	w := newWorld(sandbox.PhaseProvisioning)
	w.cloud.Propagation = 100 * time.Hour
	w.clock.Passed = time.Hour
	_, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	w.clock.Passed += time.Second
	_, err = w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "PropagationTimeout")
}

func TestRefusalsKeepTheirNames(t *testing.T) {
	for _, code := range []string{"Throttling", "AccessDenied"} {
		w := newWorld(sandbox.PhaseProvisioning)
		w.cloud.Fail("GetDistribution", steptest.Refusal(code))
		_, err := w.step.Handle(t.Context(), w.flow)
		steptest.WantError(t, err, code)
	}
}
