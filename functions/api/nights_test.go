package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/lifecycle"
	"github.com/mayfly-dev/mayfly/night"
)

// lived writes a night of which a sandbox each of ada's and bea's is told.
func (w *world) lived(at time.Time, execution string) string {
	w.t.Helper()
	n, _, err := w.store.ClaimNight(w.t.Context(), night.Night{ID: night.IDAt(at), Status: night.Deciding, StartedAt: at, Execution: execution, By: "schedule"}, "")
	must(w.t, err)
	item := func(name, owner string) night.Item {
		return night.Item{Name: name, ID: "id", Owner: owner, Outcome: night.Failed, Failure: "throttled", Decision: lifecycle.Decision{
			Act: lifecycle.Sleep, Reason: "no request since Monday", Next: lifecycle.Teardown, Due: at.Add(time.Hour),
		}}
	}
	must(w.t, w.store.PutItems(w.t.Context(), n.ID, []night.Item{item("hello", "ada"), item("other", "bea")}))
	_, err = w.store.UpdateNight(w.t.Context(), n.ID, func(n *night.Night) error {
		n.Status, n.EndedAt, n.Counts = night.Done, at.Add(time.Minute), night.Counts{Seen: 5, Kept: 3, Sleep: 2, Failed: 2}
		n.Trouble("sandbox other: no")
		return nil
	})
	must(w.t, err)
	return n.ID
}

func TestNightsAreTold(t *testing.T) {
	w := newWorld(t)
	first := w.lived(w.clock.Now().UTC(), "one")
	second := w.lived(w.clock.Now().UTC().Add(24*time.Hour), "two")
	page := into[events.NightList](t, w.want(http.StatusOK, "GET", "/v1/nights?limit=1", ""))
	if len(page.Nights) != 1 || page.Nights[0].ID != second || page.Next == "" {
		t.Fatalf("the first page is %+v", page)
	}
	page = into[events.NightList](t, w.want(http.StatusOK, "GET", "/v1/nights?limit=1&cursor="+page.Next, ""))
	if len(page.Nights) != 1 || page.Nights[0].ID != first || page.Next != "" {
		t.Fatalf("the last page is %+v", page)
	}
	n := into[events.Night](t, w.want(http.StatusOK, "GET", "/v1/nights/"+first, ""))
	if n.Status != events.NightStatusDone || n.By != "schedule" || n.Counts.Seen != 5 || n.Counts.Failed != 2 || len(n.Troubles) != 1 {
		t.Errorf("the night is %+v", n)
	}
	all := into[events.DecisionPage](t, w.want(http.StatusOK, "GET", "/v1/nights/"+first+"/decisions", ""))
	if len(all.Decisions) != 2 || all.Decisions[0].Act != events.DecisionActSleep || all.Decisions[0].Outcome != "failed" || all.Decisions[0].Failure != "throttled" || all.Decisions[0].Next != "teardown" {
		t.Errorf("decided %+v", all)
	}
	missing := into[events.Problem](t, w.want(http.StatusNotFound, "GET", "/v1/nights/20010101-000000-000", ""))
	if !strings.Contains(missing.Detail, "GET /v1/nights") {
		t.Errorf("a night that never was: %+v", missing)
	}
}

func TestAPlanDoesNothing(t *testing.T) {
	w := newWorld(t)
	w.readyFor("ada", "hello")
	w.readyFor("bea", "other")
	w.clock.move(100 * time.Hour)
	w.used.last = activity.Activity{Last: activity.Use{Kind: activity.Request, At: w.clock.Now().Add(-60 * time.Hour)}, Until: w.clock.Now()}
	before := w.stored("hello")
	plan := into[events.DecisionPage](t, w.want(http.StatusOK, "GET", "/v1/nights/tonight", ""))
	if len(plan.Decisions) != 2 || plan.Decisions[0].Act != events.DecisionActWarn || !strings.Contains(plan.Decisions[0].Reason, "no request since") || plan.Decisions[0].Next != "sleep" {
		t.Errorf("planned %+v", plan)
	}
	if after := w.stored("hello"); after.Version != before.Version {
		t.Error("the plan changed a record")
	}
}

func TestANightIsBegun(t *testing.T) {
	w := newWorld(t)
	begun := into[events.NightBegun](t, w.want(http.StatusAccepted, "POST", "/v1/nights", ""))
	if !strings.Contains(begun.Execution, "nightly:asked-") {
		t.Errorf("begun %+v", begun)
	}
}
