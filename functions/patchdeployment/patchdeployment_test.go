package patchdeployment_test

import (
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/patchdeployment"
	"github.com/mayfly-dev/mayfly/kubernetes"
	"github.com/mayfly-dev/mayfly/kubernetes/clustertest"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	release = "r-1"
	digest  = "sha256:1111"
	image   = "localhost:4566/docs@" + digest
)

type world struct {
	cluster *clustertest.Cluster
	eks     *clustertest.EKS
	store   *steptest.Store
	of      sandbox.Sandbox
	flow    events.RolloutFlow
	step    *patchdeployment.Step
}

func newWorld(t *testing.T) *world {
	t.Helper()
	clock := &steptest.Clock{}
	w := &world{cluster: clustertest.New(t), of: steptest.New(clock.Now())}
	w.of.Phase, w.of.ActiveRelease = sandbox.PhaseUpdating, release
	w.of.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindRepository: {Kind: sandbox.KindRepository, Status: sandbox.StatusMade, ID: "docs", URI: "localhost:4566/docs"}}
	w.store = steptest.NewStore(clock.Now, w.of)
	to := &events.Rollout{Target: events.TargetEKS, EKS: &events.EKSRollout{EKSTarget: events.EKSTarget{
		Cluster: clustertest.Name, Namespace: clustertest.Namespace, Deployment: clustertest.Deployment, Container: clustertest.Container,
	}}}
	w.flow = events.RolloutFlow{Sandbox: w.of.Event(), Release: events.Release{ID: release, Image: events.Image{Repository: "docs", Digest: digest, Tag: "v1"}, Rollout: to}}
	steptest.WantError(t, w.store.PutRelease(t.Context(), w.of.Ref(), sandbox.Release{ID: release, Status: sandbox.ReleaseRunning, Rollout: to}), "")
	w.eks = w.cluster.EKS()
	w.step = patchdeployment.New(kubernetes.NewClusters(w.eks, clustertest.Presigner()), w.store.Ledger(), w.store)
	return w
}

func TestTheImageIsBroughtAndNoted(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		made, err := w.step.Handle(t.Context(), w.flow)
		steptest.WantError(t, err, "")
		want := events.EKSRollout{EKSTarget: w.flow.Release.Rollout.EKS.EKSTarget, Image: image, Before: clustertest.OldImage, Generation: 3}
		r, err := w.store.GetRelease(t.Context(), w.of.Ref(), release)
		steptest.WantError(t, err, "")
		if made != want || r.Rollout.EKS == nil || *r.Rollout.EKS != want {
			t.Errorf("made %+v, noted %+v", made, r.Rollout)
		}
	}
	if w.cluster.Image() != image || w.cluster.Requests("PATCH") != 1 {
		t.Errorf("runs %q after %d changes", w.cluster.Image(), w.cluster.Requests("PATCH"))
	}
	log := w.store.Log()
	if last := log[len(log)-1]; last.Release != release || last.Message != "container app of deployment shop/web in cluster eu is to run "+image {
		t.Errorf("told %+v", last)
	}
}

// TestACrashBeforeTheNoteIsMadeGoodOf: what was there before is in the
// Deployment.
func TestACrashBeforeTheNoteIsMadeGoodOf(t *testing.T) {
	w := newWorld(t)
	w.store.Fail("PutRelease", steptest.Refusal("ThrottlingException"))
	_, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "ThrottlingException")
	made, err := w.step.Handle(t.Context(), w.flow)
	if steptest.WantError(t, err, ""); made.Before != clustertest.OldImage || w.cluster.Requests("PATCH") != 1 {
		t.Errorf("made %+v", made)
	}
}

func TestWhatIsRefused(t *testing.T) {
	forbidden := func(w http.ResponseWriter, _ *http.Request) {
		clustertest.Status(w, http.StatusForbidden, metav1.StatusReasonForbidden, `User "mayfly" cannot patch resource "deployments"`)
	}
	for _, tt := range []struct {
		name  string
		alter func(*world)
		want  string
	}{
		{"a cluster that is not there", func(w *world) { w.flow.Release.Rollout.EKS.Cluster = "us" }, "ClusterNotFound"},
		{"a cluster that may not be described", func(w *world) { w.eks.Err = steptest.Refusal("AccessDeniedException") }, "AccessDeniedException"},
		{"a deployment that is not there", func(w *world) { w.cluster.Delete() }, "DeploymentNotFound"},
		{"a container that is not there", func(w *world) { w.flow.Release.Rollout.EKS.Container = "api" }, "ContainerNotFound"},
		{"one container of two", func(w *world) { w.flow.Release.Rollout.EKS.Container = "" }, "ContainerNotFound"},
		{"a deployment that is paused", func(w *world) { w.cluster.Change(func(d *appsv1.Deployment) { d.Spec.Paused = true }) }, "DeploymentPaused"},
		{"a deployment that may not be read", func(w *world) { w.cluster.Before("GET", forbidden) }, "ClusterForbidden"},
		{"a deployment that may not be changed", func(w *world) { w.cluster.Before("PATCH", forbidden) }, "ClusterForbidden"},
		{"a release that has lost the lock", func(w *world) { w.flow.Release.ID = "r-0" }, "ReleaseLost"},
		{"a sandbox that is being deleted", func(w *world) {
			_, _ = w.store.Update(t.Context(), w.of.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) { s.Phase = sandbox.PhaseDeleting; return nil, nil })
		}, "SandboxDeleting"},
		{"an image of no repository", func(w *world) { w.flow.Release.Image.Digest = "" }, "Unclassified"},
		{"a release that goes elsewhere", func(w *world) { w.flow.Release.Rollout = nil }, "Unclassified"},
		{"the store being busy", func(w *world) { w.store.Fail("Update", steptest.Refusal("ThrottlingException")) }, "ThrottlingException"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			tt.alter(w)
			_, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, tt.want)
			if tt.want != "DeploymentNotFound" && w.cluster.Image() != clustertest.OldImage {
				t.Errorf("runs %q", w.cluster.Image())
			}
			if secret := w.cluster.Token(); secret != "" && strings.Contains(err.Error(), secret) {
				t.Error("the error has the token")
			}
		})
	}
}
