package api_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// denials returns what the audit was told of denials.
func (w *world) denials() []sandbox.Audit {
	w.t.Helper()
	all, _, err := w.store.ListAudit(w.t.Context(), sandbox.AuditFilter{}, sandbox.Page{Limit: sandbox.MaxPage})
	must(w.t, err)
	var denied []sandbox.Audit
	for _, entry := range all {
		if entry.Action == sandbox.ActionDenied {
			denied = append(denied, entry)
		}
	}
	return denied
}

// TestDeniedRequestsAreAudited: those of whoever is known, under the owner of
// what they were about, and the same once an hour.
func TestDeniedRequestsAreAudited(t *testing.T) {
	w := newWorld(t, asTold)
	w.readyFor("ada", "hello")
	for range 3 {
		w.want(http.StatusForbidden, "DELETE", "/v1/sandboxes/hello", "", "Test-Name", "bea", "Test-Role", "owner", "User-Agent", "curl/8")
		w.want(http.StatusForbidden, "DELETE", "/v1/sandboxes/hello", "", "Test-Name", "rob", "Test-Role", "reader")
		w.want(http.StatusUnauthorized, "DELETE", "/v1/sandboxes/hello", "")
	}
	all := w.denials()
	if len(all) != 2 {
		t.Fatalf("denied %+v", all)
	}
	rob, bea := all[0], all[1]
	if rob.Principal != "test/rob" { // they are of the same moment
		rob, bea = bea, rob
	}
	if bea.Principal != "test/bea" || bea.Owner != "ada" || bea.Sandbox != "hello" || bea.Resource != "DELETE /v1/sandboxes/{name}" || bea.Error != "AccessDenied" || bea.UserAgent != "curl/8" {
		t.Errorf("bea's is %+v", bea)
	}
	if rob.Principal != "test/rob" || rob.Sandbox != "hello" || rob.Owner != "" { // who may not do it anywhere is denied before anything is read
		t.Errorf("rob's is %+v", rob)
	}
	page := into[events.AuditPage](t, w.want(http.StatusOK, "GET", "/v1/audit?sandbox=hello", "", "Test-Name", "ada", "Test-Role", "owner"))
	found := 0
	for _, entry := range page.Entries {
		if entry.Action == sandbox.ActionDenied {
			found++
		}
	}
	if found != 1 {
		t.Errorf("ada sees %d denials of what is hers", found)
	}
}

// TestNobodyFillsTheAudit with what is denied.
func TestNobodyFillsTheAudit(t *testing.T) {
	w := newWorld(t, asTold)
	for i := range 100 {
		w.want(http.StatusForbidden, "DELETE", fmt.Sprintf("/v1/sandboxes/none-%d", i), "", "Test-Name", "rob", "Test-Role", "reader")
	}
	if n := len(w.denials()); n != 20 {
		t.Errorf("%d denials of one", n)
	}
	w.want(http.StatusForbidden, "DELETE", "/v1/sandboxes/none-1", "", "Test-Name", "eve", "Test-Role", "reader")
	if n := len(w.denials()); n != 21 {
		t.Errorf("%d denials, and another one's", n)
	}
	w.clock.move(time.Hour)
	w.want(http.StatusForbidden, "DELETE", "/v1/sandboxes/none-1", "", "Test-Name", "rob", "Test-Role", "reader")
	if n := len(w.denials()); n != 22 {
		t.Errorf("%d denials, an hour later", n)
	}
}
