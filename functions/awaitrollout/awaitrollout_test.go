package awaitrollout_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/awaitrollout"
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
	clock   *steptest.Clock
	cluster *clustertest.Cluster
	eks     *clustertest.EKS
	store   *steptest.Store
	of      sandbox.Sandbox
	flow    events.RolloutFlow
	step    *awaitrollout.Step
}

// newWorld has a release whose image the Deployment was given.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{clock: &steptest.Clock{}, cluster: clustertest.New(t)}
	w.of = steptest.New(w.clock.Now())
	w.of.Phase, w.of.ActiveRelease = sandbox.PhaseUpdating, release
	w.store = steptest.NewStore(w.clock.Now, w.of)
	of := kubernetes.Deployment{Namespace: clustertest.Namespace, Name: clustertest.Deployment, Container: clustertest.Container}
	to := &events.Rollout{Target: events.TargetEKS, EKS: &events.EKSRollout{
		EKSTarget: events.EKSTarget{Cluster: clustertest.Name, Namespace: of.Namespace, Deployment: of.Name, Container: of.Container},
		Image:     image, Before: clustertest.OldImage, Generation: 2,
	}}
	w.flow = events.RolloutFlow{Sandbox: w.of.Event(), Release: events.Release{ID: release, Image: events.Image{Digest: digest}, Rollout: to}}
	steptest.WantError(t, w.store.PutRelease(t.Context(), w.of.Ref(), sandbox.Release{ID: release, Status: sandbox.ReleaseRunning, Rollout: to}), "")
	w.eks = w.cluster.EKS()
	clusters := kubernetes.NewClusters(w.eks, clustertest.Presigner())
	cluster, err := clusters.Connect(t.Context(), clustertest.Name)
	steptest.WantError(t, err, "")
	defer cluster.Close()
	_, err = cluster.Bring(t.Context(), of, release, image)
	steptest.WantError(t, err, "")
	w.step = awaitrollout.New(clusters, w.store.Ledger(), w.store, awaitrollout.Options{GiveUp: time.Hour, Now: w.clock.Now})
	return w
}

// look looks once more, as the machine does.
func (w *world) look(t *testing.T) events.Awaited {
	t.Helper()
	got, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	w.flow.Awaited = &got
	return got
}

func (w *world) told() []string {
	var lines []string
	for _, event := range w.store.Log() {
		if event.Type == sandbox.EventProgress {
			lines = append(lines, event.Message)
		}
	}
	return lines
}

func TestItLooksMoreSeldomUntilAllRuns(t *testing.T) {
	w := newWorld(t)
	if got := w.look(t); got.Settled || got.Seconds != 2 || got.Looks != 1 {
		t.Errorf("before the cluster took note: %+v", got)
	}
	w.cluster.Begin()
	var waits []int
	for range 10 {
		waits = append(waits, w.look(t).Seconds)
	}
	if want := []int{2, 4, 4, 8, 8, 16, 16, 30, 30, 30}; !slices.Equal(waits, want) {
		t.Errorf("waited %v, want %v", waits, want)
	}
	w.cluster.RollOut()
	if got := w.look(t); !got.Settled {
		t.Errorf("when all runs: %+v", got)
	}
	// What did not change is told once.
	if lines := w.told(); len(lines) != 2 || lines[1] != "1 of 3 replicas updated, 3 available, 3 old ones left" {
		t.Errorf("told %q", lines)
	}
	r, err := w.store.GetRelease(t.Context(), w.of.Ref(), release)
	if steptest.WantError(t, err, ""); r.Rollout.EKS.Revision != "2" || r.Rollout.EKS.Before != clustertest.OldImage {
		t.Errorf("noted %+v", r.Rollout.EKS)
	}
	if got := w.look(t); !got.Settled {
		t.Errorf("a second time: %+v", got)
	}
}

func TestRolloutsThatFail(t *testing.T) {
	for _, tt := range []struct {
		name  string
		alter func(*world)
		want  string
		text  string
	}{
		{"past its deadline", func(w *world) { w.cluster.Stick() }, "RolloutFailed", `ReplicaSet "web-2" has timed out progressing. (ProgressDeadlineExceeded); Deployment does not have minimum availability.`},
		{"paused", func(w *world) {
			w.cluster.Change(func(d *appsv1.Deployment) { d.Spec.Paused = true })
			w.cluster.Begin()
		}, "DeploymentPaused", "1 of 3"},
		{"another image", func(w *world) {
			w.cluster.Change(func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[1].Image = "hotfix" })
		}, "DeploymentChanged", "hotfix of release \"r-1\""},
		{"another release", func(w *world) { w.cluster.Change(func(d *appsv1.Deployment) { d.Annotations = nil }) }, "DeploymentChanged", `of release ""`},
		{"deployment gone", func(w *world) { w.cluster.Delete() }, "DeploymentNotFound", ""},
		{"cluster gone", func(w *world) { delete(w.eks.Clusters, clustertest.Name) }, "ClusterNotFound", ""},
		{"rights gone", func(w *world) {
			w.cluster.Before("GET", func(w http.ResponseWriter, _ *http.Request) {
				clustertest.Status(w, http.StatusForbidden, metav1.StatusReasonForbidden, "no")
			})
		}, "ClusterForbidden", ""},
		{"lock lost", func(w *world) { w.flow.Release.ID = "r-0" }, "ReleaseLost", ""},
		{"goes elsewhere", func(w *world) { w.flow.Release.Rollout = nil }, "Unclassified", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			tt.alter(w)
			_, err := w.step.Handle(t.Context(), w.flow)
			if steptest.WantError(t, err, tt.want); !strings.Contains(err.Error(), tt.text) {
				t.Errorf("said %v", err)
			}
		})
	}
}

// TestItGivesUp on a Deployment whose own deadline never comes.
func TestItGivesUp(t *testing.T) {
	w := newWorld(t)
	w.cluster.Begin()
	w.look(t)
	w.clock.Passed = time.Hour
	w.look(t)
	w.clock.Passed += time.Second
	_, err := w.step.Handle(t.Context(), w.flow)
	if steptest.WantError(t, err, "RolloutTimeout"); !strings.Contains(err.Error(), "not rolled out in 1h0m0s: 1 of 3") {
		t.Errorf("said %v", err)
	}
}

func TestTheStoreMayFail(t *testing.T) {
	w := newWorld(t)
	w.store.Fail("Update", steptest.Refusal("ThrottlingException"))
	_, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "ThrottlingException")
	w.cluster.RollOut()
	w.store.Fail("PutRelease", steptest.Refusal("ThrottlingException"))
	_, err = w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "ThrottlingException")
}
