//go:build peers

package kubernetes_test

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	ekstypes "github.com/aws/aws-sdk-go-v2/service/eks/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/mayfly-dev/mayfly/kubernetes"
	"github.com/mayfly-dev/mayfly/kubernetes/apiservertest"
	"github.com/mayfly-dev/mayfly/kubernetes/clustertest"
	local "github.com/mayfly-dev/mayfly/local/sts"
	"github.com/mayfly-dev/mayfly/steptest"
)

const account = "000000000000"

// peer is a real API server that knows its callers by Mayfly's own STS.
type peer struct {
	server *apiservertest.Server
	sts    *sts.Client
	http   *http.Client
}

func startPeer(t *testing.T) *peer {
	t.Helper()
	t.Setenv("AWS_CA_BUNDLE", "")
	sessions, err := local.OpenSessions(filepath.Join(t.TempDir(), "key"), account, rand.Reader, time.Now)
	steptest.WantError(t, err, "")
	server := httptest.NewServer(local.Handler{Account: account, RequestID: rand.Text, Sessions: sessions})
	t.Cleanup(server.Close)
	p := &peer{http: &http.Client{Transport: &http.Transport{}}}
	t.Cleanup(p.http.CloseIdleConnections)
	p.sts = p.as(server.URL, "test", "test", "")
	// The role that Mayfly's function has.
	role, err := p.sts.AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::" + account + ":role/mayfly"), RoleSessionName: aws.String("patchdeployment")})
	steptest.WantError(t, err, "")
	keys := aws.Credentials{AccessKeyID: *role.Credentials.AccessKeyId, SecretAccessKey: *role.Credentials.SecretAccessKey, SessionToken: *role.Credentials.SessionToken}
	verifier := &apiservertest.Verifier{
		Cluster: clustertest.Name, STS: server.URL, HTTP: p.http, Keys: &keys,
		Users: map[string]string{"arn:aws:sts::" + account + ":assumed-role/mayfly/patchdeployment": apiservertest.User},
	}
	p.server = apiservertest.Start(t, verifier.User)
	p.sts = p.as(server.URL, keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken)
	return p
}

func (p *peer) as(url, key, secret, token string) *sts.Client {
	return sts.New(sts.Options{
		Region: "eu-west-1", BaseEndpoint: &url, HTTPClient: p.http, Credentials: credentials.NewStaticCredentialsProvider(key, secret, token),
	})
}

// connect connects as a caller to the server, under a cluster's name.
func (p *peer) connect(t *testing.T, caller *sts.Client, name string) *kubernetes.Cluster {
	t.Helper()
	eks := &clustertest.EKS{Clusters: map[string]*ekstypes.Cluster{name: {
		Endpoint: aws.String(p.server.Endpoint()), CertificateAuthority: &ekstypes.Certificate{Data: aws.String(p.server.Authority())},
	}}}
	cluster, err := kubernetes.NewClusters(eks, sts.NewPresignClient(caller)).Connect(t.Context(), name)
	steptest.WantError(t, err, "")
	t.Cleanup(cluster.Close)
	return cluster
}

// TestRealAPIServer holds what the stand-in is held to against a real server,
// from the token to the rollout.
func TestRealAPIServer(t *testing.T) {
	p := startPeer(t)
	cluster := p.connect(t, p.sts, clustertest.Name)

	s, err := cluster.Bring(t.Context(), web, "r-1", one)
	if steptest.WantError(t, err, ""); s.Before() != clustertest.OldImage || s.Generation() != 3 {
		t.Errorf("brought before %q, generation %d", s.Before(), s.Generation())
	}
	_, err = cluster.Bring(t.Context(), web, "r-1", one)
	steptest.WantError(t, err, "")
	d := p.server.Read(t)
	if d.Generation != 3 || len(d.Spec.Template.Spec.Containers) != 2 || d.Spec.Template.Spec.Containers[0].Image != clustertest.Sidecar {
		t.Errorf("is now %+v", d.Spec.Template.Spec)
	}
	if rollout, err := s.Rollout(); err != nil || rollout.Done {
		t.Errorf("before a controller saw it: %+v, %v", rollout, err)
	}
	p.server.RollOut(t)
	s, err = cluster.Get(t.Context(), web)
	steptest.WantError(t, err, "")
	if rollout, err := s.Rollout(); err != nil || !rollout.Done || s.Revision() != "2" {
		t.Errorf("rolled out: %+v, %v, revision %s", rollout, err, s.Revision())
	}

	_, err = cluster.Bring(t.Context(), web, "r-2", two)
	steptest.WantError(t, err, "")
	p.server.Stick(t)
	s, err = cluster.Get(t.Context(), web)
	steptest.WantError(t, err, "")
	_, err = s.Rollout()
	steptest.WantError(t, err, "RolloutFailed")
	for try := range 2 {
		s, undone, err := cluster.Undo(t.Context(), web, "r-2", digestOf(two))
		if steptest.WantError(t, err, ""); undone != (try == 0) || !s.At("r-1", digestOf(one)) {
			t.Errorf("try %d: undone %v, is at %s with %s", try, undone, s.Release(), s.Image())
		}
	}
	_, err = cluster.Get(t.Context(), kubernetes.Deployment{Namespace: clustertest.Namespace, Name: "api", Container: "app"})
	steptest.WantError(t, err, "DeploymentNotFound")
	_, err = cluster.Get(t.Context(), kubernetes.Deployment{Namespace: "kube-system", Name: "coredns"})
	steptest.WantError(t, err, "ClusterForbidden")

	t.Run("a token is for one cluster", func(t *testing.T) {
		_, err := p.connect(t, p.sts, "us").Get(t.Context(), web)
		steptest.WantError(t, err, "ClusterUnauthorized")
	})
	t.Run("a token is of one caller", func(t *testing.T) {
		caller := p.as(*p.sts.Options().BaseEndpoint, "test", "test", "")
		_, err := p.connect(t, caller, clustertest.Name).Get(t.Context(), web)
		steptest.WantError(t, err, "ClusterUnauthorized")
	})
	t.Run("the role may get and patch, and nothing else", func(t *testing.T) {
		mine := token(t, p)
		const namespace = "/apis/apps/v1/namespaces/" + clustertest.Namespace
		for request, want := range map[[2]string]int{
			{"GET", namespace + "/deployments/web"}: 200, {"GET", namespace + "/deployments"}: 403, {"DELETE", namespace + "/deployments/web"}: 403,
			{"GET", "/api/v1/namespaces/" + clustertest.Namespace + "/secrets"}: 403, {"GET", "/api/v1/namespaces/" + clustertest.Namespace + "/pods"}: 403,
		} {
			if code, err := p.server.Ask(t.Context(), request[0], request[1], mine); err != nil || code != want {
				t.Errorf("%s %s: %d, %v; want %d", request[0], request[1], code, err, want)
			}
		}
	})
}

// token is the token that a cluster gets of the role.
func token(t *testing.T, p *peer) string {
	t.Helper()
	c := clustertest.New(t)
	connected, err := kubernetes.NewClusters(c.EKS(), sts.NewPresignClient(p.sts)).Connect(t.Context(), clustertest.Name)
	steptest.WantError(t, err, "")
	defer connected.Close()
	_, err = connected.Get(t.Context(), web)
	steptest.WantError(t, err, "")
	return c.Token()
}
