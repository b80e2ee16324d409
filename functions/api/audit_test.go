package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func who(name, role string) []string { return []string{"Test-Name", name, "Test-Role", role} }

// audit returns the entries that somebody sees, oldest first, as "ACTION by
// PRINCIPAL", and the entries themselves.
func (w *world) audit(query string, as ...string) (lines []string, entries []events.AuditEntry) {
	w.t.Helper()
	page := into[events.AuditPage](w.t, w.want(http.StatusOK, "GET", "/v1/audit"+query, "", as...))
	for i := len(page.Entries) - 1; i >= 0; i-- {
		entries = append(entries, page.Entries[i])
		lines = append(lines, page.Entries[i].Action+" by "+page.Entries[i].Principal)
	}
	return lines, entries
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestEachChangeIsInTheAuditWithWhoMadeIt(t *testing.T) {
	w := newWorld(t, asTold)
	ada := who("ada", "owner")
	step := func(status int, method, path, body string, as []string) answer {
		w.clock.move(time.Second)
		return w.want(status, method, path, body, append(as, "User-Agent", "tests/1")...)
	}
	step(http.StatusAccepted, "POST", "/v1/sandboxes", `{"name":"hello","ttl":"1d"}`, ada)
	step(http.StatusAccepted, "POST", "/v1/sandboxes", `{"name":"hello","ttl":"1d"}`, ada) // the same, and no change
	w.clock.move(time.Second)
	w.provisioned("hello")
	step(http.StatusOK, "PATCH", "/v1/sandboxes/hello", `{"ttl":"never"}`, who("op", "admin"))
	step(http.StatusForbidden, "PATCH", "/v1/sandboxes/hello", `{"ttl":"2d"}`, who("eve", "reader"))
	upload := into[events.Upload](t, step(http.StatusCreated, "POST", "/v1/sandboxes/hello/uploads", `{"size":7,"format":"zip"}`, ada))
	w.objects.uploads[release.UploadKey(w.stored("hello").ID, upload.ID)] = true
	step(http.StatusAccepted, "POST", "/v1/sandboxes/hello/releases", `{"upload":"`+upload.ID+`"}`, ada)
	w.clock.move(time.Second)
	r, err := w.store.GetRelease(t.Context(), sandbox.Ref{ID: w.stored("hello").ID, Name: "hello"}, upload.ID)
	must(t, err)
	r.Status, r.EndedAt = sandbox.ReleaseLive, w.clock.Now()
	s := w.stored("hello")
	must(t, sandbox.EndRelease(t.Context(), w.store, s.Ref(), r)) // as the release's last step does
	step(http.StatusAccepted, "DELETE", "/v1/sandboxes/hello", "", who("op", "admin"))
	w.clock.move(time.Second)
	must(t, w.store.Remove(t.Context(), s.Ref())) // as the teardown's last step does

	lines, entries := w.audit("?sandbox=hello", who("eve", "reader")...)
	wantLines(t, lines,
		"create by test/ada", "phase by test/ada", "update by test/op", "denied by test/eve", "upload by test/ada", "release by test/ada",
		"live by test/ada", "delete by test/op", "remove by test/op")
	for i, e := range entries {
		byRequest := e.Action != "phase" && e.Action != "live" && e.Action != "remove"
		if byRequest != (e.Address == "127.0.0.1" && e.UserAgent == "tests/1") || byRequest != (e.Trigger == "") {
			t.Errorf("%d: %s comes from %q, %q, %q", i, e.Action, e.Address, e.UserAgent, e.Trigger)
		}
	}
	if update := entries[2]; update.Before["expiresAt"] == "" || len(update.Before) != 1 || len(update.After) != 0 {
		t.Errorf("the update: %+v", update)
	}
	if live := entries[6]; live.After["liveRelease"] != upload.ID || live.Before["release"] != upload.ID {
		t.Errorf("the release's end: %+v", live)
	}
	all := w.want(http.StatusOK, "GET", "/v1/audit", "", who("eve", "reader")...).text
	if strings.Contains(all, "X-Amz-Signature") || strings.Contains(all, upload.URL) {
		t.Error("the audit has a URL that lets people write")
	}
}

// TestALookIsNoChange: what is stuck is put under way again by whoever looks,
// and is the change of whoever asked for it.
func TestALookIsNoChange(t *testing.T) {
	w := newWorld(t, asTold)
	w.want(http.StatusAccepted, "POST", "/v1/sandboxes", `{"name":"hello"}`, who("ada", "owner")...)
	w.machines.end("ABORTED")
	w.clock.move(time.Hour)
	w.want(http.StatusOK, "GET", "/v1/sandboxes/hello", "", who("eve", "reader")...)
	lines, entries := w.audit("", who("eve", "reader")...)
	wantLines(t, lines, "create by test/ada", "phase by test/ada")
	if last := entries[len(entries)-1]; !strings.Contains(last.Trigger, "started again after") || last.Address != "" || last.After["phase"] != "deleting" {
		t.Errorf("%+v", last)
	}
}

func TestAPushIsItsReleasesPrincipal(t *testing.T) {
	w := newWorld(t, asTold)
	w.readyFor("ada", "hello")
	s := w.stored("hello")
	push := events.Image{Repository: "hello", Digest: "sha256:" + strings.Repeat("a", 64), Tag: "v1", PushedAt: w.clock.Now()}
	w.clock.move(time.Second)
	deploy, err := sandbox.BeginDeploy(t.Context(), w.store, s.Ref(), push, sandbox.Release{CreatedAt: w.clock.Now(), Deploy: "arn:deploy", Execution: "arn:release"})
	must(t, err)
	r := deploy.Release
	r.Status, r.EndedAt = sandbox.ReleaseFailed, w.clock.Now()
	w.clock.move(time.Second)
	must(t, sandbox.EndRelease(t.Context(), w.store, s.Ref(), r))
	lines, entries := w.audit("?principal=ecr:push", who("ada", "owner")...)
	wantLines(t, lines, "release by ecr:push", "release failed by ecr:push")
	if trigger := entries[0].Trigger; !strings.Contains(trigger, push.Digest) || !strings.Contains(trigger, "v1") {
		t.Errorf("triggered by %q", trigger)
	}
}

func TestAnOwnerSeesItsOwnAudit(t *testing.T) {
	w := newWorld(t, asTold)
	for _, name := range []string{"one", "two", "three"} {
		w.clock.move(time.Minute)
		w.want(http.StatusAccepted, "POST", "/v1/sandboxes", `{"name":"`+name+`"}`, who("ada", "owner")...)
	}
	w.clock.move(time.Minute)
	since := w.clock.Now().Format(time.RFC3339)
	w.want(http.StatusAccepted, "POST", "/v1/sandboxes", `{"name":"of-bea"}`, who("bea", "owner")...)
	for query, want := range map[string]string{
		"ada ": "one two three", "bea ": "of-bea", "bea ?sandbox=one": "", "ada ?principal=test/bea": "",
		"op ": "one two three of-bea", "op ?since=" + since: "of-bea", "op ?principal=test/ada": "one two three",
	} {
		name, query, _ := strings.Cut(query, " ")
		role := map[bool]string{true: "admin", false: "owner"}[name == "op"]
		var seen []string
		_, entries := w.audit(query, who(name, role)...)
		for _, e := range entries {
			seen = append(seen, e.Sandbox)
		}
		if got := strings.Join(seen, " "); got != want {
			t.Errorf("%s %s: %q, want %q", name, query, got, want)
		}
	}
	var paged []string
	for cursor := ""; ; {
		page := into[events.AuditPage](t, w.want(http.StatusOK, "GET", "/v1/audit?limit=1&cursor="+cursor, "", who("op", "admin")...))
		paged = append(paged, page.Entries[0].Sandbox)
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if got := strings.Join(paged, " "); got != "of-bea three two one" {
		t.Errorf("one at a time: %q", got)
	}
	for _, query := range []string{"since=yesterday", "since=1960-01-01T00:00:00Z", "since=2999-01-01T00:00:00Z", "limit=0", "cursor=%25"} {
		p := into[events.Problem](t, w.want(http.StatusBadRequest, "GET", "/v1/audit?"+query, "", who("op", "admin")...))
		if field, _, _ := strings.Cut(query, "="); len(p.Errors) != 1 || p.Errors[0].Field != field {
			t.Errorf("%s: %+v", query, p)
		}
	}
}
