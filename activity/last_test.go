package activity_test

import (
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestWhatWasReadIsNoted(t *testing.T) {
	start := time.Date(2030, 1, 2, 3, 0, 0, 0, time.UTC)
	at := func(hours int) time.Time { return start.Add(time.Duration(hours) * time.Hour) }
	use := func(kind activity.Kind, hours int) activity.Use { return activity.Use{Kind: kind, At: at(hours)} }
	for _, c := range []struct {
		name string
		was  sandbox.Use
		read activity.Activity
		// box is changed before it is looked at.
		box    func(*sandbox.Sandbox)
		want   activity.Use
		readAt time.Time
	}{
		{name: "a request", read: activity.Activity{Last: use(activity.Request, 5)}, want: use(activity.Request, 5), readAt: at(10)},
		{
			name: "nothing that is later than what was read before", was: sandbox.Use{Kind: "pull", At: at(6), ReadAt: at(7)},
			read: activity.Activity{Last: use(activity.Created, 0)}, want: use(activity.Pull, 6), readAt: at(10),
		},
		{
			name: "what was not found out whole", was: sandbox.Use{Kind: "pull", At: at(6), ReadAt: at(7)},
			read: activity.Activity{Last: use(activity.Request, 9), Unknown: []string{"CloudWatch was away"}}, want: use(activity.Pull, 6), readAt: at(7),
		},
		{name: "what nobody is ever told", read: activity.Activity{Last: use(activity.Request, 5), Untold: []string{"public"}}, want: use(activity.Request, 5), readAt: at(10)},
		{
			name: "a release since", read: activity.Activity{Last: use(activity.Request, 5)},
			box:  func(s *sandbox.Sandbox) { s.Newest = sandbox.Mark{At: at(20), Release: "r-1"} },
			want: use(activity.Release, 20), readAt: at(10),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			box := sandbox.Sandbox{CreatedAt: start, LastUse: c.was}
			c.read.Note(&box, at(10))
			if c.box != nil {
				c.box(&box)
			}
			if got, readAt := activity.LastOf(&box); got != c.want || !readAt.Equal(c.readAt) {
				t.Errorf("got %v, read at %v", got, readAt)
			}
		})
	}
}

func TestWhatWasNeverReadIsTold(t *testing.T) {
	box := sandbox.Sandbox{CreatedAt: time.Date(2030, 1, 2, 3, 0, 0, 0, time.UTC)}
	if got, readAt := activity.LastOf(&box); got.Kind != activity.Created || !readAt.IsZero() {
		t.Errorf("got %v, read at %v", got, readAt)
	}
}
