package reconciledeploys_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/reconciledeploys"
	"github.com/mayfly-dev/mayfly/metric"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

func digestOf(n int) string { return fmt.Sprintf("sha256:%064x", n) }

func at(minutes int) time.Time { return steptest.Start.Add(time.Duration(minutes) * time.Minute) }

// box is a sandbox that is ready and has a repository.
func box(name string) sandbox.Sandbox {
	s := steptest.New(steptest.Start)
	s.ID, s.Name, s.Phase, s.Spec = name, name, sandbox.PhaseReady, sandbox.Defaults(s.Spec)
	s.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindRepository: {Kind: sandbox.KindRepository, ID: name, Status: sandbox.StatusMade}}
	return s
}

// executions are what Step Functions knows of, by ARN.
type executions map[string]types.ExecutionStatus

func (e executions) DescribeExecution(_ context.Context, in *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	switch status, ok := e[*in.ExecutionArn]; {
	case !ok:
		return nil, steptest.Refusal("ExecutionDoesNotExist")
	case status == "denied":
		return nil, steptest.Refusal("AccessDeniedException")
	default:
		return &sfn.DescribeExecutionOutput{Status: status}, nil
	}
}

func run(t *testing.T, registry *steptest.ECR, store *steptest.Store, page int) (pages []events.MissedPage) {
	t.Helper()
	return runWith(t, registry, executions{"running": types.ExecutionStatusRunning}, store, page)
}

func runWith(t *testing.T, registry *steptest.ECR, known executions, store *steptest.Store, page int) (pages []events.MissedPage) {
	t.Helper()
	clock := &steptest.Clock{Passed: time.Hour}
	step := reconciledeploys.New(registry, known, store, page, clock.Now)
	var flow events.Reconcile
	for {
		out, err := step.Handle(t.Context(), flow)
		steptest.WantError(t, err, "")
		if pages = append(pages, out); out.Done {
			return pages
		}
		flow.Page = &out
	}
}

func TestMissedPushesAreFound(t *testing.T) {
	mark := func(n, minutes int, tag string) func(*sandbox.Sandbox) {
		return func(s *sandbox.Sandbox) {
			s.Newest = sandbox.Mark{At: at(minutes), Digest: digestOf(n), Tag: tag}
			s.LiveImage = events.Image{Repository: "docs", Digest: digestOf(n), Tag: tag}
		}
	}
	for name, tt := range map[string]struct {
		alter func(*sandbox.Sandbox)
		want  string                // TAG=DIGEST@MINUTES
		ended sandbox.ReleaseStatus // how the release of the newest push is, if it is there
	}{
		"nothing was ever deployed":                    {alter: func(*sandbox.Sandbox) {}, want: "v3=3@3"},
		"the newest is live":                           {alter: mark(3, 3, "v3")},
		"an older one is live":                         {alter: mark(2, 2, "v2"), want: "v3=3@3"},
		"the newest with a rule is live":               {alter: func(s *sandbox.Sandbox) { mark(2, 2, "v2")(s); s.Spec.Deploy.Tags = []string{"v2", "v1"} }},
		"a rollback came after it":                     {alter: func(s *sandbox.Sandbox) { s.Newest = sandbox.Mark{At: at(5), Digest: digestOf(1), Release: "r-1"} }},
		"an upload came before it":                     {alter: func(s *sandbox.Sandbox) { s.Newest = sandbox.Mark{At: at(2), Release: "r-1"} }, want: "v3=3@3"},
		"it was taken, and never begun":                {alter: func(s *sandbox.Sandbox) { s.Newest = sandbox.Mark{At: at(3), Digest: digestOf(3), Tag: "v3"} }, want: "v3=3@3"},
		"it was taken at the event's time":             {alter: func(s *sandbox.Sandbox) { s.Newest = sandbox.Mark{At: at(4), Digest: digestOf(3), Tag: "v3"} }, want: "v3=3@4"},
		"the tag of the newest push moved to an older": {alter: mark(4, 10, "main"), want: "main=1@60"},
		"that tag does not deploy any more":            {alter: func(s *sandbox.Sandbox) { mark(4, 10, "main")(s); s.Spec.Deploy.Tags = []string{"v*"} }},
		"a release is under way":                       {alter: func(s *sandbox.Sandbox) { s.ActiveRelease = "r-1" }},
		"it is being deleted":                          {alter: func(s *sandbox.Sandbox) { s.DeleteRequested = true }},
		"it is not ready":                              {alter: func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseProvisioning }},
		"its pushes deploy nothing":                    {alter: func(s *sandbox.Sandbox) { s.Spec.Deploy.Target = events.TargetNone }},
		"its repository is not made":                   {alter: func(s *sandbox.Sandbox) { s.Resources = nil }},
		"its repository is gone": {alter: func(s *sandbox.Sandbox) {
			s.Resources[sandbox.KindRepository] = sandbox.Resource{ID: "gone", Status: sandbox.StatusMade}
		}},
		"its release has ended":           {alter: mark(2, 2, "v2"), ended: sandbox.ReleaseFailed},
		"its release waited for the lock": {alter: mark(2, 2, "v2"), ended: sandbox.ReleaseRunning, want: "v3=3@3"},
	} {
		t.Run(name, func(t *testing.T) {
			s := box("docs")
			tt.alter(&s)
			registry, store := steptest.NewECR(nil), steptest.NewStore((&steptest.Clock{}).Now, s)
			registry.PageSize = 2 // the newest is not on the first page
			for n := range 3 {
				registry.Push("docs", digestOf(n+1), fmt.Sprintf("v%d", n+1), at(n+1))
			}
			registry.Push("docs", digestOf(1), "main", at(9))
			registry.Push("docs", digestOf(9), "", at(9)) // a part of an image
			if s.ActiveRelease != "" {
				running := sandbox.Release{ID: s.ActiveRelease, Status: sandbox.ReleaseRunning, Execution: "running"}
				steptest.WantError(t, store.PutRelease(t.Context(), s.Ref(), running), "")
			}
			if tt.ended != "" {
				ended := sandbox.Release{ID: sandbox.PushReleaseID(events.Image{Digest: digestOf(3), PushedAt: at(3)}), Status: tt.ended}
				steptest.WantError(t, store.PutRelease(t.Context(), s.Ref(), ended), "")
			}
			out := run(t, registry, store, 25)[0]
			var got []string
			for _, missed := range out.Missed {
				d := missed.Event.Detail
				got = append(got, fmt.Sprintf("%s=%d@%g", d.ImageTag, d.ImageDigest[len(d.ImageDigest)-1]-'0', missed.Event.Time.Sub(steptest.Start).Minutes()))
				if missed.Event.Source != events.SourceMissed || d.Result != events.ECRSuccess || d.ActionType != events.ECRPush || d.RepositoryName != "docs" || !strings.HasPrefix(missed.Name, "missed-"+missed.Event.ID) {
					t.Errorf("missed %+v", missed)
				}
			}
			if strings.Join(got, " ") != tt.want || len(out.Troubles) != 0 {
				t.Errorf("missed %v, troubles %v; want %q", got, out.Troubles, tt.want)
			}
		})
	}
}

func TestTheLiveImageIsToBeProtected(t *testing.T) {
	s := box("docs")
	s.Newest, s.LiveImage = sandbox.Mark{At: at(1), Digest: digestOf(1)}, events.Image{Repository: "docs", Digest: digestOf(1)}
	registry, store := steptest.NewECR(nil), steptest.NewStore((&steptest.Clock{}).Now, s)
	registry.Push("docs", digestOf(1), "", at(1)) // without any tag, even
	if out := run(t, registry, store, 25)[0]; len(out.Unprotected) != 1 || out.Unprotected[0].Sandbox.Name != "docs" {
		t.Errorf("unprotected %+v", out.Unprotected)
	}
	registry.Push("docs", digestOf(1), sandbox.LiveTag, at(1))
	if out := run(t, registry, store, 25)[0]; len(out.Unprotected) != 0 || len(out.Missed) != 0 {
		t.Errorf("found %+v", out)
	}
}

func TestOneTroubleDoesNotKeepFromTheOthers(t *testing.T) {
	registry := steptest.NewECR(nil)
	var boxes []sandbox.Sandbox
	for n := range 7 {
		name := fmt.Sprintf("site-%d", n)
		boxes = append(boxes, box(name))
		registry.Push(name, digestOf(n), "v1", at(1))
	}
	store := steptest.NewStore((&steptest.Clock{}).Now, boxes...)
	registry.Pass("DescribeImages", 3)
	registry.Fail("DescribeImages", steptest.Refusal("AccessDeniedException"))
	missed, troubles := 0, []string{}
	pages := run(t, registry, store, 3)
	for _, page := range pages {
		missed += len(page.Missed)
		troubles = append(troubles, page.Troubles...)
	}
	if len(pages) != 3 || missed != 6 || len(troubles) != 1 || !strings.Contains(troubles[0], "site-3") {
		t.Errorf("%d pages, %d missed, troubles %v", len(pages), missed, troubles)
	}
	store.Fail("List", steptest.Refusal("ThrottlingException"))
	_, err := reconciledeploys.New(registry, executions{}, store, 3, (&steptest.Clock{}).Now).Handle(t.Context(), events.Reconcile{})
	steptest.WantError(t, err, "ThrottlingException")
}

// TestWhatARepositoryHoldsIsMeasuredAfterAPush: and not for ever, since each hour
// in which a metric is told is paid for.
func TestWhatARepositoryHoldsIsMeasuredAfterAPush(t *testing.T) {
	clock, registry := &steptest.Clock{}, steptest.NewECR(func() time.Time { return steptest.Start })
	registry.PageSize = 2
	for i := range 3 {
		registry.Push("docs", digestOf(i+1), fmt.Sprint("v", i+1), at(i))
		registry.Repositories["docs"].Images[i].Size = int64(10 * (i + 1))
	}
	step := reconciledeploys.New(registry, executions{}, steptest.NewStore(clock.Now, box("docs")), 10, clock.Now)
	for passed, want := range map[time.Duration][2]float64{time.Hour: {3, 60}, 3 * time.Hour: {0, 0}} {
		clock.Passed = passed
		measured := &metric.Set{}
		if _, err := step.Handle(metric.With(t.Context(), measured), events.Reconcile{}); err != nil {
			t.Fatal(err)
		}
		got := steptest.Measured(measured)
		if got["docs RepositoryImages"] != want[0] || got["docs RepositoryBytes"] != want[1] {
			t.Errorf("after %s: measured %v, want %v", passed, got, want)
		}
	}
}
