package sandbox_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release/releasetest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// newServiceDeploys is a sandbox whose releases go to a service.
func newServiceDeploys(t *testing.T, deploy events.DeploySpec) *deploys {
	box := inPhase(sandbox.PhaseReady)
	box.Spec = sandbox.Defaults(events.Spec{Deploy: deploy})
	box.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindRepository: {Kind: sandbox.KindRepository, ID: "shop", URI: "localhost:4566/shop", Status: sandbox.StatusMade}}
	return &deploys{t, releasetest.NewStore(box)}
}

func (d *deploys) box() sandbox.Sandbox {
	d.t.Helper()
	box, err := d.store.Get(d.t.Context(), "shop")
	if err != nil {
		d.t.Fatal(err)
	}
	return box
}

func TestAReleaseToAServiceTakesTheSandboxsLock(t *testing.T) {
	d := newServiceDeploys(t, toECS("staging", "shop", ""))
	r := sandbox.Release{ID: "r-1", CreatedAt: releaseTime, Rollout: sandbox.RolloutTo(d.box().Spec.Deploy), Image: pushed("a", 0)}
	if err := sandbox.BeginRelease(t.Context(), d.store, releaseRef, r); err != nil {
		t.Fatal(err)
	}
	var underway *sandbox.ReleaseUnderwayError
	if err := sandbox.BeginRelease(t.Context(), d.store, releaseRef, sandbox.Release{ID: "r-2", Rollout: r.Rollout}); !errors.As(err, &underway) {
		t.Errorf("a second one: %v", err)
	}
	made := *r.Rollout
	made.ECS = &events.ECSRollout{ECSTarget: made.ECS.ECSTarget, TaskDefinition: "arn:7", Before: "arn:6"}
	if err := sandbox.NoteRollout(t.Context(), d.store, releaseRef, "r-1", made); err != nil {
		t.Fatal(err)
	}
	known, err := d.store.GetRelease(t.Context(), releaseRef, "r-1")
	if diff := cmp.Diff(&made, known.Rollout); err != nil || diff != "" {
		t.Errorf("%v: -want +got\n%s", err, diff)
	}
	d.end(known, sandbox.ReleaseLive)
	box := d.box()
	if box.LiveRelease != "r-1" || box.LiveAt != "ecs:staging/shop" || !box.GoesTo(&known) || known.DurationName() != "rollout-ecs" {
		t.Errorf("%+v", box)
	}
	// What ended stays as it ended.
	if err := sandbox.NoteRollout(t.Context(), d.store, releaseRef, "r-1", events.Rollout{}); err != nil {
		t.Error(err)
	}
	if again, err := d.store.GetRelease(t.Context(), releaseRef, "r-1"); err != nil || again.Rollout.ECS == nil {
		t.Errorf("%+v, %v", again, err)
	}
	if err := sandbox.NoteRollout(t.Context(), d.store, releaseRef, "r-9", made); err != nil {
		t.Errorf("of a release that is gone: %v", err)
	}
}

func TestASandboxOfAServiceTakesImagesAlone(t *testing.T) {
	d := newServiceDeploys(t, toLambda("shop", ""))
	var phase *sandbox.PhaseError
	err := sandbox.BeginRelease(t.Context(), d.store, releaseRef, sandbox.Release{ID: "r-1", Source: events.ReleaseSource{Kind: events.SourceUpload}})
	if !errors.As(err, &phase) || !strings.Contains(phase.Want, "lambda:shop/live") {
		t.Errorf("an upload: %v", err)
	}
	d = newServiceDeploys(t, toLambda("shop", ""))
	if _, err := d.store.Update(t.Context(), releaseRef, func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		s.Phase = sandbox.PhaseProvisioning
		return nil, nil
	}); err != nil {
		t.Fatal(err)
	}
	err = sandbox.BeginRelease(t.Context(), d.store, releaseRef, sandbox.Release{ID: "r-1", Rollout: sandbox.RolloutTo(toLambda("shop", ""))})
	if !errors.As(err, &phase) {
		t.Errorf("before it is ready: %v", err)
	}
}

func TestWhatIsLiveElsewhereIsDeployedHere(t *testing.T) {
	d := newServiceDeploys(t, toECS("staging", "shop", ""))
	image := pushed("a", 10)
	r := sandbox.Release{ID: "r-1", CreatedAt: releaseTime, Rollout: sandbox.RolloutTo(d.box().Spec.Deploy), Image: image}
	if err := sandbox.BeginRelease(t.Context(), d.store, releaseRef, r); err != nil {
		t.Fatal(err)
	}
	d.end(r, sandbox.ReleaseLive)
	again := image
	again.PushedAt = again.PushedAt.Add(1000)
	if box := d.box(); box.Newer(again) {
		t.Error("what is live is to be deployed again")
	}
	box := d.box()
	box.Spec.Deploy = toECS("production", "shop", "")
	if !box.Newer(again) || box.GoesTo(&r) {
		t.Error("what is live in staging is held to be live in production")
	}
}

func TestARollbackBringsBackWhatWasMade(t *testing.T) {
	ecs := sandbox.RolloutTo(toECS("c", "s", ""))
	ecs.ECS.TaskDefinition, ecs.ECS.Before, ecs.ECS.Deployment = "arn:7", "arn:6", "ecs-svc/1"
	if back := sandbox.RollBackTo(ecs); back.ECS.TaskDefinition != "arn:7" || back.ECS.Before != "" || back.ECS.Deployment != "" || back.ECS.Service != "s" {
		t.Errorf("%+v", back.ECS)
	}
	lambda := sandbox.RolloutTo(toLambda("f", "live"))
	lambda.Lambda.Version, lambda.Lambda.Before = "3", "2"
	if back := sandbox.RollBackTo(lambda); back.Lambda.Version != "3" || back.Lambda.Before != "" {
		t.Errorf("%+v", back.Lambda)
	}
	eks := sandbox.RolloutTo(toEKS("c", "", "d", ""))
	eks.EKS.Revision = "4"
	if back := sandbox.RollBackTo(eks); back.EKS.Revision != "" || back.EKS.Namespace != "default" {
		t.Errorf("%+v", back.EKS)
	}
	if sandbox.RollBackTo(nil) != nil || sandbox.RolloutTo(events.DeploySpec{Target: events.TargetSite}) != nil {
		t.Error("a site's release goes to a service")
	}
}

func TestAnImageIsNamedByItsDigest(t *testing.T) {
	box := newServiceDeploys(t, toLambda("f", "")).box()
	image := pushed("a", 0)
	if got, err := box.ImageURI(image); err != nil || got != "localhost:4566/shop@"+image.Digest {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := box.ImageURI(events.Image{}); err == nil {
		t.Error("an image without a digest has an address")
	}
	box.Resources = nil
	if _, err := box.ImageURI(image); err == nil {
		t.Error("an image without a repository has an address")
	}
}
