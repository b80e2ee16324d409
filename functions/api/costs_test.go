package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// meterAll asks for all pages.
func (w *world) meterAll(headers ...string) (sum events.CostMetered) {
	w.t.Helper()
	for body := `{}`; ; {
		a := w.do(http.MethodPost, "/v1/costs", body, headers...)
		if a.StatusCode != http.StatusOK {
			w.t.Fatalf("%d %s", a.StatusCode, a.text)
		}
		page := into[events.CostMetered](w.t, a)
		sum.Metered, sum.Ended, sum.Troubles = sum.Metered+page.Metered, sum.Ended+page.Ended, append(sum.Troubles, page.Troubles...)
		if page.Next == "" {
			return sum
		}
		body = fmt.Sprintf(`{"next":%q}`, page.Next)
	}
}

func (w *world) costs(query string) events.CostPage {
	w.t.Helper()
	return into[events.CostPage](w.t, w.want(http.StatusOK, http.MethodGet, "/v1/costs"+query, ""))
}

func TestCostsAreThereWithinMinutes(t *testing.T) {
	w := newWorld(t)
	w.readyFor("ada", "hello")
	w.readyFor("bea", "other")
	if got := w.costs(""); len(got.Costs) != 0 || got.Month != "2030-01" || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "days old") {
		t.Errorf("before: %+v", got)
	}
	w.used.metered = map[string]activity.Metered{"hello": {Requests: 1_000_000, BytesDownloaded: 100 << 30, Unknown: []string{"the moon"}}}
	w.clock.move(time.Minute)
	if got := w.meterAll(); got.Metered != 2 || got.Ended != 0 || len(got.Troubles) != 0 {
		t.Errorf("metered %+v", got)
	}
	w.clock.move(4 * time.Minute)
	w.meterAll()
	if w.used.meteredOf != 2 {
		t.Errorf("CloudWatch was asked about %d, of which two are old", w.used.meteredOf)
	}
	all := w.costs("")
	if len(all.Costs) != 2 || all.Costs[0].Sandbox != "hello" || all.Costs[0].Lines != nil || all.Costs[0].Unknown[0] != "the moon" {
		t.Fatalf("all: %+v", all)
	}
	one := w.costs("?sandbox=hello&lines=true").Costs[0]
	lines := ""
	for _, l := range one.Lines[:2] {
		lines += fmt.Sprintf("%s: %s × %s for %s = %s (%s)\n", l.Label, l.Quantity, l.Each, l.Unit, l.Amount, l.Free)
	}
	want := `CloudFront requests: 100 × 0.012 for 10,000 requests = 1.200000000 (the first 10,000,000 requests)
CloudFront to viewers: 100 × 0.085 for GB = 8.500000000 (the first 1,024 GB)
`
	if lines != want {
		t.Errorf("lines\n%s, want\n%s", lines, want)
	}
	amount, err := cost.ParseUSD(one.Amount)
	if err != nil || amount < 10*cost.Dollar || one.Forecast <= one.Amount {
		t.Errorf("%s, forecast %s, %v", one.Amount, one.Forecast, err)
	}
	state := into[events.SandboxState](t, w.want(http.StatusOK, http.MethodGet, "/v1/sandboxes/hello", ""))
	if state.Cost.Amount != one.Amount || state.Cost.Forecast != one.Forecast || !state.Cost.Until.Equal(one.Until) {
		t.Errorf("the sandbox costs %+v", state.Cost)
	}
	for query, n := range map[string]int{"?owner=ada": 1, "?owner=eve": 0, "?month=2029-12": 0, "?month=2030-01": 2, "?sandbox=nobody": 0, "?limit=1": 1} {
		if got := w.costs(query); len(got.Costs) != n || (got.Next != "") != (query == "?limit=1") {
			t.Errorf("%s: %d, next %q", query, len(got.Costs), got.Next)
		}
	}
	for _, query := range []string{"?month=january", "?limit=0", "?cursor=%00", "?cursor=x!"} {
		w.want(http.StatusBadRequest, http.MethodGet, "/v1/costs"+query, "")
	}
	w.want(http.StatusBadRequest, http.MethodPost, "/v1/costs", `{"next":"nowhere"}`)
}

func TestAnOwnerSeesAndMetersItsOwn(t *testing.T) {
	w := newWorld(t, asTold)
	w.readyFor("ada", "hello")
	w.readyFor("bea", "other")
	ada := []string{"Test-Name", "ada", "Test-Role", "owner"}
	if got := w.meterAll(ada...); got.Metered != 1 {
		t.Errorf("ada metered %+v", got)
	}
	w.meterAll("Test-Name", "eve", "Test-Role", "admin")
	got := into[events.CostPage](t, w.do(http.MethodGet, "/v1/costs", "", ada...))
	if len(got.Costs) != 1 || got.Costs[0].Owner != "ada" {
		t.Errorf("ada sees %+v", got.Costs)
	}
	for _, ask := range []answer{w.do(http.MethodGet, "/v1/costs?owner=bea", "", ada...), w.do(http.MethodPost, "/v1/costs", `{"owner":"bea"}`, ada...)} {
		if ask.StatusCode != http.StatusForbidden {
			t.Errorf("of bea's: %d %s", ask.StatusCode, ask.text)
		}
	}
}

func TestABudgetThatIsUsedUpStopsWhatIsNew(t *testing.T) {
	w := newWorld(t)
	w.readyFor("ada", "hello")
	w.used.metered = map[string]activity.Metered{"hello": {BytesDownloaded: 100 << 30}} // 8.50 USD
	w.clock.move(time.Minute)
	w.meterAll()
	set := func(limit string, state string, percent int) {
		t.Helper()
		w.clock.move(time.Second) // the audit is in the order of its times
		b := into[events.BudgetState](t, w.want(http.StatusOK, http.MethodPut, "/v1/budgets/ada", `{"limit":"`+limit+`"}`))
		if string(b.State) != state || b.Percent != percent || b.By == "" {
			t.Errorf("with %s: %+v", limit, b)
		}
	}
	set("10", "warn", 85)
	w.want(http.StatusAccepted, http.MethodPost, "/v1/sandboxes", `{"name":"second","owner":"ada"}`)
	set("8.25", "over", 103)
	p := into[events.Problem](t, w.want(http.StatusConflict, http.MethodPost, "/v1/sandboxes", `{"name":"third","owner":"ada"}`))
	for _, part := range []string{"8.50 USD in 2030-01", "8.25 USD a month", "1 February", "mayfly budget set ada"} {
		if !strings.Contains(p.Detail, part) || p.Type != "urn:mayfly:problem:budget-used-up" || p.Owner != "ada" {
			t.Errorf("%q is not in %+v", part, p)
		}
	}
	if _, err := w.store.Get(t.Context(), "third"); err == nil {
		t.Error("it was made")
	}
	w.want(http.StatusAccepted, http.MethodPost, "/v1/sandboxes", `{"name":"second","owner":"ada"}`) // the same request as before
	w.want(http.StatusAccepted, http.MethodPost, "/v1/sandboxes", `{"name":"free","owner":"bea"}`)
	page := into[events.BudgetPage](t, w.want(http.StatusOK, http.MethodGet, "/v1/budgets", ""))
	if len(page.Budgets) != 1 || page.Budgets[0].Owner != "ada" || page.Budgets[0].Limit != "8.250000000" {
		t.Errorf("budgets %+v", page)
	}
	w.clock.move(31 * 24 * time.Hour) // a new month
	w.want(http.StatusAccepted, http.MethodPost, "/v1/sandboxes", `{"name":"third","owner":"ada"}`)
	for range 2 {
		w.want(http.StatusNoContent, http.MethodDelete, "/v1/budgets/ada", "")
	}
	entries, _, err := w.store.ListAudit(t.Context(), sandbox.AuditFilter{Owner: "ada"}, sandbox.Page{})
	must(t, err)
	told := ""
	for _, e := range entries {
		if e.Action == "budget" {
			told += e.Before["limit"] + ">" + e.After["limit"] + " "
		}
	}
	if told != "8.250000000> 10.000000000>8.250000000 >10.000000000 " {
		t.Errorf("the audit tells %q", told)
	}
}

func TestBudgetsThatAreNoneAreRefused(t *testing.T) {
	w := newWorld(t)
	for _, limit := range []string{"-1", "-0.01", "x", "", "1e9", "1000001"} {
		p := into[events.Problem](t, w.want(http.StatusBadRequest, http.MethodPut, "/v1/budgets/ada", `{"limit":"`+limit+`"}`))
		if len(p.Errors) != 1 || p.Errors[0].Field != "limit" {
			t.Errorf("%q: %+v", limit, p)
		}
	}
	w.want(http.StatusBadRequest, http.MethodPut, "/v1/budgets/-ada", `{"limit":"1"}`)
	w.want(http.StatusBadRequest, http.MethodPut, "/v1/budgets/ada", `{"limits":"1"}`)
}
