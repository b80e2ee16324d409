package activity_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// now is a Wednesday, noon.
var now = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// before is so many hours ago.
func before(hours int) time.Time { return now.Add(-time.Duration(hours) * time.Hour) }

func TestIdleLooksFarEnough(t *testing.T) {
	use := activity.Use{Kind: activity.Request, At: before(30)}
	for name, tc := range map[string]struct {
		of     activity.Activity
		within time.Duration
		idle   bool
		want   string
	}{
		"idle":                               {activity.Activity{Last: use, Since: before(48), Until: now}, day, true, "no use since Tuesday 2026-06-30 06:00 (request)"},
		"used":                               {activity.Activity{Last: use, Since: before(48), Until: now}, 31 * time.Hour, false, "used Tuesday 2026-06-30 06:00 (request)"},
		"what is late may still be told":     {activity.Activity{Last: use, Since: before(48), Until: now.Add(-7 * time.Hour)}, day, false, "used Tuesday"},
		"the past was not looked at":         {activity.Activity{Last: use, Since: before(12), Until: now}, day, false, "was not looked at"},
		"an idle time of 0":                  {activity.Activity{Last: use, Since: before(48), Until: now}, 0, false, "none"},
		"used by the record in the meantime": {activity.Activity{Last: activity.Use{Kind: activity.Push, At: now}, Since: before(48), Until: before(1)}, time.Minute, false, "push"},
	} {
		if idle, why := tc.of.Idle(tc.within); idle != tc.idle || !strings.Contains(why, tc.want) {
			t.Errorf("%s: %t, %s", name, idle, why)
		}
	}
}

func TestASandboxAsASubject(t *testing.T) {
	box := sandbox.Sandbox{ID: "1", Name: "a", CreatedAt: before(9), Resources: map[sandbox.Kind]sandbox.Resource{
		sandbox.KindDistribution: {Status: sandbox.StatusMade, ID: "E1"}, sandbox.KindRepository: {Status: sandbox.StatusMade, ID: "mayfly/a"},
	}}
	want := activity.Subject{Ref: sandbox.Ref{ID: "1", Name: "a"}, DistributionID: "E1", Repository: "mayfly/a", Known: activity.Use{Kind: activity.Created, At: before(9)}}
	check := func(what string) {
		t.Helper()
		if diff := cmp.Diff(want, activity.Of(&box)); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	check("new")
	box.Newest = sandbox.Mark{At: before(5)}
	want.Known = activity.Use{Kind: activity.Push, At: before(5)}
	check("pushed to")
	box.Newest.Release, box.Newest.Kind = "r-1", events.SourceRollback
	want.Known.Kind = activity.Release
	check("rolled back")
	box.ChangedAt = before(1)
	want.Known = activity.Use{Kind: activity.Changed, At: before(1)}
	check("changed")
	box.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindPublicRepository: {Status: sandbox.StatusMade, ID: "p"}, sandbox.KindDistribution: {Status: sandbox.StatusIntended}}
	want.DistributionID, want.Repository, want.PublicRepository = "", "", "p"
	check("public")
}
