package local

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/local/meter"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

// told is a meter that tells what is used, and a CloudWatch that knows of a
// request at its time.
type told struct {
	used  meter.Used
	at    time.Time
	asked []string
}

func (t *told) TakeUsed() meter.Used {
	used := t.used
	t.used = meter.Used{Distributions: map[string]bool{}, Repositories: map[string]bool{}}
	return used
}

func (t *told) Read(_ context.Context, subjects []activity.Subject, _ time.Time) []activity.Activity {
	all := make([]activity.Activity, len(subjects))
	for i, s := range subjects {
		t.asked = append(t.asked, s.Ref.Name)
		all[i].Last = activity.Use{Kind: activity.Request, At: t.at}
	}
	return all
}

func TestUsesAreNotedOfWhatIsUsed(t *testing.T) {
	clock := &steptest.Clock{Passed: time.Hour}
	var boxes []sandbox.Sandbox
	for _, name := range []string{"idle", "pulled", "seen"} {
		box := steptest.New(steptest.Start)
		box.ID, box.Name, box.Phase = "id-"+name, name, sandbox.PhaseReady
		box.Resources = map[sandbox.Kind]sandbox.Resource{
			sandbox.KindDistribution: {Kind: sandbox.KindDistribution, ID: "E-" + name, Status: sandbox.StatusMade},
			sandbox.KindRepository:   {Kind: sandbox.KindRepository, ID: "r-" + name, Status: sandbox.StatusMade},
		}
		boxes = append(boxes, box)
	}
	store := steptest.NewStore(clock.Now, boxes...)
	of := func(distribution, repository string) meter.Used {
		return meter.Used{Distributions: map[string]bool{distribution: true}, Repositories: map[string]bool{repository: true}}
	}
	source := &told{used: of("E-seen", "r-pulled"), at: steptest.Start.Add(30 * time.Minute)}
	noter := &useNoter{store: store, uses: source, served: source, now: clock.Now}
	asked := func(want string) {
		t.Helper()
		if got := strings.Join(source.asked, " "); got != want {
			t.Errorf("asked about %q, want %q", got, want)
		}
		source.asked = nil
	}
	steptest.WantError(t, noter.note(t.Context()), "")
	asked("idle pulled seen") // nobody asked about idle before
	steptest.WantError(t, noter.note(t.Context()), "")
	asked("")

	clock.Passed += time.Minute
	source.used, source.at = of("E-seen", "r-gone"), clock.Now()
	store.Fail("Update", errors.New("the disk is full"))
	if err := noter.note(t.Context()); err == nil {
		t.Fatal("it did not fail")
	}
	asked("seen")
	steptest.WantError(t, noter.note(t.Context()), "") // it is made up for
	asked("seen")
	box, err := store.Get(t.Context(), "seen")
	steptest.WantError(t, err, "")
	if want := (sandbox.Use{Kind: "request", At: source.at, ReadAt: clock.Now()}); box.LastUse != want {
		t.Errorf("noted %+v, want %+v", box.LastUse, want)
	}
}

func TestManyThatNobodyUsedHaveTheirTurns(t *testing.T) {
	clock := &steptest.Clock{}
	var boxes []sandbox.Sandbox
	for i := range mostUnread + 5 {
		box := steptest.New(steptest.Start)
		box.ID, box.Name = fmt.Sprint("id", i), fmt.Sprintf("box-%04d", i)
		boxes = append(boxes, box)
	}
	source := &told{at: steptest.Start}
	source.TakeUsed()
	noter := &useNoter{store: steptest.NewStore(clock.Now, boxes...), uses: source, served: source, now: clock.Now}
	for range 3 {
		steptest.WantError(t, noter.note(t.Context()), "")
	}
	if n := len(source.asked); n != len(boxes) || slices.Index(source.asked, "box-0104") != n-1 {
		t.Errorf("asked about %d of %d", n, len(boxes))
	}
}
