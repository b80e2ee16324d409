package reconciledeploys_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

// TestAnAbandonedReleaseFreesItsSandbox: Step Functions says how the execution
// of the release under way is, and the record how far it came.
func TestAnAbandonedReleaseFreesItsSandbox(t *testing.T) {
	const own, deploy = "arn:release", "arn:deploy"
	image := events.Image{Repository: "docs", Digest: digestOf(1), Tag: "v1", PushedAt: at(1)}
	for name, tt := range map[string]struct {
		known   executions
		alter   func(*sandbox.Sandbox, *sandbox.Release)
		free    bool
		failure string
		// missed says that the release's push is to be deployed again.
		missed  bool
		trouble string
	}{
		"it runs":                    {known: executions{own: types.ExecutionStatusRunning}},
		"it is to be redriven":       {known: executions{own: types.ExecutionStatusPendingRedrive}},
		"it was stopped":             {known: executions{own: types.ExecutionStatusAborted}, free: true, failure: "ExecutionEnded"},
		"it failed without a Catch":  {known: executions{own: types.ExecutionStatusFailed}, free: true, failure: "ExecutionEnded"},
		"it took too long":           {known: executions{own: types.ExecutionStatusTimedOut}, free: true, failure: "ExecutionEnded"},
		"it says that it went well":  {known: executions{own: types.ExecutionStatusSucceeded}, free: true, failure: "ExecutionEnded"},
		"it was never started":       {free: true, failure: "ReleaseRefused", missed: true},
		"its deploy was stopped":     {known: executions{deploy: types.ExecutionStatusAborted}, free: true, failure: "ReleaseRefused", missed: true},
		"its deploy will start it":   {known: executions{deploy: types.ExecutionStatusRunning}},
		"nobody may say how it is":   {known: executions{own: "denied"}, trouble: "AccessDenied"},
		"its record is not there":    {alter: func(_ *sandbox.Sandbox, r *sandbox.Release) { r.ID = "" }, trouble: "not found"},
		"it was written to be live":  {known: executions{own: types.ExecutionStatusAborted}, alter: func(_ *sandbox.Sandbox, r *sandbox.Release) { r.Status = sandbox.ReleaseLive }, free: true},
		"the API is about to start":  {alter: func(_ *sandbox.Sandbox, r *sandbox.Release) { r.Deploy, r.CreatedAt = "", at(58) }},
		"the API died before":        {alter: func(_ *sandbox.Sandbox, r *sandbox.Release) { r.Deploy = "" }, free: true, failure: "ReleaseRefused", missed: true},
		"a teardown has the sandbox": {known: executions{own: types.ExecutionStatusAborted}, alter: func(s *sandbox.Sandbox, _ *sandbox.Release) { s.Phase = sandbox.PhaseDeleting }},
		"no push deploys any more": {known: executions{own: types.ExecutionStatusAborted}, alter: func(s *sandbox.Sandbox, _ *sandbox.Release) { s.Spec.Deploy.Target = events.TargetNone },
			free: true, failure: "ExecutionEnded"},
	} {
		t.Run(name, func(t *testing.T) {
			s := box("docs")
			s.Phase, s.ActiveRelease = sandbox.PhaseUpdating, sandbox.PushReleaseID(image)
			s.Newest = sandbox.Mark{At: at(1), Digest: image.Digest, Tag: image.Tag}
			r := sandbox.Release{ID: s.ActiveRelease, Status: sandbox.ReleaseRunning, Image: image, Execution: own, Deploy: deploy, CreatedAt: at(2)}
			if tt.alter != nil {
				tt.alter(&s, &r)
			}
			registry, store := steptest.NewECR(nil), steptest.NewStore((&steptest.Clock{}).Now, s)
			registry.Push("docs", image.Digest, image.Tag, image.PushedAt)
			if r.ID != "" {
				steptest.WantError(t, store.PutRelease(t.Context(), s.Ref(), r), "")
			}
			out := runWith(t, registry, tt.known, store, 25)[0]
			after, err := store.Get(t.Context(), "docs")
			steptest.WantError(t, err, "")
			if free := after.ActiveRelease == ""; free != tt.free || free && after.Phase != sandbox.PhaseReady {
				t.Errorf("under way %q, phase %s", after.ActiveRelease, after.Phase)
			}
			if got := strings.Join(out.Troubles, ""); (got != "") != (tt.trouble != "") || !strings.Contains(got, tt.trouble) {
				t.Errorf("troubles %q, want %q", got, tt.trouble)
			}
			if missed := len(out.Missed) == 1; missed != tt.missed {
				t.Errorf("missed %+v", out.Missed)
			}
			if r.ID == "" {
				return
			}
			ended, err := store.GetRelease(t.Context(), s.Ref(), r.ID)
			steptest.WantError(t, err, "")
			if got := ended.Failure; (got != nil) != (tt.failure != "") || got != nil && (got.Error != tt.failure || ended.Status != sandbox.ReleaseFailed || ended.EndedAt.IsZero()) {
				t.Errorf("ended %+v with %+v, want %q", ended, got, tt.failure)
			}
		})
	}
}
