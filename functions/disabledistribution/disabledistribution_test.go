package disabledistribution_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/disabledistribution"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

type world struct {
	clock *steptest.Clock
	store *steptest.Store
	cloud *steptest.CloudFront
	flow  events.Flow
	step  *disabledistribution.Step
}

func newWorld() *world {
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	of.Phase = sandbox.PhaseDeleting
	of.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindDistribution: {Kind: sandbox.KindDistribution, ID: "E1", Status: sandbox.StatusMade}}
	w := &world{clock: clock, store: steptest.NewStore(clock.Now, of), cloud: steptest.NewCloudFront(clock.Now, 170*time.Second)}
	w.cloud.Distributions["E1"] = &steptest.Distribution{ID: "E1", ETag: "T1", ChangedAt: clock.Now(), Config: &types.DistributionConfig{
		Enabled: aws.Bool(true), CallerReference: aws.String("mayfly-abcdefgh23-distribution"),
	}}
	clock.Passed = 24 * time.Hour
	w.flow = events.Flow{Sandbox: of.Event(), Made: events.Made{Distribution: &events.Distribution{ID: "E1"}}}
	w.step = disabledistribution.New(w.cloud, w.store.Ledger(), w.store, disabledistribution.Options{Propagation: 170 * time.Second, GiveUp: time.Hour, Now: clock.Now})
	return w
}

func TestTheDistributionIsDisabledOnce(t *testing.T) {
	tests := []struct {
		name  string
		fault func(*world)
		first string
	}{
		{"at the first try", func(*world) {}, ""},
		{"after the reply was lost", func(w *world) { w.cloud.LoseReply("UpdateDistribution") }, "NetworkError"},
		{"after the store's reply was lost", func(w *world) { w.store.LoseReply("Update") }, "NetworkError"},
		{"after somebody else changed it", func(w *world) {
			w.cloud.Fail("UpdateDistribution", steptest.Refusal("PreconditionFailed"))
		}, "PreconditionFailed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld()
			tt.fault(w)
			_, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, tt.first)
			w.clock.Passed += 10 * time.Second
			got, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, "")
			d := w.cloud.Distributions["E1"]
			want := 155 // what is left of the first wait
			if tt.first == "PreconditionFailed" {
				want = 165
			}
			if *d.Config.Enabled || got.Deployed || got.WaitSeconds != want || !got.ChangedAt.Equal(d.ChangedAt) {
				t.Fatalf("returned %+v", got)
			}
			record, err := w.store.Get(t.Context(), "docs")
			steptest.WantError(t, err, "")
			if waits := record.Waiting; waits.For != "distribution E1 to stop serving everywhere" || !waits.Since.Equal(d.ChangedAt) || waits.Duration != sandbox.DurationPropagation {
				t.Errorf("the record says that it waits for %+v", waits)
			}
			w.clock.Passed += 170 * time.Second
			got, err = w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, "")
			if !got.Deployed || got.WaitSeconds != 0 {
				t.Errorf("returned %+v", got)
			}
		})
	}
}

func TestWhatIsNotThereIsDoneAndOutOfTheLedger(t *testing.T) {
	for name, alter := range map[string]func(*world){
		"no distribution":   func(w *world) { w.flow.Made.Distribution = nil },
		"gone before":       func(w *world) { delete(w.cloud.Distributions, "E1") },
		"gone in between":   func(w *world) { w.cloud.Fail("UpdateDistribution", steptest.Refusal("NoSuchDistribution")) },
		"the sandbox, too ": func(w *world) { w.flow.Made.Distribution = nil; w.flow.Sandbox.ID = "successor2" },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			alter(w)
			got, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, "")
			if got != (events.Distribution{Deployed: true}) {
				t.Errorf("returned %+v", got)
			}
			if w.flow.Sandbox.ID == "abcdefgh23" {
				w.store.WantLine(t, "docs", sandbox.KindDistribution, "", "")
			}
		})
	}
}

func TestWhatIsNotTheSandboxsIsLeftAlone(t *testing.T) {
	w := newWorld()
	w.cloud.Distributions["E1"].Config.CallerReference = aws.String("another's")
	_, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "NotOurs")
	if !*w.cloud.Distributions["E1"].Config.Enabled {
		t.Fatal("it was disabled")
	}
}

func TestAWaitThatAnEarlierFlowGaveUpBeginsAnew(t *testing.T) {
	w := newWorld()
	w.cloud.Propagation = 100 * time.Hour
	w.cloud.Distributions["E1"].Config.Enabled = aws.Bool(false)
	got, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	if got.Deployed || !got.ChangedAt.Equal(w.clock.Now()) {
		t.Fatalf("returned %+v", got)
	}
}

// TestAClockThatLagsWaitsNoLonger: that CloudFront tells a change that is yet to
// come by this clock, as it does when the clocks differ, is not waited for.
func TestAClockThatLagsWaitsNoLonger(t *testing.T) {
	w := newWorld()
	if _, err := w.step.Handle(t.Context(), w.flow); err != nil {
		t.Fatal(err)
	}
	w.clock.Passed -= time.Hour
	got, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	if want := 165; got.Deployed || got.WaitSeconds != want {
		t.Errorf("waits %d seconds, want the whole first wait of %d: %+v", got.WaitSeconds, want, got)
	}
}
