package e2e_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/mayfly-dev/mayfly/events"
)

// TestEachChangeIsInTheAudit goes through a sandbox's life (B9 of what the
// product covers): requests, flows, pushes and what the registry was asked, each
// with who did it, and all of it still there when the sandbox is gone.
func TestEachChangeIsInTheAudit(t *testing.T) {
	c := start(t, nil)
	box := c.create(t, events.CreateSandbox{Name: "hello", Owner: "ana"})
	digest := c.push(t, box.RepositoryURI, "v1", imageOf(t, exampleSite(t, "one")))
	c.becomes(t, box.URL, "<!-- one -->")
	c.await(t, "hello", events.PhaseReady)
	if err := c.api(t.Context(), http.MethodDelete, "/v1/sandboxes/hello", nil, nil); err != nil {
		t.Fatal(err)
	}
	c.gone(t, "hello")

	for _, want := range []struct {
		action, principal string // "" for whoever the clients are on this machine
		after             map[string]string
	}{
		{"create", "local", map[string]string{"owner": "ana"}},
		{"ecr:CreateRepository", "", nil},
		{"phase", "local", map[string]string{"phase": "ready"}},
		{"ecr:PutImage", "", map[string]string{"image": "v1"}},
		{"release", "ecr:push", nil},
		{"live", "ecr:push", map[string]string{"liveImage": "hello@" + digest}},
		{"delete", "local", map[string]string{"phase": "deleting"}},
		{"ecr:DeleteRepository", "", nil},
		{"remove", "local", nil},
	} {
		c.audits(t, func(e events.AuditEntry) bool {
			for field, value := range want.after {
				if e.After[field] != value {
					return false
				}
			}
			return e.Action == want.action && e.Principal != "" && (want.principal == "" || e.Principal == want.principal) &&
				e.Sandbox == "hello" && e.Owner == "ana" && e.Error == "" && (e.Address != "" || e.Trigger != "")
		}, want.action+" by "+want.principal)
	}
}

// audits waits until the audit has an entry: what the registry was asked is told
// after its answer.
func (c *cloud) audits(t *testing.T, is func(events.AuditEntry) bool, what string) {
	t.Helper()
	eventually(t, "an entry of the audit about "+what, func() (bool, error) {
		var page events.AuditPage
		err := c.api(t.Context(), http.MethodGet, "/v1/audit?limit=1000", nil, &page)
		return slices.ContainsFunc(page.Entries, is), err
	})
}
