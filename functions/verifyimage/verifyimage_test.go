package verifyimage_test

import (
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/verifyimage"
	"github.com/mayfly-dev/mayfly/metric"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const digest = "sha256:3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8550"

// world is a repository with one image, pushed 1.25 s after the tests' Start
// under the tag v1, an hour ago.
type world struct {
	clock *steptest.Clock
	store *steptest.Store
	ecr   *steptest.ECR
	flow  events.DeployFlow
}

func newWorld() *world {
	clock := &steptest.Clock{Passed: time.Hour}
	of := steptest.New(clock.Now())
	w := &world{clock: clock, store: steptest.NewStore(clock.Now, of), ecr: steptest.NewECR(clock.Now)}
	w.ecr.Push("docs", digest, "v1", steptest.Start.Add(1250*time.Millisecond))
	event := of.Event()
	w.flow.Resolved = &events.Resolved{Verdict: events.VerdictDeploy, Sandbox: &event}
	w.flow.Time = steptest.Start.Add(time.Second)
	w.flow.Detail = events.ECRImageDetail{RepositoryName: "docs", ImageDigest: digest, ImageTag: "v1"}
	return w
}

func (w *world) run(t *testing.T, want string) events.Verified {
	t.Helper()
	got, err := verifyimage.New(w.ecr, w.store, w.clock.Now).Handle(t.Context(), w.flow)
	steptest.WantError(t, err, want)
	return got
}

func TestAnImageIsVerifiedWithTheTimeOfItsPush(t *testing.T) {
	for name, tt := range map[string]struct{ told, want time.Duration }{
		"told in whole seconds":              {time.Second, 1250 * time.Millisecond},
		"pushed again, under another tag":    {10 * time.Minute, 10 * time.Minute},
		"told from the future":               {24 * time.Hour, time.Hour},
		"told without a time":                {-1000 * time.Hour, 1250 * time.Millisecond},
		"told of a push before the last one": {0, 1250 * time.Millisecond},
	} {
		w := newWorld()
		w.flow.Time = steptest.Start.Add(tt.told)
		got := w.run(t, "")
		if want := (events.Image{Repository: "docs", Digest: digest, Tag: "v1", PushedAt: steptest.Start.Add(tt.want)}); got.Verdict != events.VerdictDeploy || got.Image != want {
			t.Errorf("%s: verified %+v, want %+v", name, got, want)
		}
		if log := w.store.Log(); len(log) != 0 {
			t.Errorf("%s: noted %+v", name, log)
		}
	}
}

func TestWhatIsNotThereIsNotDeployed(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*world)
		want   events.Verdict
		says   string
	}{
		"a forged digest":      {func(w *world) { w.flow.Detail.ImageDigest = strings.Replace(digest, "3", "4", 1) }, events.VerdictNoSuchImage, "no such image"},
		"what is no digest":    {func(w *world) { w.flow.Detail.ImageDigest = "sha256:7f5b2640fe6f" }, events.VerdictNoSuchImage, "its digest is none"},
		"another algorithm":    {func(w *world) { w.flow.Detail.ImageDigest = "md5:" + digest[7:] }, events.VerdictNoSuchImage, "its digest is none"},
		"a repository gone":    {func(w *world) { delete(w.ecr.Repositories, "docs") }, events.VerdictNoSuchImage, "is gone"},
		"a tag that has moved": {func(w *world) { w.ecr.Push("docs", strings.Replace(digest, "3", "4", 1), "v1", w.clock.Now()) }, events.VerdictTagMoved, "tag v1 is not on it any more"},
		"a tag it never had":   {func(w *world) { w.flow.Detail.ImageTag = "v2" }, events.VerdictTagMoved, "tag v2"},
	} {
		w := newWorld()
		tt.change(w)
		if got := w.run(t, ""); got.Verdict != tt.want || !strings.Contains(got.Reason, tt.says) {
			t.Errorf("%s: %+v, want %s", name, got, tt.want)
		}
		if log := w.store.Log(); len(log) != 1 || log[0].Type != sandbox.EventImage || !strings.Contains(log[0].Message, tt.says) {
			t.Errorf("%s: noted %+v", name, log)
		}
	}
}

func TestRefusalsKeepTheirNames(t *testing.T) {
	w := newWorld()
	w.ecr.Fail("DescribeImages", steptest.Refusal("AccessDeniedException"))
	w.run(t, "AccessDeniedException")
	w.flow.Detail.ImageTag = "v2"
	w.store.Fail("Update", steptest.Refusal("ThrottlingException"))
	w.run(t, "ThrottlingException")
	steptest.WantError(t, w.store.Remove(t.Context(), sandbox.RefOf(*w.flow.Resolved.Sandbox)), "")
	w.run(t, "") // there is nobody to tell
	w.flow.Resolved = nil
	w.run(t, "Unclassified")
}

func TestTheSizeOfAnImageIsMeasured(t *testing.T) {
	w, measured := newWorld(), &metric.Set{}
	w.ecr.Repositories["docs"].Images[0].Size = 1 << 20
	if _, err := verifyimage.New(w.ecr, w.store, w.clock.Now).Handle(metric.With(t.Context(), measured), w.flow); err != nil {
		t.Fatal(err)
	}
	if got := steptest.Measured(measured)["docs ImageBytes"]; got != 1<<20 {
		t.Errorf("measured %g bytes", got)
	}
}
