package lifecycle_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/lifecycle"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const night = 24 * time.Hour

// history is a sandbox's life as it really was, which decisions see through
// their case alone.
type history struct {
	t    *testing.T
	seed uint64
	box  sandbox.Sandbox
	// clock is how far the clock of the nights is off.
	clock          time.Duration
	last           time.Time // the last use
	warned, asleep time.Time // when that really was
	budget, gone   bool
	// misdated says that the warning was given while the clock was wrong.
	misdated         bool
	idleTime, warnIn time.Duration
}

// decide lets a night decide at a time, and does what it says.
func (h *history) decide(at time.Time, unknown bool) {
	seen := at.Add(h.clock)
	used := activity.Activity{Last: activity.Use{Kind: activity.Request, At: h.last}, Since: lifecycle.LookBack(&h.box, seen), Until: seen.Add(-activity.Late)}
	if unknown {
		used.Unknown = []string{"Rate exceeded"}
	}
	d := lifecycle.Decide(lifecycle.Case{Sandbox: &h.box, Used: used, OverBudget: h.budget, Now: seen})
	if d.Reason == "" {
		h.t.Fatalf("seed %d: %s without a reason", h.seed, d.Act)
	}
	if d.Act != lifecycle.Keep && d.Act != lifecycle.Quarantine {
		h.wantUnused(at, d, unknown)
	}
	switch d.Act {
	case lifecycle.Warn:
		h.box.WarnedAt, h.warned, h.misdated = seen, at, h.clock != 0
	case lifecycle.Sleep:
		if h.box.Phase != sandbox.PhaseSleeping {
			h.asleep = at
		}
		h.box.Phase, h.box.AsleepSince = sandbox.PhaseSleeping, seen
	case lifecycle.Teardown:
		h.gone = true
	}
	if d.TakeBack {
		h.box.WarnedAt, h.warned = time.Time{}, time.Time{}
	}
}

// wantUnused fails the test when a decision touches what is pinned, extended,
// in use or unknown, or what was not warned of long enough before.
func (h *history) wantUnused(at time.Time, d lifecycle.Decision, unknown bool) {
	h.t.Helper()
	wrong := func(what string) { h.t.Errorf("seed %d: %s (%s) of what %s", h.seed, d.Act, d.Reason, what) }
	if h.box.Pinned {
		wrong("is pinned")
	}
	if unknown && h.box.Phase != sandbox.PhaseSleeping || unknown && d.Act == lifecycle.Teardown {
		wrong("is not known")
	}
	if h.clock != 0 {
		return // no promise of a time while the clock is wrong
	}
	if h.box.KeptUntil.After(at) {
		wrong("is extended")
	}
	if at.Sub(h.last) < h.idleTime && h.box.Phase == sandbox.PhaseReady {
		wrong("was used " + at.Sub(h.last).String() + " ago")
	}
	harmless := d.Act == lifecycle.Warn || d.Act == lifecycle.Sleep && (h.budget || h.box.Phase == sandbox.PhaseSleeping)
	if done := later(at, d.NotBefore); !harmless && !h.misdated && (h.warned.IsZero() || done.Sub(h.warned) < h.warnIn || h.last.After(h.warned)) {
		wrong("was not warned of in time")
	}
}

func spanOf(random *rand.Rand, texts ...string) string { return texts[random.IntN(len(texts))] }

func newHistory(t *testing.T, seed uint64, random *rand.Rand, start time.Time) (*history, sandbox.Life) {
	h := &history{t: t, seed: seed, last: start, box: sandbox.Sandbox{ID: "a", Name: "a", Phase: sandbox.PhaseReady, CreatedAt: start, Spec: sandbox.Defaults(events.Spec{
		IdleTime: spanOf(random, "5m", "3h", "24h", "30h", "3d"), WarnBefore: spanOf(random, "5m", "20h", "24h", "2d"), SleepFor: spanOf(random, "1h", "24h", "7d", "50h"),
	})}}
	life, err := sandbox.LifeOf(h.box.Spec)
	if err != nil {
		t.Fatal(err)
	}
	h.idleTime, h.warnIn = life.Idle, life.Warning
	return h, life
}

// TestWhatIsUsedOrPinnedIsNeverTouched: whatever is used, pinned, extended,
// woken, unknown or over budget, and however the clock jumps.
func TestWhatIsUsedOrPinnedIsNeverTouched(t *testing.T) {
	acts := map[string]int{}
	for seed := range uint64(3000) {
		random := rand.New(rand.NewPCG(seed, 1))
		h, _ := newHistory(t, seed, random, now)
		if random.IntN(3) == 0 {
			h.box.ExpiresAt = now.Add(time.Duration(random.IntN(240)) * time.Hour)
			if h.idleTime > night {
				h.idleTime = night
			}
		}
		jumps := random.IntN(4) == 0
		for i := 1; i < 40 && !h.gone; i++ {
			at := now.Add(time.Duration(i) * night)
			use := at.Add(-time.Duration(random.Int64N(int64(night))))
			switch what := random.IntN(12); {
			case what < 3: // a request, which wakes nothing but is seen
				h.last = use
			case what == 3:
				h.box.Pinned = !h.box.Pinned
			case what == 4:
				h.box.KeptUntil, h.last = use.Add(48*time.Hour), use
			case what == 5 && h.box.Phase == sandbox.PhaseSleeping:
				h.box.Phase, h.box.AsleepSince, h.box.WarnedAt, h.last, h.warned = sandbox.PhaseReady, time.Time{}, time.Time{}, use, time.Time{}
				acts["woken"]++
			case what == 6:
				h.budget = !h.budget
			case what == 7 && jumps:
				h.clock = time.Duration(random.IntN(200)-100) * time.Hour
			case what == 8:
				h.clock = 0
			}
			h.decide(at, random.IntN(10) == 0)
		}
		switch {
		case h.gone:
			acts["gone"]++
		case h.box.Phase == sandbox.PhaseSleeping:
			acts["asleep"]++
		default:
			acts["awake"]++
		}
	}
	t.Logf("at their ends: %v", acts)
	for _, end := range []string{"gone", "asleep", "awake", "woken"} {
		if acts[end] < 100 {
			t.Errorf("only %d are %s: the test tries too little", acts[end], end)
		}
	}
}

// nights rounds a time up to whole nights: what is due happens in the first
// night after.
func nights(d time.Duration) time.Duration { return (d + night - 1) / night * night }

// TestWhatIsIdleAlwaysEnds: within its idle time and two nights of when it was
// last used it is warned of, and each further part of its life takes its time
// and ends in the first night after.
func TestWhatIsIdleAlwaysEnds(t *testing.T) {
	for seed := range uint64(2000) {
		random := rand.New(rand.NewPCG(seed, 2))
		start := now.Add(time.Duration(random.Int64N(int64(night))))
		h, life := newHistory(t, seed, random, start)
		// For some days it is used, and the clock is wrong; then neither.
		quiet := random.IntN(8)
		for i := 1; i <= quiet && !h.gone; i++ {
			h.last = now.Add(time.Duration(i)*night - time.Duration(random.Int64N(int64(night))))
			h.clock = time.Duration(random.IntN(400)-200) * time.Hour
			h.decide(now.Add(time.Duration(i)*night), random.IntN(4) == 0)
		}
		h.clock = 0
		last := later(h.last, h.box.KeptUntil)
		due := last.Add(life.Idle + nights(life.Warning) + nights(life.Sleep) + 2*night)
		for i := quiet + 1; !h.gone; i++ {
			at := now.Add(time.Duration(i) * night)
			if at.After(due) {
				t.Fatalf("seed %d: last used %s, idle %s, warning %s, sleep %s: still %s on %s", seed, last, life.Idle, life.Warning, life.Sleep, h.box.Phase, at)
			}
			h.decide(at, false)
		}
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
