package updatedistribution_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/mayfly-dev/mayfly/distribution"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/updatedistribution"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const function = "arn:aws:cloudfront::000000000000:function/mayfly-folder-urls"

type world struct {
	clock *steptest.Clock
	store *steptest.Store
	cloud *steptest.CloudFront
	flow  events.Flow
	step  *updatedistribution.Step
}

// newWorld holds a sandbox whose distribution was deployed long ago.
func newWorld(phase sandbox.Phase) *world {
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	of.Phase = phase
	w := &world{clock: clock, store: steptest.NewStore(clock.Now, of), cloud: steptest.NewCloudFront(clock.Now, 170*time.Second)}
	w.cloud.Distributions["E1"] = &steptest.Distribution{ID: "E1", ETag: "T1", ChangedAt: clock.Now(), Config: distribution.Config(distribution.Site{
		Sandbox: of.Event(), Bucket: events.Bucket{Name: "b", Region: "us-east-1"}, Access: events.AccessHandle{Kind: events.OriginAccessIdentity, ID: "I1"}, FolderURLs: function,
	})}
	clock.Passed = 24 * time.Hour
	w.flow = events.Flow{Sandbox: of.Event(), Made: events.Made{Distribution: &events.Distribution{ID: "E1", ChangedAt: steptest.Start}}}
	w.step = updatedistribution.New(w.cloud, w.store.Ledger(), w.store, updatedistribution.Options{FolderURLs: function, Propagation: 170 * time.Second, Now: clock.Now})
	return w
}

func TestTheDistributionBecomesWhatTheSpecAsksFor(t *testing.T) {
	tests := []struct {
		name  string
		fault func(*world)
		first string
	}{
		{"at the first try", func(*world) {}, ""},
		{"after CloudFront's reply was lost", func(w *world) { w.cloud.LoseReply("UpdateDistribution") }, "NetworkError"},
		{"after the store's reply was lost", func(w *world) { w.store.LoseReply("Update") }, "NetworkError"},
		{"after somebody else changed it meanwhile", func(w *world) {
			w.cloud.Fail("UpdateDistribution", steptest.Refusal("PreconditionFailed"))
		}, "PreconditionFailed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(sandbox.PhaseUpdating)
			w.cloud.Distributions["E1"].Config.WebACLId = aws.String("acl")
			w.flow.Sandbox.Spec.SinglePageApp, w.flow.Sandbox.Spec.ErrorDocument = true, ""
			tt.fault(w)
			_, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, tt.first)
			changed := w.clock.Now()
			w.clock.Passed += 2 * time.Second
			got, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, "")
			config := w.cloud.Distributions["E1"].Config
			if *config.CustomErrorResponses.Items[0].ResponseCode != "200" || len(config.DefaultCacheBehavior.FunctionAssociations.Items) != 0 || *config.WebACLId != "acl" {
				t.Errorf("configuration %+v", config)
			}
			if tt.name == "at the first try" || tt.name == "after CloudFront's reply was lost" {
				// The second run finds the first one's change under way.
				if w.cloud.Count("UpdateDistribution") != 1 || !got.ChangedAt.Equal(changed) {
					t.Errorf("%d updates; changed at %v, want %v", w.cloud.Count("UpdateDistribution"), got.ChangedAt, changed)
				}
			}
			if got.Deployed || got.WaitSeconds != 165 || got.ID != "E1" || got.DomainName == "" {
				t.Errorf("returned %+v", got)
			}
		})
	}
}

func TestASpecThatChangesNothingNeedsNoWait(t *testing.T) {
	w := newWorld(sandbox.PhaseUpdating)
	got, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	if !got.Deployed || got.WaitSeconds != 0 || !got.ChangedAt.IsZero() || w.cloud.Count("UpdateDistribution") != 0 {
		t.Fatalf("returned %+v after %v", got, w.cloud.Calls())
	}
}

func TestWhatIsNotTheSandboxsIsLeftAlone(t *testing.T) {
	w := newWorld(sandbox.PhaseUpdating)
	w.cloud.Distributions["E1"].Config.CallerReference = aws.String("another's")
	w.flow.Sandbox.Spec.IndexDocument = "home.html"
	_, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "NotOurs")
	if w.cloud.Count("UpdateDistribution") != 0 {
		t.Fatal("it was updated")
	}
}

func TestRefusals(t *testing.T) {
	w := newWorld(sandbox.PhaseDeleting)
	_, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "SandboxDeleting")

	w = newWorld(sandbox.PhaseUpdating)
	delete(w.cloud.Distributions, "E1")
	_, err = w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "NoSuchDistribution")

	w.flow.Made.Distribution = nil
	_, err = w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "Unclassified")
}
