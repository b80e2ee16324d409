package createdistribution_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/createdistribution"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const create = "CreateDistributionWithTags"

type world struct {
	clock *steptest.Clock
	store *steptest.Store
	cloud *steptest.CloudFront
	flow  events.Flow
	step  *createdistribution.Step
}

func newWorld(t *testing.T, propagation time.Duration) *world {
	t.Helper()
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	w := &world{clock: clock, store: steptest.NewStore(clock.Now, of), cloud: steptest.NewCloudFront(clock.Now, propagation)}
	w.cloud.Identities["I1"] = &steptest.Identity{ID: "I1"}
	w.flow = events.Flow{Sandbox: of.Event(), Made: events.Made{
		Bucket:       &events.Bucket{Name: "mayfly-docs-abcdefgh23", Region: "us-east-1"},
		OriginAccess: &events.AccessHandle{Kind: events.OriginAccessIdentity, ID: "I1"},
	}}
	w.step = createdistribution.New(w.cloud, w.store.Ledger(), w.store, createdistribution.Options{
		FolderURLs: "arn:aws:cloudfront::000000000000:function/mayfly-folder-urls", Propagation: 170 * time.Second, Now: clock.Now,
	})
	return w
}

func TestOneDistributionIsMadeAndItsDomainNameKnownAtOnce(t *testing.T) {
	tests := []struct {
		name  string
		fault func(*world)
		first string
	}{
		{"at the first try", func(*world) {}, ""},
		{"after CloudFront's reply was lost", func(w *world) { w.cloud.LoseReply(create) }, "NetworkError"},
		{"after the store's reply was lost", func(w *world) { w.store.LoseReply("Update") }, "NetworkError"},
		{"once CloudFront knows the identity", func(w *world) {
			w.cloud.Fail(create, steptest.Refusal("InvalidOriginAccessIdentity"))
		}, "InvalidOriginAccessIdentity"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, 170*time.Second)
			tt.fault(w)
			_, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, tt.first)
			w.clock.Passed = 5 * time.Second
			got, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, "")
			if len(w.cloud.Distributions) != 1 {
				t.Fatalf("%d distributions", len(w.cloud.Distributions))
			}
			d := w.cloud.Distributions[got.ID]
			want := events.Distribution{
				ID: d.ID, ARN: "arn:aws:cloudfront::000000000000:distribution/" + d.ID, DomainName: "d" + d.ID + ".cloudfront.net",
				ChangedAt: d.ChangedAt, WaitSeconds: 165,
			}
			if got != want {
				t.Errorf("returned %+v, want %+v", got, want)
			}
			if len(d.Tags) != 3 {
				t.Errorf("tags %v", d.Tags)
			}
			w.store.WantLine(t, "docs", sandbox.KindDistribution, sandbox.StatusMade, d.ID)
			record, err := w.store.Get(t.Context(), "docs")
			steptest.WantError(t, err, "")
			if line := record.Resources[sandbox.KindDistribution]; line.DomainName != want.DomainName || line.ARN != want.ARN {
				t.Errorf("the ledger has %+v", line)
			}
		})
	}
}

func TestWhatIsAlreadyThereWithAnotherConfigurationIsAdopted(t *testing.T) {
	w := newWorld(t, time.Minute)
	first, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	// Others with our comment, which anybody could write, and more than a page.
	w.cloud.PageSize = 1
	for _, id := range []string{"A1", "A2"} {
		other := *w.cloud.Distributions[first.ID]
		config := *other.Config
		reference := "somebody's " + id
		config.CallerReference = &reference
		w.cloud.Distributions[id] = &steptest.Distribution{ID: id, Config: &config}
	}
	w.flow.Sandbox.Spec.PriceClass = "PriceClass_All"
	got, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	if got.ID != first.ID || len(w.cloud.Distributions) != 3 || w.cloud.Count("ListDistributions") != 3 {
		t.Fatalf("returned %s after %d pages, want %s", got.ID, w.cloud.Count("ListDistributions"), first.ID)
	}
}

func TestADistributionThatIsDeployedAlreadyNeedsNoWait(t *testing.T) {
	got, err := newWorld(t, 0).step.Handle(t.Context(), newWorld(t, 0).flow)
	steptest.WantError(t, err, "")
	if !got.Deployed || got.WaitSeconds != 0 {
		t.Fatalf("returned %+v", got)
	}
}

func TestTheFirstWaitIsLearntFromThePast(t *testing.T) {
	w := newWorld(t, time.Hour)
	for range 4 {
		steptest.WantError(t, w.store.AddDuration(t.Context(), sandbox.DurationPropagation, 100*time.Second, w.clock.Now()), "")
	}
	got, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	if got.WaitSeconds != 95 {
		t.Fatalf("waits %d s, want 95", got.WaitSeconds)
	}
}

func TestRefusalsKeepTheirNames(t *testing.T) {
	for code, says := range map[string]string{
		"TooManyDistributions":      "quota (500 by default)",
		"InvalidOrigin":             "sandbox docs",
		"DistributionAlreadyExists": "sandbox docs", // and is in no list
	} {
		t.Run(code, func(t *testing.T) {
			w := newWorld(t, 0)
			w.cloud.Fail(create, steptest.Refusal(code))
			_, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, code)
			if !strings.Contains(err.Error(), says) {
				t.Errorf("%v does not say %q", err, says)
			}
			w.store.WantLine(t, "docs", sandbox.KindDistribution, sandbox.StatusIntended, "")
		})
	}
}
