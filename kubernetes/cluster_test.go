package kubernetes_test

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"go.uber.org/goleak"
	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/kubernetes"
	"github.com/mayfly-dev/mayfly/kubernetes/clustertest"
	"github.com/mayfly-dev/mayfly/steptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var web = kubernetes.Deployment{Namespace: clustertest.Namespace, Name: clustertest.Deployment, Container: clustertest.Container}

func connect(t *testing.T, c *clustertest.Cluster) *kubernetes.Cluster {
	t.Helper()
	connected, err := kubernetes.NewClusters(c.EKS(), clustertest.Presigner()).Connect(t.Context(), clustertest.Name)
	steptest.WantError(t, err, "")
	t.Cleanup(connected.Close)
	return connected
}

func TestClustersThatCantBeConnectedTo(t *testing.T) {
	c := clustertest.New(t)
	for _, tt := range []struct {
		name   string
		change func(*clustertest.EKS, *types.Cluster)
		want   string
		text   string
	}{
		{"there is none", func(e *clustertest.EKS, _ *types.Cluster) { delete(e.Clusters, clustertest.Name) }, "ClusterNotFound", "no such cluster"},
		{"EKS refuses", func(e *clustertest.EKS, _ *types.Cluster) { e.Err = steptest.Refusal("AccessDeniedException") }, "AccessDeniedException", "describe cluster eu"},
		{"EKS is busy", func(e *clustertest.EKS, _ *types.Cluster) { e.Err = steptest.Refusal("TooManyRequestsException") }, "TooManyRequestsException", ""},
		{"the reply is lost", func(e *clustertest.EKS, _ *types.Cluster) { e.Err = steptest.Reset() }, "NetworkError", ""},
		{"it is being made", func(_ *clustertest.EKS, c *types.Cluster) { c.Endpoint, c.Status = nil, types.ClusterStatusCreating }, "ClusterNotActive", "CREATING"},
		{"it has no authority", func(_ *clustertest.EKS, c *types.Cluster) { c.CertificateAuthority = nil }, "ClusterNotActive", "no endpoint"},
		{"its authority is no base 64", func(_ *clustertest.EKS, c *types.Cluster) { c.CertificateAuthority.Data = ptr("!") }, "ClusterNotActive", "authority"},
		{"its authority is no certificate", func(_ *clustertest.EKS, c *types.Cluster) {
			c.CertificateAuthority.Data = ptr(base64.StdEncoding.EncodeToString([]byte("hello")))
		}, "ClusterNotActive", "authority"},
		{"it would get the token in the clear", func(_ *clustertest.EKS, c *types.Cluster) { c.Endpoint = ptr("http://127.0.0.1") }, "ClusterNotActive", "https"},
		{"its endpoint is no URL", func(_ *clustertest.EKS, c *types.Cluster) { c.Endpoint = ptr("https://\x7f") }, "ClusterNotActive", "https"},
		{"nothing is told of it", func(e *clustertest.EKS, _ *types.Cluster) { e.Clusters[clustertest.Name] = nil }, "ClusterNotActive", "no endpoint"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			eks := c.EKS()
			tt.change(eks, eks.Clusters[clustertest.Name])
			_, err := kubernetes.NewClusters(eks, clustertest.Presigner()).Connect(t.Context(), clustertest.Name)
			steptest.WantError(t, err, tt.want)
			if !strings.Contains(err.Error(), tt.text) {
				t.Errorf("said %v", err)
			}
		})
	}
	_, err := kubernetes.NewClusters(c.EKS(), noKeys{}).Connect(t.Context(), clustertest.Name)
	steptest.WantError(t, err, "ExpiredToken")
}

// noKeys are credentials that have run out.
type noKeys struct{}

func (noKeys) PresignGetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.PresignOptions)) (*v4.PresignedHTTPRequest, error) {
	return nil, steptest.Refusal("ExpiredToken")
}

func ptr[T any](v T) *T { return &v }

// TestAnswersOfAClusterAreNamed: a status of the API has its name in the state
// machines, and says what to do.
func TestAnswersOfAClusterAreNamed(t *testing.T) {
	c := clustertest.New(t)
	connected := connect(t, c)
	status := func(code int32, reason metav1.StatusReason, message string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { clustertest.Status(w, code, reason, message) }
	}
	for _, tt := range []struct {
		name   string
		handle http.HandlerFunc
		want   string
		text   string
	}{
		{"unauthorized", status(401, metav1.StatusReasonUnauthorized, "Unauthorized"), "ClusterUnauthorized", "access entry"},
		{"forbidden", status(403, metav1.StatusReasonForbidden, `deployments.apps "web" is forbidden: User "mayfly" cannot get resource "deployments"`), "ClusterForbidden", `User "mayfly" cannot get`},
		{"no namespace", status(404, metav1.StatusReasonNotFound, `namespaces "shop" not found`), "DeploymentNotFound", `namespaces "shop" not found`},
		{"busy", status(429, metav1.StatusReasonTooManyRequests, "too many requests"), "TooManyRequestsException", ""},
		{"broken", status(500, metav1.StatusReasonInternalError, "etcdserver: request timed out"), "ServiceUnavailable", "answers 500: etcdserver"},
		{"away", status(503, metav1.StatusReasonServiceUnavailable, "apiserver is shutting down"), "ServiceUnavailable", "503"},
		{"a status of another kind", status(418, "Teapot", "short and stout"), "ClusterRefused", "418"},
		{"a page of a load balancer", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusBadGateway)
			_, _ = w.Write([]byte("<h1>Bad Gateway</h1>"))
		}, "ServiceUnavailable", "502"},
		{"no JSON", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }, "ClusterRefused", ""},
		{"another kind of object", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"apiVersion":"v1","kind":"Secret"}`))
		}, "ClusterRefused", ""},
		{"half an answer", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte(`{"apiVersion":"apps/v1"`))
			panic(http.ErrAbortHandler)
		}, "NetworkError", "endpoint a public one?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c.Before("GET", tt.handle)
			_, err := connected.Get(t.Context(), web)
			steptest.WantError(t, err, tt.want)
			if !strings.Contains(err.Error(), tt.text) || !strings.Contains(err.Error(), "shop/web in cluster eu") {
				t.Errorf("said %v", err)
			}
		})
	}
	if _, err := connected.Get(t.Context(), web); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestAClusterIsAskedOnceEachTime: waiting is the state machine's, whatever a
// cluster asks for.
func TestAClusterIsAskedOnceEachTime(t *testing.T) {
	c := clustertest.New(t)
	c.Before("GET", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		clustertest.Status(w, 429, metav1.StatusReasonTooManyRequests, "later")
	})
	_, err := connect(t, c).Get(t.Context(), web)
	steptest.WantError(t, err, "TooManyRequestsException")
	if n := c.Requests("GET"); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func TestOnlyTheClustersAuthorityIsTrusted(t *testing.T) {
	c := clustertest.New(t)
	other := httptest.NewUnstartedServer(c)
	other.TLS = &tls.Config{Certificates: []tls.Certificate{selfSigned(t)}, MinVersion: tls.VersionTLS12}
	other.StartTLS()
	defer other.Close()
	eks := c.EKS()
	eks.Clusters[clustertest.Name].Endpoint = ptr(other.URL)
	connected, err := kubernetes.NewClusters(eks, clustertest.Presigner()).Connect(t.Context(), clustertest.Name)
	steptest.WantError(t, err, "")
	defer connected.Close()
	_, err = connected.Get(t.Context(), web)
	steptest.WantError(t, err, "ClusterNotTrusted")
	if c.Token() != "" {
		t.Error("it was sent the token")
	}
}

// TestTheTokenGoesNowhereElse: not where a cluster redirects to, and not into
// an error, though a cluster sends it back.
func TestTheTokenGoesNowhereElse(t *testing.T) {
	c, elsewhere := clustertest.New(t), clustertest.New(t)
	connected := connect(t, c)
	c.Before("GET", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.Endpoint()+r.URL.Path, http.StatusTemporaryRedirect)
	})
	_, err := connected.Get(t.Context(), web)
	steptest.WantError(t, err, "ClusterRefused")
	if elsewhere.Requests("GET") != 0 {
		t.Error("the redirect was followed")
	}
	for _, code := range []int32{403, 404, 422, 500} {
		c.Before("GET", func(w http.ResponseWriter, r *http.Request) {
			clustertest.Status(w, code, metav1.StatusReasonUnknown, "\x1b[31mI know "+r.Header.Get("Authorization")+strings.Repeat("!", 10_000))
		})
		_, err := connected.Get(t.Context(), web)
		if err == nil || strings.Contains(err.Error(), c.Token()) || strings.Contains(err.Error(), "k8s-aws-v1") || strings.Contains(err.Error(), "\x1b") || len(err.Error()) > 1500 {
			t.Errorf("%d: said %v", code, err)
		}
	}
}

func TestAnswersAreBounded(t *testing.T) {
	c := clustertest.New(t)
	connected := connect(t, c)
	c.Before("GET", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		for block := []byte(strings.Repeat(" ", 1<<20)); r.Context().Err() == nil; {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	_, err := connected.Get(t.Context(), web)
	steptest.WantError(t, err, "ClusterRefused")
	if !strings.Contains(err.Error(), "4194304 bytes") {
		t.Errorf("said %v", err)
	}
	c.Before("GET", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
		w.WriteHeader(http.StatusOK)
	})
	if _, err = connected.Get(t.Context(), web); err == nil {
		t.Error("a header of a megabyte was taken")
	}
	ctx, cancel := context.WithCancel(t.Context())
	c.Before("GET", func(http.ResponseWriter, *http.Request) { cancel() })
	if _, err = connected.Get(ctx, web); awserr.Name(err) != "NetworkError" {
		t.Errorf("out of time: %v", err)
	}
	var refusal *kubernetes.Refusal
	if !errors.As(err, &refusal) {
		t.Errorf("is no refusal: %v", err)
	}
}

// TestNamesThatNobodyCanHaveAreRefused: they would go into records and onto
// people's screens.
func TestNamesThatNobodyCanHaveAreRefused(t *testing.T) {
	for name, change := range map[string]func(*appsv1.Deployment){
		"image":   func(d *appsv1.Deployment) { d.Spec.Template.Spec.Containers[1].Image = "x\x1b[2J" },
		"before":  func(d *appsv1.Deployment) { d.Annotations["mayfly.dev/image-before"] = strings.Repeat("x", 5000) },
		"release": func(d *appsv1.Deployment) { d.Annotations["mayfly.dev/release"] = "r-1\n" },
	} {
		c := clustertest.New(t)
		c.Change(change)
		if _, err := connect(t, c).Get(t.Context(), web); awserr.Name(err) != "ClusterRefused" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
