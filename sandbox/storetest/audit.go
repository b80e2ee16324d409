package storetest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/sandbox"
)

var ann = sandbox.Actor{Principal: "arn:aws:iam::000000000000:user/ann", Address: "192.0.2.1", UserAgent: "mayfly/1"}

func audit(t *testing.T, store sandbox.Store, filter sandbox.AuditFilter) []sandbox.Audit {
	t.Helper()
	all, next, err := store.ListAudit(t.Context(), filter, sandbox.Page{})
	must(t, err)
	same(t, "cursor after the last entry", next, sandbox.Cursor(""))
	return all
}

func actions(entries []sandbox.Audit) []string {
	all := make([]string, len(entries))
	for i, entry := range entries {
		all[len(all)-1-i] = entry.Action + " by " + entry.Principal
	}
	return all
}

func as(t *testing.T, who sandbox.Actor) context.Context {
	t.Helper()
	return sandbox.As(t.Context(), who)
}

func auditTells(t *testing.T, store sandbox.Store) {
	s := aSandbox("site", "ann", 1)
	s.Execution = "arn:provision"
	must(t, store.Claim(as(t, ann), s, claimedEvent))
	change := func(ctx context.Context, change func(*sandbox.Sandbox)) {
		t.Helper()
		_, err := store.Update(ctx, s.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
			change(s)
			return []sandbox.Event{{Type: sandbox.EventProgress}}, nil
		})
		must(t, err)
	}
	change(t.Context(), func(s *sandbox.Sandbox) { s.Step = "createbucket" }) // nothing that the audit tells of
	change(t.Context(), func(s *sandbox.Sandbox) { s.Phase, s.Step = sandbox.PhaseReady, "" })
	bob := sandbox.Actor{Principal: "bob", Address: "192.0.2.2"}
	change(as(t, bob), func(s *sandbox.Sandbox) { s.Owner, s.Spec.IndexDocument = "bea", "home.html" })
	change(as(t, bob), func(s *sandbox.Sandbox) {
		s.DeleteRequested, s.Phase, s.Execution = true, sandbox.PhaseDeleting, "arn:teardown"
	})
	for range 2 {
		must(t, store.Remove(t.Context(), s.Ref()))
	}

	all := audit(t, store, sandbox.AuditFilter{})
	same(t, "actions", actions(all), []string{
		"create by " + ann.Principal, "phase by " + ann.Principal, "update by bob", "delete by bob", "remove by bob",
	})
	slices.Reverse(all)
	same(t, "the first's actor", all[0].Actor, ann)
	same(t, "the first's fields before", len(all[0].Before), 0)
	same(t, "the first's phase after", all[0].After["phase"], "provisioning")
	same(t, "the flow's trigger", all[1].Trigger, "arn:provision")
	same(t, "the change before", all[2].Before, map[string]string{"owner": "ann", "spec.indexDocument": "index.html"})
	same(t, "the change after", all[2].After, map[string]string{"owner": "bea", "spec.indexDocument": "home.html"})
	same(t, "whose it is after the change", all[2].Owner, "bea")
	same(t, "the deletion's fields", all[3].After, map[string]string{"deleteRequested": "true", "phase": "deleting"})
	same(t, "the end's trigger", all[4].Trigger, "arn:teardown")
	same(t, "the end's fields after", len(all[4].After), 0)
	same(t, "the end's owner before", all[4].Before["owner"], "bea")
	for _, entry := range all {
		same(t, "sandbox", entry.Sandbox+" "+entry.SandboxID, "site "+s.ID)
	}
}

func auditFiltered(t *testing.T, store sandbox.Store) {
	now := time.Now().UTC().Truncate(time.Microsecond)
	add := func(n int, at time.Time, sandboxName, principal, owner string) {
		t.Helper()
		entry := sandbox.Audit{
			ID: fmt.Sprintf("%s-entry%d", sandbox.AuditIDAt(at), n), At: at, Action: fmt.Sprint(n),
			Sandbox: sandboxName, Owner: owner, Actor: sandbox.Actor{Principal: principal},
		}
		for range 2 { // a reply may be lost
			must(t, store.AddAudit(t.Context(), entry))
		}
	}
	for i := range 12 {
		add(i, now.Add(time.Duration(i-12)*7*time.Hour), []string{"one", "two"}[i%2], []string{"ann", "bob", "kim"}[i%3], []string{"ann", "bob"}[i/6])
	}
	add(12, now, "", "bob", "")
	add(13, now.Add(-sandbox.AuditLife-time.Minute), "one", "ann", "ann") // forgotten
	for name, test := range map[string]struct {
		filter sandbox.AuditFilter
		want   string
	}{
		"all":             {sandbox.AuditFilter{}, "[12 11 10 9 8 7 6 5 4 3 2 1 0]"},
		"of a sandbox":    {sandbox.AuditFilter{Sandbox: "two"}, "[11 9 7 5 3 1]"},
		"of a principal":  {sandbox.AuditFilter{Principal: "bob"}, "[12 10 7 4 1]"},
		"of an owner":     {sandbox.AuditFilter{Owner: "ann"}, "[5 4 3 2 1 0]"},
		"of both":         {sandbox.AuditFilter{Sandbox: "two", Principal: "bob"}, "[7 1]"},
		"since":           {sandbox.AuditFilter{Since: now.Add(-21 * time.Hour)}, "[12 11 10 9]"},
		"since, of a one": {sandbox.AuditFilter{Since: now.Add(-21 * time.Hour), Sandbox: "one"}, "[10]"},
		"of nobody":       {sandbox.AuditFilter{Principal: "nobody"}, "[]"},
		"from the future": {sandbox.AuditFilter{Since: now.Add(48 * time.Hour), Sandbox: "one"}, "[]"},
	} {
		for _, limit := range []int{1, 2, 5, 0} {
			seen := []string{}
			for page := (sandbox.Page{Limit: limit}); ; {
				got, next, err := store.ListAudit(t.Context(), test.filter, page)
				must(t, err)
				if limit > 0 && len(got) > limit {
					t.Fatalf("a page has %d entries", len(got))
				}
				for _, entry := range got {
					seen = append(seen, entry.Action)
				}
				if page.After = next; next == "" {
					break
				}
			}
			same(t, fmt.Sprintf("%s, %d at a time", name, limit), fmt.Sprint(seen), test.want)
		}
	}
}

// auditContention: each change of many at once is in the audit, once.
func auditContention(t *testing.T, store sandbox.Store) {
	s := aSandbox("site", "ann", 1)
	must(t, store.Claim(t.Context(), s, claimedEvent))
	const writers, times = 6, 5
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range times {
				_, err := store.Update(as(t, sandbox.Actor{Principal: fmt.Sprint(w)}), s.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
					s.Spec.ErrorDocument = fmt.Sprintf("%d-%d.html", w, i)
					return nil, nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	entries := audit(t, store, sandbox.AuditFilter{Sandbox: "site"})
	same(t, "entries", len(entries), writers*times+1)
	for i, entry := range entries[:len(entries)-1] {
		same(t, "what it was before is what the one before made it", entry.Before["spec.errorDocument"], entries[i+1].After["spec.errorDocument"])
	}
}
