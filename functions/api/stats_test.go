package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestStatsTellHowASandboxIsUsed(t *testing.T) {
	w := newWorld(t)
	w.readyFor("ada", "hello")
	w.change("hello", func(s *sandbox.Sandbox) { s.LiveRelease = "r-1" })
	box := w.stored("hello")
	must(t, w.store.PutRelease(t.Context(), box.Ref(), sandbox.Release{ID: "r-1", Status: sandbox.ReleaseLive, Files: 5, Bytes: 2700}))
	day := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	w.used.usage = activity.Usage{
		Days: []activity.Day{
			{Date: day, Pulls: 2, Pushes: 1},
			{Date: day.AddDate(0, 0, 1), Requests: 7, BytesDownloaded: 1e10, BytesUploaded: 3, ErrorRate: aws.Float64(0), HitRate: aws.Float64(92.5)},
		},
		Held: activity.Holdings{Images: 3, Bytes: 60}, Unknown: []string{"ECR is away", "so is CloudWatch"},
	}
	w.used.last = activity.Activity{Last: activity.Use{Kind: activity.Pull, At: day}, Until: day.Add(time.Hour), Unknown: []string{"so is CloudWatch"}}
	got := into[events.Stats](t, w.do(http.MethodGet, "/v1/sandboxes/hello/stats?days=2", ""))
	want := events.Stats{
		Name: "hello", Days: []events.StatsDay{
			{Date: "2030-01-01", Pulls: 2, Pushes: 1},
			{Date: "2030-01-02", Requests: 7, BytesDownloaded: 1e10, BytesUploaded: 3, ErrorRate: aws.Float64(0), HitRate: aws.Float64(92.5)},
		},
		Site: events.StatsSite{Files: 5, Bytes: 2700}, Images: events.StatsImages{Count: 3, Bytes: 60},
		LastActivity: events.LastActivity{Kind: events.LastActivityKindPull, At: day}, Since: day, Until: day.Add(time.Hour),
		Unknown: []string{"ECR is away", "so is CloudWatch"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(w.used.asked) != 1 || w.used.asked[0].Ref.Name != "hello" {
		t.Errorf("asked about %+v", w.used.asked)
	}
}

func TestStatsAreOfOneToNinetyDays(t *testing.T) {
	w := newWorld(t)
	w.readyFor("ada", "hello")
	for days, want := range map[string]int{"1": 200, "90": 200, "0": 400, "91": 400, "-1": 400, "x": 400, "1.5": 400} {
		a := w.do(http.MethodGet, "/v1/sandboxes/hello/stats?days="+days, "")
		if a.StatusCode != want || want == 400 && !strings.Contains(a.text, "a number from 1 to 90") {
			t.Errorf("days=%s: %d %s", days, a.StatusCode, a.text)
		}
	}
	if got := into[events.Stats](t, w.do(http.MethodGet, "/v1/sandboxes/hello/stats", "")); len(got.Days) != 7 || got.Unknown == nil {
		t.Errorf("by default %d days, unknown %v", len(got.Days), got.Unknown)
	}
	if a := w.do(http.MethodGet, "/v1/sandboxes/nobody/stats", ""); a.StatusCode != http.StatusNotFound {
		t.Errorf("of nobody: %d", a.StatusCode)
	}
}

// TestAChangeIsAUse: what somebody asks for counts, and what flows write does not.
func TestAChangeIsAUse(t *testing.T) {
	w := newWorld(t)
	w.readyFor("ada", "hello")
	if !w.stored("hello").ChangedAt.IsZero() {
		t.Error("changed before it was")
	}
	if a := w.do(http.MethodPatch, "/v1/sandboxes/hello", `{"ttl":"2d"}`); a.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", a.StatusCode, a.text)
	}
	if got := w.stored("hello").ChangedAt; !got.Equal(w.clock.Now()) {
		t.Errorf("changed at %s", got)
	}
}
