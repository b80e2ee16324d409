// Package clustertest is a stand-in for a cluster of EKS: the part of the
// Kubernetes API that package kubernetes asks, behind TLS with a certificate
// authority of its own, and the EKS that tells of it. It keeps Deployments and
// answers with Kubernetes' real Status objects. No controllers run: a test says
// how a rollout goes. It is imported by tests alone.
package clustertest

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The Deployment that a cluster has, and its containers' images.
const (
	Name       = "eu"
	Namespace  = "shop"
	Deployment = "web"
	Container  = "app"
	OldImage   = "docs@sha256:0000"
	Sidecar    = "proxy:1"
)

// Cluster is a cluster. Its zero value is not usable.
type Cluster struct {
	server *httptest.Server

	mu          sync.Mutex
	deployments map[string]*appsv1.Deployment
	requests    []*http.Request
	bodies      []string
	before      map[string][]http.HandlerFunc
	version     int
}

// New starts a cluster with one Deployment, which has rolled out, and stops it
// when the test ends.
func New(t *testing.T) *Cluster {
	t.Helper()
	c := &Cluster{deployments: map[string]*appsv1.Deployment{}, before: map[string][]http.HandlerFunc{}}
	c.server = httptest.NewUnstartedServer(c)
	c.server.EnableHTTP2 = true
	c.server.StartTLS()
	t.Cleanup(c.server.Close)
	replicas := int32(3)
	labels := map[string]string{"app": "web"}
	c.Put(&appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: Deployment, Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: corev1.PodSpec{Containers: []corev1.Container{
				{Name: "proxy", Image: Sidecar}, {Name: Container, Image: OldImage, Env: []corev1.EnvVar{{Name: "MODE", Value: "test"}}},
			}}},
		},
	})
	c.RollOut()
	return c
}

// Endpoint is the cluster's URL, and Authority its certificate authority as EKS
// tells it: PEM in base 64.
func (c *Cluster) Endpoint() string { return c.server.URL }

// Authority is the certificate authority, as EKS tells it.
func (c *Cluster) Authority() string {
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.server.Certificate().Raw})
	return base64.StdEncoding.EncodeToString(block)
}

// Put makes a Deployment, or another in its place.
func (c *Cluster) Put(d *appsv1.Deployment) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d = d.DeepCopy()
	d.APIVersion, d.Kind = "apps/v1", "Deployment"
	c.keep(d)
}

// Change changes the Deployment as somebody else would.
func (c *Cluster) Change(change func(*appsv1.Deployment)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.deployments[Namespace+"/"+Deployment].DeepCopy()
	change(d)
	c.keep(d)
}

// Delete deletes the Deployment.
func (c *Cluster) Delete() {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.deployments, Namespace+"/"+Deployment)
}

// Read returns the Deployment.
func (c *Cluster) Read() *appsv1.Deployment {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.deployments[Namespace+"/"+Deployment].DeepCopy()
}

// Image returns what the container is to run.
func (c *Cluster) Image() string {
	for _, one := range c.Read().Spec.Template.Spec.Containers {
		if one.Name == Container {
			return one.Image
		}
	}
	return ""
}

// Before lets a handler have the next request with a method: one that writes
// an answer gives it, one that writes none lets the cluster answer.
func (c *Cluster) Before(method string, handle http.HandlerFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.before[method] = append(c.before[method], handle)
}

// Requests returns how many requests with a method came.
func (c *Cluster) Requests(method string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, one := range c.requests {
		if one.Method == method {
			n++
		}
	}
	return n
}

// Token returns the token of the last request.
func (c *Cluster) Token() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.requests) == 0 {
		return ""
	}
	return strings.TrimPrefix(c.requests[len(c.requests)-1].Header.Get("Authorization"), "Bearer ")
}

// Bodies returns the patches that came.
func (c *Cluster) Bodies() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.bodies...)
}

// keep gives a Deployment a new version, as every write does, and another
// generation when its spec or its annotations changed: both count for the API
// server.
func (c *Cluster) keep(d *appsv1.Deployment) {
	c.version++
	d.ResourceVersion = strconv.Itoa(c.version)
	old := c.deployments[d.Namespace+"/"+d.Name]
	if old == nil || !equality.Semantic.DeepEqual(old.Spec, d.Spec) || !equality.Semantic.DeepEqual(old.Annotations, d.Annotations) {
		d.Generation++
	}
	c.deployments[d.Namespace+"/"+d.Name] = d
}

// Status is an answer that is no Deployment.
func Status(w http.ResponseWriter, code int32, reason metav1.StatusReason, message string) {
	write(w, int(code), metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusFailure, Code: code, Reason: reason, Message: message,
	})
}

func write(w http.ResponseWriter, code int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(answer) // a client that left wants no answer
}
