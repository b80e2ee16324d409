package decidenight_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/decidenight"
	"github.com/mayfly-dev/mayfly/lifecycle"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/notice"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const (
	sleep    = "arn:aws:states:us-east-1:000000000000:stateMachine:mayfly-sleep"
	teardown = "arn:aws:states:us-east-1:000000000000:stateMachine:mayfly-teardown"
)

// planner decides by the sandboxes' names: "warn-1" is warned of.
type planner struct {
	*steptest.Store
	clock *steptest.Clock
	// meanwhile changes a sandbox after it was decided about.
	meanwhile func(name string)
	err       error
}

func (p planner) Page(ctx context.Context, filter sandbox.Filter, page sandbox.Page) ([]night.Plan, sandbox.Cursor, error) {
	if p.err != nil {
		return nil, "", p.err
	}
	boxes, next, err := p.List(ctx, filter, page)
	var plans []night.Plan
	for _, box := range boxes {
		act, _, _ := strings.Cut(box.Name, "-")
		d := lifecycle.Decision{Act: lifecycle.Act(act), Reason: "no request since Monday", Next: lifecycle.Sleep, Due: p.clock.Now().Add(24 * time.Hour)}
		if box.Phase != sandbox.PhaseReady {
			d = lifecycle.Decision{Act: lifecycle.Keep, Reason: "it is " + string(box.Phase)}
		}
		d.TakeBack = act == "keep"
		if strings.HasSuffix(box.Name, "-early") {
			d.NotBefore = p.clock.Now().Add(time.Minute)
		}
		plan := night.Plan{Sandbox: box, Decision: d, Used: activity.Activity{Last: activity.Use{Kind: activity.Request, At: steptest.Start.Add(time.Hour)}}}
		if d.Act == lifecycle.Sleep || d.Act == lifecycle.Teardown {
			plan.Saves = 3 * cost.Dollar / 2
		}
		plans = append(plans, plan)
	}
	for _, box := range boxes {
		if p.meanwhile != nil {
			p.meanwhile(box.Name)
		}
	}
	return plans, next, err
}

type world struct {
	t       *testing.T
	clock   *steptest.Clock
	store   *steptest.Store
	nights  *steptest.Nights
	planner *planner
	bus     *bus
	night   string
}

func newWorld(t *testing.T, names ...string) *world {
	t.Helper()
	w := &world{t: t, clock: &steptest.Clock{Passed: 100 * time.Hour}, nights: steptest.NewNights()}
	var boxes []sandbox.Sandbox
	for _, name := range names {
		box := steptest.New(steptest.Start)
		box.ID, box.Name, box.Phase = "id-"+name, name, sandbox.PhaseReady
		box.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindDistribution: {Kind: sandbox.KindDistribution, ID: "E-" + name, Status: sandbox.StatusMade}}
		box.WarnedAt = steptest.Start
		boxes = append(boxes, box)
	}
	w.store = steptest.NewStore(w.clock.Now, boxes...)
	w.planner = &planner{Store: w.store, clock: w.clock}
	n, _, err := w.nights.ClaimNight(t.Context(), night.Night{ID: night.IDAt(w.clock.Now()), Status: night.Deciding, StartedAt: w.clock.Now(), Execution: "e"}, "")
	if err != nil {
		t.Fatal(err)
	}
	w.night = n.ID
	return w
}

func (w *world) handle(page int, after string) (events.NightDecided, error) {
	options := decidenight.Options{Sleep: sleep, Teardown: teardown, Page: page, Interval: 500 * time.Millisecond, Now: w.clock.Now}
	if w.bus != nil {
		options.Notices = notice.Teller{Bus: w.bus, Stage: "dev", Now: w.clock.Now}
	}
	step := decidenight.New(w.planner, w.store, w.nights, options)
	return step.Handle(w.t.Context(), events.NightFlow{Night: w.night, Begun: true, Page: &events.NightDecided{After: after}})
}

func (w *world) get(name string) sandbox.Sandbox {
	w.t.Helper()
	box, err := w.store.Get(w.t.Context(), name)
	if err != nil {
		w.t.Fatal(err)
	}
	return box
}

func (w *world) record() night.Night {
	w.t.Helper()
	n, err := w.nights.GetNight(w.t.Context(), w.night)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

func (w *world) items() map[string]night.Item {
	w.t.Helper()
	all, _, err := w.nights.ListItems(w.t.Context(), w.night, sandbox.Page{Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	byName := map[string]night.Item{}
	for _, item := range all {
		byName[item.Name] = item
	}
	return byName
}

func TestEachDecisionIsWrittenDown(t *testing.T) {
	w := newWorld(t, "keep-1", "quarantine-1", "sleep-1", "sleep-2", "teardown-1", "warn-1")
	out, err := w.handle(4, "")
	steptest.WantError(t, err, "")
	if out.Done || len(out.Starts) != 2 {
		t.Fatalf("the first page: %+v", out)
	}
	more, err := w.handle(4, out.After)
	steptest.WantError(t, err, "")
	if !more.Done || len(more.Starts) != 1 {
		t.Fatalf("the last page: %+v", more)
	}
	// Each has its turn, half a second after the one before.
	for i, start := range append(out.Starts, more.Starts...) {
		if want := []int{0, 1, 1}[i]; start.WaitSeconds != want || start.Flow.Execution == "" || !strings.HasSuffix(start.Flow.Execution, start.Name) {
			t.Errorf("start %d: %+v", i, start)
		}
	}
	if box := w.get("sleep-1"); !box.FallingAsleep() || box.SleepReason != "no request since Monday" {
		t.Errorf("to sleep: %+v", box)
	}
	if box := w.get("teardown-1"); box.Phase != sandbox.PhaseDeleting || !box.DeleteRequested || box.Execution != sandbox.ExecutionARN(teardown, sandbox.TeardownName(box.ID, box.Attempt)) {
		t.Errorf("to go: %+v", box)
	}
	if box := w.get("warn-1"); !box.WarnedAt.Equal(w.clock.Now()) {
		t.Errorf("warned at %v", box.WarnedAt)
	}
	if box := w.get("keep-1"); !box.WarnedAt.IsZero() {
		t.Errorf("the warning was not taken back: %v", box.WarnedAt)
	}
	for _, name := range []string{"keep-1", "quarantine-1", "warn-1"} { // as was read, it is noted
		if used := w.get(name).LastUse; used != (sandbox.Use{Kind: "request", At: steptest.Start.Add(time.Hour), ReadAt: w.clock.Now()}) {
			t.Errorf("%s: used %+v", name, used)
		}
	}
	n := w.record()
	if want := (night.Counts{Seen: 6, Kept: 1, Warned: 1, Sleep: 2, Teardown: 1, Quarantined: 1}); n.Counts != want || n.Status != night.Settling {
		t.Errorf("the night is %+v", n)
	}
	if items := w.items(); len(items) != 5 || items["sleep-1"].Outcome != night.Started || items["quarantine-1"].Outcome != night.Noted {
		t.Errorf("items %+v", items)
	}
}

// TestARunThatIsTriedAgain starts what the one before began, wherever that
// broke off, and counts once.
func TestARunThatIsTriedAgain(t *testing.T) {
	for _, broken := range []string{"PutItems", "UpdateNight", "Reserve", "Update"} {
		for _, late := range []bool{false, true} {
			t.Run(fmt.Sprint(broken, late), func(t *testing.T) {
				w := newWorld(t, "sleep-1", "teardown-1", "warn-1")
				faults := &w.nights.Faults
				if broken == "Update" {
					faults = &w.store.Faults
				}
				if late {
					faults.LoseReply(broken)
				} else {
					faults.Fail(broken, steptest.Reset())
				}
				first, err := w.handle(10, "")
				if broken != "Update" && err == nil {
					t.Fatal("it did not fail")
				}
				if err == nil { // one sandbox's trouble, which the next night sees to
					if len(first.Starts) != 1 || len(w.record().Troubles) != 1 {
						t.Errorf("got %+v, %+v", first.Starts, w.record())
					}
					return
				}
				out, err := w.handle(10, "")
				steptest.WantError(t, err, "")
				if len(out.Starts) != 2 || !out.Done {
					t.Errorf("got %+v", out)
				}
				if n := w.record(); n.Counts.Seen != 3 || n.Counts.Sleep != 1 || n.Counts.Teardown != 1 {
					t.Errorf("counted %+v", n.Counts)
				}
				if box := w.get("teardown-1"); box.Attempt != 1 {
					t.Errorf("begun %d times", box.Attempt)
				}
			})
		}
	}
}

func TestWhatChangedMeanwhileIsLeft(t *testing.T) {
	w := newWorld(t, "sleep-1", "teardown-1")
	w.planner.meanwhile = func(name string) {
		_, err := w.store.Update(t.Context(), sandbox.Ref{ID: "id-" + name, Name: name}, func(s *sandbox.Sandbox) ([]sandbox.Event, error) { return s.Pin("the demo") })
		steptest.WantError(t, err, "")
	}
	out, err := w.handle(10, "")
	steptest.WantError(t, err, "")
	if out.Starts == nil || len(out.Starts) != 0 || w.get("sleep-1").Phase != sandbox.PhaseReady || w.get("teardown-1").Phase != sandbox.PhaseReady || len(w.record().Troubles) != 0 {
		t.Errorf("got %+v", out)
	}
	for name, item := range w.items() {
		if item.Outcome != night.Ended || item.Failure == "" {
			t.Errorf("%s is %+v", name, item)
		}
	}
}

// That somebody notes what the night knows, too, is no change; that a sandbox was
// used since is one.
func TestWhatIsUsedMeanwhileIsLeft(t *testing.T) {
	for name, after := range map[string]time.Duration{"known": 0, "used": time.Minute} {
		w := newWorld(t, "sleep-1")
		w.planner.meanwhile = func(string) {
			_, err := w.store.Update(t.Context(), sandbox.Ref{ID: "id-sleep-1", Name: "sleep-1"}, func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
				s.LastUse = sandbox.Use{Kind: "request", At: steptest.Start.Add(time.Hour + after), ReadAt: w.clock.Now()}
				return nil, nil
			})
			steptest.WantError(t, err, "")
		}
		out, err := w.handle(10, "")
		steptest.WantError(t, err, "")
		if begun := len(out.Starts) == 1; begun != (after == 0) {
			t.Errorf("%s: got %+v", name, out)
		}
	}
}

func TestSandboxesThatCannotBeListed(t *testing.T) {
	w := newWorld(t, "sleep-1")
	w.planner.err = steptest.Reset()
	_, err := w.handle(10, "")
	steptest.WantError(t, err, "NetworkError")
}

// TestWhatIsDecidedEarlyWaitsForItsTime, and for its turn.
func TestWhatIsDecidedEarlyWaitsForItsTime(t *testing.T) {
	w := newWorld(t, "sleep-1", "sleep-early", "teardown-early")
	_, err := w.nights.Reserve(t.Context(), decidenight.Line, 60, 500*time.Millisecond, w.clock.Now()) // others are before it
	steptest.WantError(t, err, "")
	out, err := w.handle(10, "")
	steptest.WantError(t, err, "")
	if len(out.Starts) != 3 || out.Starts[0].WaitSeconds != 30 || out.Starts[1].WaitSeconds != 60 || out.Starts[2].WaitSeconds != 60 {
		t.Errorf("starts %+v", out.Starts)
	}
}

// TestTheNightKnowsWhatItSaves, once, though a page is decided about twice.
func TestTheNightKnowsWhatItSaves(t *testing.T) {
	w := newWorld(t, "keep-1", "sleep-1", "teardown-1", "warn-1")
	for range 2 {
		if _, err := w.handle(10, ""); err != nil {
			t.Fatal(err)
		}
	}
	if saved := w.record().SavedMicroUSD; saved != 3_000_000 {
		t.Errorf("saved %d millionths of a USD", saved)
	}
}

// bus is an event bus that keeps what is put on it, or refuses it.
type bus struct {
	told  []string
	fails string
}

func (b *bus) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	if b.fails == "NetworkError" {
		return nil, steptest.Reset()
	}
	if b.fails != "" {
		return &eventbridge.PutEventsOutput{FailedEntryCount: 1, Entries: []types.PutEventsResultEntry{{ErrorCode: &b.fails, ErrorMessage: &b.fails}}}, nil
	}
	for _, entry := range in.Entries {
		b.told = append(b.told, *entry.Source+" "+*entry.DetailType+" "+*entry.Detail)
	}
	return &eventbridge.PutEventsOutput{Entries: make([]types.PutEventsResultEntry, len(in.Entries))}, nil
}

// TestAWarningIsToldBeforeItCounts: one that nobody was told of is none.
func TestAWarningIsToldBeforeItCounts(t *testing.T) {
	for fails, told := range map[string]int{"": 1, "NetworkError": 0, "InternalFailure": 0} {
		w := newWorld(t, "keep-1", "warn-1")
		_, err := w.store.Update(t.Context(), sandbox.Ref{ID: "id-warn-1", Name: "warn-1"}, func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
			s.WarnedAt = time.Time{}
			return nil, nil
		})
		steptest.WantError(t, err, "")
		w.bus = &bus{fails: fails}
		out, err := w.handle(10, "")
		steptest.WantError(t, err, "")
		if !out.Done || len(w.bus.told) != told || w.get("warn-1").WarnedAt.IsZero() != (told == 0) || len(w.record().Troubles) != 1-told {
			t.Errorf("%q: told %v, warned at %s, troubles %q", fails, w.bus.told, w.get("warn-1").WarnedAt, w.record().Troubles)
		}
		if told == 1 && (!strings.HasPrefix(w.bus.told[0], `mayfly Sandbox Warned {"stage":"dev","sandbox":"warn-1","id":"id-warn-1","owner":"ada","next":"sleep",`) || !strings.Contains(w.bus.told[0], "no request since Monday")) {
			t.Errorf("told %s", w.bus.told[0])
		}
	}
}
