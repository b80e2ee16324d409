package undorollout_test

import (
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/undorollout"
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

var of = kubernetes.Deployment{Namespace: clustertest.Namespace, Name: clustertest.Deployment, Container: clustertest.Container}

type world struct {
	cluster  *clustertest.Cluster
	eks      *clustertest.EKS
	clusters *kubernetes.Clusters
	store    *steptest.Store
	of       sandbox.Sandbox
	flow     events.RolloutFlow
	step     *undorollout.Step
}

// newWorld has a release that is to be undone, and whose image the Deployment
// was not given yet.
func newWorld(t *testing.T) *world {
	t.Helper()
	clock := &steptest.Clock{}
	w := &world{cluster: clustertest.New(t), of: steptest.New(clock.Now())}
	w.of.Phase, w.of.ActiveRelease = sandbox.PhaseUpdating, release
	w.store = steptest.NewStore(clock.Now, w.of)
	to := &events.Rollout{Target: events.TargetEKS, EKS: &events.EKSRollout{EKSTarget: events.EKSTarget{
		Cluster: clustertest.Name, Namespace: of.Namespace, Deployment: of.Name, Container: of.Container,
	}}}
	w.flow = events.RolloutFlow{Sandbox: w.of.Event(), Release: events.Release{ID: release, Image: events.Image{Digest: digest}, Rollout: to}, Error: &events.Failure{Error: "RolloutFailed"}}
	w.put(t, sandbox.ReleaseRunning)
	w.eks = w.cluster.EKS()
	w.clusters = kubernetes.NewClusters(w.eks, clustertest.Presigner())
	w.step = undorollout.New(w.clusters, nil, w.store.Ledger(), w.store)
	return w
}

func (w *world) put(t *testing.T, status sandbox.ReleaseStatus) {
	t.Helper()
	steptest.WantError(t, w.store.PutRelease(t.Context(), w.of.Ref(), sandbox.Release{ID: release, Status: status}), "")
}

// bring gives the Deployment an image.
func (w *world) bring(t *testing.T, release, image string) {
	t.Helper()
	cluster, err := w.clusters.Connect(t.Context(), clustertest.Name)
	steptest.WantError(t, err, "")
	defer cluster.Close()
	_, err = cluster.Bring(t.Context(), of, release, image)
	steptest.WantError(t, err, "")
}

func (w *world) want(t *testing.T, undone bool, runs string) {
	t.Helper()
	got, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	if got.Undone != undone || w.cluster.Image() != runs {
		t.Errorf("undone %v, runs %q; want %v, %q", got.Undone, w.cluster.Image(), undone, runs)
	}
}

func (w *world) wantTold(t *testing.T, lines ...string) {
	t.Helper()
	log := w.store.Log()
	if len(log) != len(lines) {
		t.Fatalf("told %+v", log)
	}
	for i, line := range lines {
		if !strings.Contains(log[i].Message, line) || log[i].Release != release {
			t.Errorf("told %q, want %q", log[i].Message, line)
		}
	}
}

func TestWhatTheReleaseDidIsUndoneOnce(t *testing.T) {
	w := newWorld(t)
	w.bring(t, release, image)
	w.want(t, true, clustertest.OldImage)
	w.want(t, false, clustertest.OldImage)
	w.wantTold(t, "deployment shop/web in cluster eu is to run "+clustertest.OldImage+" again")
}

func TestASandboxThatIsGoneLeavesNoHalfRollout(t *testing.T) {
	w := newWorld(t)
	w.bring(t, release, image)
	steptest.WantError(t, w.store.Remove(t.Context(), w.of.Ref()), "")
	w.want(t, true, clustertest.OldImage)
}

func TestThereMayBeNothingToUndo(t *testing.T) {
	w := newWorld(t)
	w.want(t, false, clustertest.OldImage) // it was refused before it was changed
	w.bring(t, "r-2", "another")
	w.want(t, false, "another") // a later release is at it
	w.wantTold(t)

	w = newWorld(t)
	w.bring(t, release, image)
	w.put(t, sandbox.ReleaseLive)
	w.want(t, false, image) // only what came after it failed

	w = newWorld(t)
	delete(w.eks.Clusters, clustertest.Name)
	w.want(t, false, clustertest.OldImage)

	w = newWorld(t)
	w.cluster.Delete()
	got, err := w.step.Handle(t.Context(), w.flow)
	if steptest.WantError(t, err, ""); got.Undone {
		t.Error("undone, and there is nothing")
	}
}

func TestWhatSomebodyElseDidIsLeft(t *testing.T) {
	w := newWorld(t)
	w.bring(t, release, image)
	w.cluster.Change(func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[1].Image = "hotfix" })
	w.want(t, false, "hotfix")
	w.wantTold(t, "runs hotfix, which somebody else put there")
}

// TestWhatCantBeUndoneIsTold, unless nothing was done: a cluster that forbade
// the change forbids to undo it, too.
func TestWhatCantBeUndoneIsTold(t *testing.T) {
	for _, patched := range []string{"", image} {
		w := newWorld(t)
		w.flow.Release.Rollout.EKS.Image = patched
		w.cluster.Before("GET", func(w http.ResponseWriter, _ *http.Request) {
			clustertest.Status(w, http.StatusForbidden, metav1.StatusReasonForbidden, "no")
		})
		_, err := w.step.Handle(t.Context(), w.flow)
		steptest.WantError(t, err, "ClusterForbidden")
		if patched == "" {
			w.wantTold(t)
		} else {
			w.wantTold(t, "deployment shop/web in cluster eu was not put back: the cluster does not allow it")
		}
	}
}

func TestRefusalsKeepTheirNames(t *testing.T) {
	for _, tt := range []struct {
		name  string
		alter func(*world)
		want  string
	}{
		{"forbidden", func(w *world) {
			w.cluster.Before("PATCH", func(w http.ResponseWriter, _ *http.Request) {
				clustertest.Status(w, http.StatusForbidden, metav1.StatusReasonForbidden, "no")
			})
		}, "ClusterForbidden"},
		{"EKS is busy", func(w *world) { w.eks.Err = steptest.Refusal("ThrottlingException") }, "ThrottlingException"},
		{"the record can't be read", func(w *world) { w.store.Fail("GetRelease", steptest.Refusal("ThrottlingException")) }, "ThrottlingException"},
		{"it can't be told", func(w *world) { w.store.Fail("Update", steptest.Refusal("ThrottlingException")) }, "ThrottlingException"},
		{"goes elsewhere", func(w *world) { w.flow.Release.Rollout = nil }, "Unclassified"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.bring(t, release, image)
			tt.alter(w)
			_, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, tt.want)
		})
	}
}
