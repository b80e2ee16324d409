package resolvedeploy_test

import (
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/resolvedeploy"
	"github.com/mayfly-dev/mayfly/metric"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const digest = "sha256:3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8550"

func pushed(repository string) events.DeployFlow {
	var flow events.DeployFlow
	flow.Detail = events.ECRImageDetail{Result: events.ECRSuccess, ActionType: events.ECRPush, RepositoryName: repository, ImageDigest: digest, ImageTag: "v1"}
	return flow
}

func newStore(prefix string, alter func(*sandbox.Sandbox)) *steptest.Store {
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	of.Spec = sandbox.Defaults(of.Spec)
	of.Resources = map[sandbox.Kind]sandbox.Resource{
		sandbox.KindRepository: {Kind: sandbox.KindRepository, ID: prefix + "docs", Status: sandbox.StatusMade},
	}
	alter(&of)
	return steptest.NewStore(clock.Now, of)
}

func TestAnEventIsResolved(t *testing.T) {
	detail := func(change func(*events.ECRImageDetail)) func(*sandbox.Sandbox, *events.ECRImageDetail) {
		return func(_ *sandbox.Sandbox, d *events.ECRImageDetail) { change(d) }
	}
	box := func(change func(*sandbox.Sandbox)) func(*sandbox.Sandbox, *events.ECRImageDetail) {
		return func(s *sandbox.Sandbox, _ *events.ECRImageDetail) { change(s) }
	}
	for _, tt := range []struct {
		name   string
		change func(*sandbox.Sandbox, *events.ECRImageDetail)
		want   events.Verdict
		// note is what the sandbox's stream says, "" for nothing.
		note string
	}{
		{"a push", box(func(*sandbox.Sandbox) {}), events.VerdictDeploy, ""},
		{"a push that a rule is for", box(func(s *sandbox.Sandbox) { s.Spec.Deploy.Tags = []string{"^1", "v*"} }), events.VerdictDeploy, ""},
		{"a push that no rule is for", box(func(s *sandbox.Sandbox) { s.Spec.Deploy.Tags = []string{"latest"} }), events.VerdictIgnored, "no rule is for the tag v1"},
		{"a push that a rule ignores", box(func(s *sandbox.Sandbox) { s.Spec.Deploy.Tags = []string{"!v1"} }), events.VerdictIgnored, "the rule !v1 ignores"},
		{"a push where none deploys", box(func(s *sandbox.Sandbox) { s.Spec.Deploy.Target = events.TargetNone }), events.VerdictIgnored, "deploy nothing"},
		{"a part of an image", detail(func(d *events.ECRImageDetail) { d.ImageTag = "" }), events.VerdictIgnored, ""},
		{"Mayfly's own tag", detail(func(d *events.ECRImageDetail) { d.ImageTag = sandbox.LiveTag }), events.VerdictIgnored, ""},
		{"a DELETE", detail(func(d *events.ECRImageDetail) { d.ActionType = events.ECRDelete }), events.VerdictNotAPush, "it was no push (DELETE)"},
		{"a push that failed", detail(func(d *events.ECRImageDetail) { d.Result = events.ECRFailure }), events.VerdictPushFailed, "did not succeed (FAILURE)"},
		{"another's repository", detail(func(d *events.ECRImageDetail) { d.RepositoryName = "other" }), events.VerdictUnknownRepository, ""},
		{"a repository that can't be a sandbox's", detail(func(d *events.ECRImageDetail) { d.RepositoryName = "a/b" }), events.VerdictUnknownRepository, ""},
		{"no repository", detail(func(d *events.ECRImageDetail) { *d = events.ECRImageDetail{} }), events.VerdictUnknownRepository, ""},
		{"a repository that a sandbox of that name does not have", box(func(s *sandbox.Sandbox) { s.Resources = nil }), events.VerdictUnknownRepository, ""},
		{"a repository that was only intended", box(func(s *sandbox.Sandbox) {
			s.Resources[sandbox.KindRepository] = sandbox.Resource{Kind: sandbox.KindRepository, ID: "docs", Status: sandbox.StatusIntended}
		}), events.VerdictUnknownRepository, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			flow := pushed("docs")
			store := newStore("", func(s *sandbox.Sandbox) { tt.change(s, &flow.Detail) })
			got, err := resolvedeploy.New(store, "", (&steptest.Clock{}).Now).Handle(t.Context(), flow)
			steptest.WantError(t, err, "")
			if got.Verdict != tt.want || (got.Reason == "") != (tt.want == events.VerdictDeploy) || (got.Sandbox == nil) != (tt.want == events.VerdictUnknownRepository) {
				t.Errorf("resolved to %+v, want %s", got, tt.want)
			}
			switch log := store.Log(); {
			case tt.note == "" && len(log) > 0:
				t.Errorf("noted %+v", log)
			case tt.note != "" && (len(log) != 1 || !strings.HasPrefix(log[0].Message, "image sha256:3b0c44298fc1 (v1) is not deployed: ") || !strings.Contains(log[0].Message, tt.note) || log[0].Resource != digest):
				t.Errorf("noted %+v, want %q", log, tt.note)
			}
		})
	}
}

func TestAnInstallationKnowsItsPrefix(t *testing.T) {
	store := newStore("mayfly-dev/", func(*sandbox.Sandbox) {})
	step := resolvedeploy.New(store, "mayfly-dev/", (&steptest.Clock{}).Now)
	for repository, want := range map[string]events.Verdict{
		"mayfly-dev/docs": events.VerdictDeploy, "docs": events.VerdictUnknownRepository, "mayfly-prod/docs": events.VerdictUnknownRepository,
	} {
		got, err := step.Handle(t.Context(), pushed(repository))
		steptest.WantError(t, err, "")
		if got.Verdict != want {
			t.Errorf("%s: %+v", repository, got)
		}
		if want == events.VerdictDeploy && (got.Sandbox.Name != "docs" || got.Target != events.TargetSite) {
			t.Errorf("resolved to %+v", got)
		}
	}
}

func TestTheStoresTroublesAreErrors(t *testing.T) {
	for _, operation := range []string{"Get", "Update"} {
		store := newStore("", func(s *sandbox.Sandbox) { s.Spec.Deploy.Tags = []string{"latest"} })
		store.Fail(operation, steptest.Refusal("ThrottlingException"))
		_, err := resolvedeploy.New(store, "", (&steptest.Clock{}).Now).Handle(t.Context(), pushed("docs"))
		steptest.WantError(t, err, "ThrottlingException")
	}
}

// Pushes are counted whether they deploy or not, and not those of parts of an
// image, of Mayfly's own tag, or to nobody's repository.
func TestPushesAreCounted(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*events.ECRImageDetail)
		want   float64
	}{
		"a push":              {func(*events.ECRImageDetail) {}, 1},
		"a push to ignore":    {func(d *events.ECRImageDetail) { d.ImageTag = "latest" }, 1},
		"a part of an image":  {func(d *events.ECRImageDetail) { d.ImageTag = "" }, 0},
		"Mayfly's own tag":    {func(d *events.ECRImageDetail) { d.ImageTag = sandbox.LiveTag }, 0},
		"a DELETE":            {func(d *events.ECRImageDetail) { d.ActionType = events.ECRDelete }, 0},
		"a push that failed":  {func(d *events.ECRImageDetail) { d.Result = events.ECRFailure }, 0},
		"nobody's repository": {func(d *events.ECRImageDetail) { d.RepositoryName = "other" }, 0},
	} {
		flow, measured := pushed("docs"), &metric.Set{}
		tt.change(&flow.Detail)
		store := newStore("", func(s *sandbox.Sandbox) { s.Spec.Deploy.Tags = []string{"v*"} })
		if _, err := resolvedeploy.New(store, "", (&steptest.Clock{}).Now).Handle(metric.With(t.Context(), measured), flow); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := steptest.Measured(measured)["docs Pushes"]; got != tt.want {
			t.Errorf("%s: %g pushes, want %g", name, got, tt.want)
		}
	}
}
