//go:build peers

package e2e_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/mayfly-dev/mayfly/kubernetes/apiservertest"
	"github.com/mayfly-dev/mayfly/kubernetes/clustertest"
	"github.com/mayfly-dev/mayfly/local"
)

// TestPushAnImageToARealAPIServer goes the whole way, from the push to the
// rollback, with a real Kubernetes API server that knows its callers by asking
// this cloud's STS. No controllers run: what they do, the test does.
func TestPushAnImageToARealAPIServer(t *testing.T) {
	var verifier *apiservertest.Verifier // as soon as there is an STS to ask
	server := apiservertest.Start(t, func(ctx context.Context, token string) (string, error) {
		if verifier == nil {
			return "", errors.New("there is no STS yet")
		}
		return verifier.User(ctx, token)
	})
	k := kubernetesCluster{
		endpoint: server.Endpoint(), authority: server.Authority(),
		image:   func() string { return server.Read(t).Spec.Template.Spec.Containers[1].Image },
		rollOut: func() { server.RollOut(t) }, stick: func() { server.Stick(t) },
	}
	c := start(t, func(config *local.Config) { config.Foreign.EKS, config.EnforceIAM = describes(t, k), true })
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	verifier = &apiservertest.Verifier{Cluster: clustertest.Name, STS: c.awsURL, HTTP: client, Users: map[string]string{}}
	for _, step := range []string{"patchdeployment", "awaitrollout", "undorollout"} {
		name := "mayfly-" + step
		verifier.Users["arn:aws:sts::"+local.Account+":assumed-role/"+name+"/"+name] = apiservertest.User
	}
	pushedToEKS(t, c, k)
}
