package apiservertest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"

	"github.com/mayfly-dev/mayfly/kubernetes/clustertest"
)

// User is who may get and patch deployments, and nothing else.
const User = "mayfly"

const (
	apps       = "/apis/apps/v1/namespaces/" + clustertest.Namespace + "/deployments"
	deployment = apps + "/" + clustertest.Deployment
	rbac       = "/apis/rbac.authorization.k8s.io/v1/namespaces/" + clustertest.Namespace
	merge      = "application/merge-patch+json"
	revision   = "deployment.kubernetes.io/revision"
)

// populate makes the Deployment that package clustertest has, too, and lets
// User change it: the very role that docs/deploy.md gives.
func (s *Server) populate(t *testing.T) {
	t.Helper()
	for _, one := range []struct{ path, body string }{
		{"/api/v1/namespaces", `{"metadata":{"name":"` + clustertest.Namespace + `"}}`},
		{rbac + "/roles", `{"metadata":{"name":"mayfly"},"rules":[{"apiGroups":["apps"],"resources":["deployments"],"verbs":["get","patch"]}]}`},
		{rbac + "/rolebindings", `{"metadata":{"name":"mayfly"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"mayfly"},` +
			`"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"` + User + `"}]}`},
		{apps, `{"metadata":{"name":"` + clustertest.Deployment + `"},"spec":{"replicas":3,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},` +
			`"spec":{"containers":[{"name":"proxy","image":"` + clustertest.Sidecar + `"},{"name":"` + clustertest.Container + `","image":"` + clustertest.OldImage + `"}]}}}}`},
	} {
		s.must(t, http.MethodPost, one.path, "application/json", one.body)
	}
	s.RollOut(t)
}

// RollOut ends the rollout well, as the deployment controller would: it counts a
// revision, which is a change itself, and says which generation it has seen.
func (s *Server) RollOut(t *testing.T) {
	t.Helper()
	counted, _ := strconv.Atoi(s.Read(t).Annotations[revision]) // none yet is the zeroth
	s.must(t, http.MethodPatch, deployment, merge, fmt.Sprintf(`{"metadata":{"annotations":{%q:"%d"}}}`, revision, counted+1))
	s.must(t, http.MethodPatch, deployment+"/status", merge, fmt.Sprintf(`{"status":{"observedGeneration":%d,"replicas":3,"updatedReplicas":3,"readyReplicas":3,"availableReplicas":3,"unavailableReplicas":0,`+
		`"conditions":[{"type":"Progressing","status":"True","reason":"NewReplicaSetAvailable"}]}}`, s.Read(t).Generation))
}

// Stick ends the rollout badly: its new replica never became available.
func (s *Server) Stick(t *testing.T) {
	t.Helper()
	s.must(t, http.MethodPatch, deployment+"/status", merge, fmt.Sprintf(`{"status":{"observedGeneration":%d,"replicas":4,"updatedReplicas":1,"readyReplicas":3,"availableReplicas":3,"unavailableReplicas":1,`+
		`"conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded","message":"ReplicaSet \"web-2\" has timed out progressing."}]}}`, s.Read(t).Generation))
}

// Read returns the Deployment.
func (s *Server) Read(t *testing.T) *appsv1.Deployment {
	t.Helper()
	var d appsv1.Deployment
	if err := json.Unmarshal([]byte(s.must(t, http.MethodGet, deployment, "", "")), &d); err != nil {
		t.Fatal(err)
	}
	return &d
}

// Ask sends a request under a token and returns the status of the answer.
func (s *Server) Ask(ctx context.Context, method, path, token string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, http.NoBody)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	response, err := s.http.Do(r)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// must sends a request as the administrator and returns the answer's body.
func (s *Server) must(t *testing.T, method, path, kind, body string) string {
	t.Helper()
	code, answer, err := s.request(context.WithoutCancel(t.Context()), method, path, kind, body)
	if err != nil || code >= http.StatusBadRequest {
		t.Fatalf("%s %s: %d, %v\n%s", method, path, code, err, answer)
	}
	return answer
}

func (s *Server) request(ctx context.Context, method, path, kind, body string) (int, string, error) {
	r, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Authorization", "Bearer "+s.token)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	response, err := s.http.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close() //nolint:errcheck // it was read to its end
	answer, err := io.ReadAll(response.Body)
	return response.StatusCode, string(answer), err
}
