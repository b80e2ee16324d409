package e2e_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eks/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/kubernetes/clustertest"
	"github.com/mayfly-dev/mayfly/local"
	"github.com/mayfly-dev/mayfly/local/bus"
)

// kubernetesCluster is a cluster that images are deployed to: the stand-in, or
// a real API server. What controllers do, the test does.
type kubernetesCluster struct {
	endpoint, authority string
	image               func() string
	rollOut, stick      func()
}

func standIn(c *clustertest.Cluster) kubernetesCluster {
	return kubernetesCluster{endpoint: c.Endpoint(), authority: c.Authority(), image: c.Image, rollOut: c.RollOut, stick: c.Stick}
}

// describes serves an EKS that tells of a cluster, and returns its address.
func describes(t *testing.T, k kubernetesCluster) string {
	t.Helper()
	server := httptest.NewServer(&clustertest.EKS{Clusters: map[string]*types.Cluster{clustertest.Name: {
		Name: aws.String(clustertest.Name), Status: types.ClusterStatusActive, Endpoint: &k.endpoint,
		CertificateAuthority: &types.Certificate{Data: &k.authority},
	}}})
	t.Cleanup(server.Close)
	return server.URL
}

// eksSandbox is a sandbox whose images go to the cluster's Deployment.
func eksSandbox() events.CreateSandbox {
	return events.CreateSandbox{Name: "shop", Deploy: events.DeploySpec{Target: events.TargetEKS, EKS: &events.EKSTarget{
		Cluster: clustertest.Name, Namespace: clustertest.Namespace, Deployment: clustertest.Deployment, Container: clustertest.Container,
	}}}
}

// TestPushAnImageAndItRunsOnEKS is B7 for EKS. Each push is told of twice, and
// changes the Deployment once.
func TestPushAnImageAndItRunsOnEKS(t *testing.T) {
	cluster := clustertest.New(t)
	k := standIn(cluster)
	c := start(t, func(config *local.Config) { config.Foreign.EKS = describes(t, k) })
	c.events.SetChaos(bus.Chaos{Seed: 1, Duplicate: 1})
	pushedToEKS(t, c, k)
	c.idle(t)
	if n := cluster.Requests("PATCH"); n != 5 { // three pushes, one undone, one rollback
		t.Errorf("the deployment was changed %d times, want 5: %v", n, cluster.Bodies())
	}
}

func pushedToEKS(t *testing.T, c *cloud, k kubernetesCluster) {
	box := c.create(t, eksSandbox())
	first := k.brings(t, c, box, "v1")
	k.rollOut()
	c.releasesBecome(t, "shop", "image v1 live")
	c.protects(t, "shop", strings.TrimPrefix(first, box.RepositoryURI+"@"))

	// One that does not come up is undone, with the cluster's reason.
	k.brings(t, c, box, "v2")
	k.stick()
	c.releasesBecome(t, "shop", "image v1 live, image v2 failed")
	if k.image() != first {
		t.Errorf("after a rollout that failed it runs %s, want %s", k.image(), first)
	}
	c.tells(t, "shop", "is to run "+first+" again")
	k.rollOut() // the one before, again

	second := k.brings(t, c, box, "v3")
	k.rollOut()
	c.releasesBecome(t, "shop", "image v1 live, image v2 failed, image v3 live")

	var back events.ReleaseState
	if err := c.api(t.Context(), "POST", "/v1/sandboxes/shop/rollback", nil, &back); err != nil {
		t.Fatal(err)
	}
	k.runs(t, first)
	k.rollOut()
	if back = c.released(t, "shop", back.ID); back.Status != "live" || second == first {
		t.Errorf("rollback: %+v", back)
	}
	if err := c.api(t.Context(), "DELETE", "/v1/sandboxes/shop", nil, nil); err != nil {
		t.Fatal(err)
	}
	c.gone(t, "shop")
	k.runs(t, first) // whose Deployment it is, is not Mayfly's to say
}

// brings pushes an image and returns it once the Deployment is to run it.
func (k kubernetesCluster) brings(t *testing.T, c *cloud, box events.SandboxState, tag string) string {
	t.Helper()
	image := box.RepositoryURI + "@" + c.push(t, box.RepositoryURI, tag, imageOf(t, exampleSite(t, tag)))
	k.runs(t, image)
	return image
}

func (k kubernetesCluster) runs(t *testing.T, image string) {
	t.Helper()
	eventually(t, "the deployment runs "+image, func() (bool, error) {
		got := k.image()
		return got == image, errors.New("it runs " + got)
	})
}

// TestEKSNeedsAnAddress: this machine has none itself.
func TestEKSNeedsAnAddress(t *testing.T) {
	c := start(t, nil)
	err := c.api(t.Context(), "POST", "/v1/sandboxes", eksSandbox(), nil)
	if err == nil || !strings.Contains(err.Error(), "deploy.eks") || !strings.Contains(err.Error(), "docs/deploy.md") {
		t.Errorf("said %v", err)
	}
}
