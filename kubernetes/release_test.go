package kubernetes_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mayfly-dev/mayfly/kubernetes"
	"github.com/mayfly-dev/mayfly/kubernetes/clustertest"
	"github.com/mayfly-dev/mayfly/steptest"
)

const one, two = "docs@sha256:1111", "docs@sha256:2222"

func digestOf(image string) string { return strings.TrimPrefix(image, "docs@") }

func TestAnImageIsBroughtOnce(t *testing.T) {
	c := clustertest.New(t)
	connected := connect(t, c)
	for range 2 {
		s, err := connected.Bring(t.Context(), web, "r-1", one)
		steptest.WantError(t, err, "")
		if !s.At("r-1", digestOf(one)) || s.Before() != clustertest.OldImage || s.Generation() != 3 || s.Container() != clustertest.Container {
			t.Errorf("brought %q before %q, generation %d", s.Image(), s.Before(), s.Generation())
		}
	}
	d := c.Read()
	if n := c.Requests("PATCH"); n != 1 {
		t.Errorf("changed %d times: %v", n, c.Bodies())
	}
	// Nothing else is touched.
	containers := d.Spec.Template.Spec.Containers
	if len(containers) != 2 || containers[0].Image != clustertest.Sidecar || len(containers[1].Env) != 1 || d.Labels["app"] != "web" || *d.Spec.Replicas != 3 {
		t.Errorf("is now %+v", d)
	}
	if d.Annotations["kubernetes.io/change-cause"] != "Mayfly release r-1" || d.Annotations["deployment.kubernetes.io/revision"] != "1" {
		t.Errorf("is noted as %v", d.Annotations)
	}
}

func TestAReleaseIsUndone(t *testing.T) {
	c := clustertest.New(t)
	connected := connect(t, c)
	_, err := connected.Bring(t.Context(), web, "r-1", one)
	steptest.WantError(t, err, "")
	_, err = connected.Bring(t.Context(), web, "r-2", two)
	steptest.WantError(t, err, "")
	for try := range 2 {
		s, undone, err := connected.Undo(t.Context(), web, "r-2", digestOf(two))
		steptest.WantError(t, err, "")
		if undone != (try == 0) || !s.At("r-1", digestOf(one)) {
			t.Errorf("try %d: undone %v, is at %q with %q", try, undone, s.Release(), s.Image())
		}
	}
	want := map[string]string{"mayfly.dev/release": "r-1", "kubernetes.io/change-cause": "Mayfly undid release r-2", "deployment.kubernetes.io/revision": "1"}
	if got := c.Read().Annotations; !maps.Equal(got, want) {
		t.Errorf("is noted as %v, want %v", got, want)
	}
}

func TestTheFirstReleaseIsUndone(t *testing.T) {
	c := clustertest.New(t)
	connected := connect(t, c)
	_, err := connected.Bring(t.Context(), web, "r-1", one)
	steptest.WantError(t, err, "")
	_, undone, err := connected.Undo(t.Context(), web, "r-1", digestOf(one))
	steptest.WantError(t, err, "")
	if _, noted := c.Read().Annotations["mayfly.dev/release"]; !undone || noted || c.Image() != clustertest.OldImage {
		t.Errorf("undone %v: runs %q, noted as %v", undone, c.Image(), c.Read().Annotations)
	}
}

// TestWhatSomebodyElseDidIsLeft: only what the release itself did is undone.
func TestWhatSomebodyElseDidIsLeft(t *testing.T) {
	for name, meanwhile := range map[string]func(*appsv1.Deployment){
		"another image":   func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[1].Image = "hotfix" },
		"another release": func(d *appsv1.Deployment) { d.Annotations["mayfly.dev/release"] = "r-9" },
		"no annotation":   func(d *appsv1.Deployment) { d.Annotations = nil },
	} {
		c := clustertest.New(t)
		connected := connect(t, c)
		_, err := connected.Bring(t.Context(), web, "r-1", one)
		steptest.WantError(t, err, "")
		c.Change(meanwhile)
		before := c.Read()
		s, undone, err := connected.Undo(t.Context(), web, "r-1", digestOf(one))
		steptest.WantError(t, err, "")
		if undone || s.Image() != c.Image() || c.Read().ResourceVersion != before.ResourceVersion {
			t.Errorf("%s: undone %v", name, undone)
		}
	}
	c := clustertest.New(t)
	c.Delete()
	_, undone, err := connect(t, c).Undo(t.Context(), web, "r-1", digestOf(one))
	if steptest.WantError(t, err, "DeploymentNotFound"); undone {
		t.Error("undone, and there is nothing")
	}
}

func TestDeploymentsThatTakeNoImage(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*appsv1.Deployment)
		of     kubernetes.Deployment
		want   string
		text   string
	}{
		{"paused", func(d *appsv1.Deployment) { d.Spec.Paused = true }, web, "DeploymentPaused", "kubectl rollout resume"},
		{"two containers", nil, kubernetes.Deployment{Namespace: "shop", Name: "web"}, "ContainerNotFound", "proxy, app; say which"},
		{"another container", nil, kubernetes.Deployment{Namespace: "shop", Name: "web", Container: "api"}, "ContainerNotFound", "none named api"},
		{"another name", nil, kubernetes.Deployment{Namespace: "shop", Name: "api"}, "DeploymentNotFound", `"api" not found`},
		{"another namespace", nil, kubernetes.Deployment{Namespace: "default", Name: "web", Container: "app"}, "DeploymentNotFound", "default/web"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := clustertest.New(t)
			if tt.change != nil {
				c.Change(tt.change)
			}
			_, err := connect(t, c).Bring(t.Context(), tt.of, "r-1", one)
			if steptest.WantError(t, err, tt.want); !strings.Contains(err.Error(), tt.text) {
				t.Errorf("said %v", err)
			}
			if c.Requests("PATCH") != 0 || c.Image() != clustertest.OldImage {
				t.Error("it was changed")
			}
		})
	}
}

func TestTheOnlyContainerNeedsNoName(t *testing.T) {
	c := clustertest.New(t)
	c.Change(func(d *appsv1.Deployment) {
		d.Spec.Template.Spec.Containers = d.Spec.Template.Spec.Containers[1:]
		d.Spec.Template.Spec.InitContainers = []corev1.Container{{Name: "migrate", Image: "migrate"}}
	})
	s, err := connect(t, c).Bring(t.Context(), kubernetes.Deployment{Namespace: "shop", Name: "web"}, "r-1", one)
	if steptest.WantError(t, err, ""); s.Container() != clustertest.Container || c.Image() != one {
		t.Errorf("brought to %s", s.Container())
	}
}

// TestChangesThatComeBetween: a Deployment's status changes by itself, and so
// does its image when somebody is faster.
func TestChangesThatComeBetween(t *testing.T) {
	c := clustertest.New(t)
	connected := connect(t, c)
	for range 2 {
		c.Before("PATCH", func(http.ResponseWriter, *http.Request) { c.RollOut() })
	}
	c.Before("PATCH", func(http.ResponseWriter, *http.Request) {
		c.Change(func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[1].Image = "hotfix" })
	})
	s, err := connected.Bring(t.Context(), web, "r-1", one)
	if steptest.WantError(t, err, ""); s.Before() != "hotfix" || c.Requests("PATCH") != 4 {
		t.Errorf("before it was %q, after %d tries", s.Before(), c.Requests("PATCH"))
	}
	for range 5 {
		c.Before("PATCH", func(http.ResponseWriter, *http.Request) { c.RollOut() })
	}
	_, err = connected.Bring(t.Context(), web, "r-2", two)
	if steptest.WantError(t, err, "Conflict"); c.Image() != one {
		t.Errorf("runs %q", c.Image())
	}
}

// TestALostReplyIsNoSecondChange: what was there before is known all the same.
func TestALostReplyIsNoSecondChange(t *testing.T) {
	c := clustertest.New(t)
	connected := connect(t, c)
	c.Before("PATCH", func(_ http.ResponseWriter, r *http.Request) {
		c.Change(func(d *appsv1.Deployment) {
			d.Spec.Template.Spec.Containers[1].Image = one
			d.Annotations["mayfly.dev/release"], d.Annotations["mayfly.dev/image-before"] = "r-1", clustertest.OldImage
		})
		panic(http.ErrAbortHandler)
	})
	_, err := connected.Bring(t.Context(), web, "r-1", one)
	steptest.WantError(t, err, "NetworkError")
	s, err := connected.Bring(t.Context(), web, "r-1", one)
	if steptest.WantError(t, err, ""); s.Before() != clustertest.OldImage || s.Generation() != 3 || c.Requests("PATCH") != 1 {
		t.Errorf("before it was %q, generation %d", s.Before(), s.Generation())
	}
}

func TestRefusedChangesAreNamed(t *testing.T) {
	for code, want := range map[int32]string{401: "ClusterUnauthorized", 403: "ClusterForbidden", 422: "ClusterRefused", 500: "ServiceUnavailable"} {
		c := clustertest.New(t)
		c.Before("PATCH", func(w http.ResponseWriter, _ *http.Request) {
			clustertest.Status(w, code, metav1.StatusReasonUnknown, `admission webhook "policy" denied the request`)
		})
		_, err := connect(t, c).Bring(t.Context(), web, "r-1", one)
		steptest.WantError(t, err, want)
		if code != 401 && !strings.Contains(err.Error(), "admission webhook") {
			t.Errorf("%d: said %v", code, err)
		}
	}
}

// TestThePatchSaysWhatIsNeeded and nothing more.
func TestThePatchSaysWhatIsNeeded(t *testing.T) {
	c := clustertest.New(t)
	version := c.Read().ResourceVersion
	_, err := connect(t, c).Bring(t.Context(), web, "r-1", one)
	steptest.WantError(t, err, "")
	want := `{"metadata":{"resourceVersion":"` + version + `","annotations":{"kubernetes.io/change-cause":"Mayfly release r-1","mayfly.dev/image-before":"docs@sha256:0000","mayfly.dev/release":"r-1","mayfly.dev/release-before":null}},"spec":{"template":{"spec":{"containers":[{"name":"app","image":"docs@sha256:1111"}]}}}}`
	if got := c.Bodies(); !slices.Equal(got, []string{want}) {
		t.Errorf("sent\n%v, want\n%s", got, want)
	}
}
