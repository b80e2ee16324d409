package meter_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/cost/meter"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	gb   = cost.GB
	hour = time.Hour
	day  = 24 * hour
)

// start is the beginning of the month that the tests are in.
var start = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// counts is what AWS counts, by name of the sandbox.
type counts struct {
	of    map[string]activity.Metered
	asked []string
}

func (c *counts) Meter(_ context.Context, subjects []activity.Subject, start, end time.Time) []activity.Metered {
	out := make([]activity.Metered, len(subjects))
	for i, s := range subjects {
		c.asked = append(c.asked, fmt.Sprintf("%s %s %s %s-%s", s.Ref.Name, s.DistributionID, s.Bucket, start.Format("01-02"), end.Format("01-02T15")))
		out[i] = c.of[s.Ref.Name]
		if out[i].Stored == nil {
			out[i].Stored = make([]*uint64, (end.Sub(start)+day-1)/day)
		}
	}
	return out
}

type world struct {
	t      *testing.T
	now    time.Time
	counts *counts
	store  *sqlite.Store
	meter  *meter.Meter
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: start, counts: &counts{of: map[string]activity.Metered{}}}
	store, err := sqlite.Open(t.Context(), sqlite.Memory, func() time.Time { return w.now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	prices, err := cost.Listed()
	if err != nil {
		t.Fatal(err)
	}
	w.store = store
	w.meter = &meter.Meter{Activity: w.counts, Records: store, Estimates: store, Prices: prices, Region: "us-east-1", Now: func() time.Time { return w.now }}
	return w
}

// make makes a sandbox that is ready, at the time that it is.
func (w *world) make(name, owner string) sandbox.Sandbox {
	w.t.Helper()
	s := sandbox.Sandbox{
		ID: "id-" + name, Name: name, Owner: owner, Phase: sandbox.PhaseReady, Spec: sandbox.Defaults(events.Spec{}), CreatedAt: w.now,
		Resources: map[sandbox.Kind]sandbox.Resource{
			sandbox.KindDistribution: {Status: sandbox.StatusMade, ID: "E-" + name}, sandbox.KindBucket: {Status: sandbox.StatusMade, ID: "b-" + name},
			sandbox.KindRepository: {Status: sandbox.StatusMade, ID: name},
		},
	}
	if err := w.store.Claim(w.t.Context(), s, sandbox.Event{Type: sandbox.EventClaimed}); err != nil {
		w.t.Fatal(err)
	}
	return s
}

func (w *world) get(name string) sandbox.Sandbox {
	w.t.Helper()
	s, err := w.store.Get(w.t.Context(), name)
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

// update meters one sandbox.
func (w *world) update(name string) cost.Estimate {
	w.t.Helper()
	got := w.meter.Update(w.t.Context(), []sandbox.Sandbox{w.get(name)})
	if len(got) != 1 || got[0].Err != nil {
		w.t.Fatal(got)
	}
	return got[0].Estimate
}

func (w *world) change(name string, change func(*sandbox.Sandbox)) {
	w.t.Helper()
	s := w.get(name)
	if _, err := w.store.Update(w.t.Context(), s.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		change(s)
		return nil, nil
	}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) release(name, id string, written int, bytes int64, by func(*sandbox.Release)) {
	w.t.Helper()
	s := w.get(name)
	r := sandbox.Release{ID: id, Status: sandbox.ReleaseLive, CreatedAt: w.now, Written: written, Bytes: bytes}
	if by != nil {
		by(&r)
	}
	if err := w.store.PutRelease(w.t.Context(), s.Ref(), r); err != nil {
		w.t.Fatal(err)
	}
	w.change(name, func(s *sandbox.Sandbox) { s.LiveRelease = id })
}

func bytes(days ...float64) []*uint64 {
	all := make([]*uint64, len(days))
	for i, d := range days {
		if d >= 0 {
			n := uint64(d * gb)
			all[i] = &n
		}
	}
	return all
}

func (w *world) want(what string, got, want any) {
	w.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// TestAnEstimateGrowsWithWhatIsMetered from minutes after the beginning on.
func TestAnEstimateGrowsWithWhatIsMetered(t *testing.T) {
	w := newWorld(t)
	w.now = start.Add(5*day + 6*hour)
	w.make("site", "ann")
	w.release("site", "r-1", 100, 2*gb, nil)
	w.now = w.now.Add(5 * time.Minute)
	e := w.update("site")
	w.want("after five minutes", e.Until.Sub(e.From), 5*time.Minute)
	w.want("storage, of which S3 has not told", e.Usage.StorageByteHours, 2*gb/12+1) // rounded
	w.want("flows", e.Usage.Executions, "map[provision:1 release:1]")
	w.want("objects", e.Usage.Written, 100)
	w.want("it costs", e.USD > 0 && e.Forecast > e.USD, true)

	w.now = start.Add(7*day + 6*hour) // 48 hours old
	w.counts.of["site"] = activity.Metered{Requests: 1000, BytesDownloaded: gb, Held: activity.Holdings{Images: 1, Bytes: gb}, Stored: bytes(-1, -1, -1, -1, -1, 2, 4, -1)}
	e = w.update("site")
	w.want("requests and bytes", fmt.Sprint(e.Usage.Requests, e.Usage.BytesDownloaded), fmt.Sprint(1000, gb))
	w.want("storage: 18 h, 24 h, and 6 h that S3 has not told of", e.Usage.StorageByteHours, gb*(2*18+4*24+4*6))
	w.want("images, all the time since they were looked at", e.Usage.ImageByteHours, uint64(gb)*48-gb/12)

	again := w.update("site")
	again.Version = e.Version
	w.want("again, at the same time", again.Usage, e.Usage)
	w.want("its sum", again.USD, e.USD)

	w.now = start.Add(8 * day)
	w.counts.of["site"] = activity.Metered{Unknown: []string{"CloudWatch was asked: no"}}
	e = w.update("site")
	w.want("what CloudWatch told before stays", e.Usage.Requests, 1000)
	w.want("what is unknown is said", e.Unknown, "[CloudWatch was asked: no]")
	w.want("images go on", e.Usage.ImageByteHours, uint64(gb)*66-gb/12)
}

func TestAnEstimateThatIsNewerStays(t *testing.T) {
	w := newWorld(t)
	w.make("site", "ann")
	w.now = start.Add(10 * day)
	newer := w.update("site")
	w.now = start.Add(9 * day) // a clock that went back
	older := w.update("site")
	w.want("until", older.Until, newer.Until)
	w.want("version", older.Version, newer.Version)
}

func TestFlowsAreCounted(t *testing.T) {
	w := newWorld(t)
	w.make("site", "ann")
	w.change("site", func(s *sandbox.Sandbox) { s.Attempt = 2 })
	w.now = start.Add(day)
	w.release("site", "r-1", 1, 1, nil)
	w.release("site", "r-2", 2, 1, func(r *sandbox.Release) { r.Deploy = "arn" })
	w.release("site", "r-3", 0, 0, func(r *sandbox.Release) { r.Deploy, r.Rollout = "arn", &events.Rollout{} })
	e := w.update("site")
	w.want("flows", e.Usage.Executions, "map[deploy:2 provision:1 release:2 rollout:1 update:2]")
	w.want("objects", e.Usage.Written, 3)
	w.change("site", func(s *sandbox.Sandbox) { s.Attempt, s.Phase = 4, sandbox.PhaseDeleting }) // an update, and a teardown that is under way
	w.want("flows after", w.update("site").Usage.Executions, "map[deploy:2 provision:1 release:2 rollout:1 update:3]")
	w.make("tired", "ann")
	w.change("tired", func(s *sandbox.Sandbox) { s.Attempt, s.Sleeps, s.Wakes = 4, 2, 1 })
	w.want("flows of what sleeps", w.update("tired").Usage.Executions, "map[provision:1 sleep:2 update:1 wake:1]")
	w.change("tired", func(s *sandbox.Sandbox) { s.Attempt, s.Wakes, s.Phase = 6, 2, sandbox.PhaseDeleting })
	w.want("flows of what was woken and deleted", w.update("tired").Usage.Executions, "map[provision:1 sleep:2 update:1 wake:2]")
}

// TestAMonthGoesOnInTheNext: what was before is not counted again, and the month
// before is brought up to its end.
func TestAMonthGoesOnInTheNext(t *testing.T) {
	w := newWorld(t)
	w.now = start.Add(20 * day)
	w.make("site", "ann")
	w.change("site", func(s *sandbox.Sandbox) { s.Attempt, s.Sleeps = 3, 1 })
	w.release("site", "r-1", 7, gb, nil)
	w.update("site")
	december := cost.Month("2026-12").Start()
	w.now = december.Add(27 * hour)
	w.change("site", func(s *sandbox.Sandbox) { s.Attempt = 4 })
	w.counts.of["site"] = activity.Metered{Requests: 5, Stored: bytes(1, 1)}
	e := w.update("site")
	w.want("where it begins", e.From, december)
	w.want("flows of December", e.Usage.Executions, "map[]")
	before, err := w.store.GetEstimate(t.Context(), "2026-11", e.Key())
	if err != nil {
		t.Fatal(err)
	}
	w.want("until when November is", before.Until, december)
	w.want("November's flows", before.Usage.Executions, "map[provision:1 release:1 sleep:1 update:3]")
	w.want("November's forecast", before.Forecast, before.USD)
	w.want("what was asked", strings.Join(w.counts.asked[len(w.counts.asked)-2:], ", "), "site E-site b-site 11-01-12-01T00, site E-site b-site 12-01-12-02T03")
	w.now = december.Add(4 * day)
	w.update("site")
	w.want("November is over", len(w.counts.asked), 4)
}

func TestASandboxThatIsGone(t *testing.T) {
	w := newWorld(t)
	w.make("site", "ann")
	w.make("kept", "ann")
	w.now = start.Add(5 * day)
	w.counts.of["site"] = activity.Metered{Requests: 10, Held: activity.Holdings{Images: 1, Bytes: gb}, Stored: bytes(8, 8, 8, 8, 8)}
	site, kept := w.update("site"), w.update("kept")
	w.now = start.Add(6 * day)
	box := w.get("site")
	if err := w.store.Remove(t.Context(), box.Ref()); err != nil {
		t.Fatal(err)
	}
	w.now = start.Add(7 * day)
	w.counts.of["site"] = activity.Metered{Requests: 12, Stored: bytes(8, 8, 8, 8, 8, 0)}
	for _, e := range []*cost.Estimate{&site, &kept} {
		ended, err := w.meter.End(t.Context(), e)
		w.want("ended "+e.Sandbox, fmt.Sprint(ended, err), fmt.Sprint(e.Sandbox == "site", nil))
	}
	e, err := w.store.GetEstimate(t.Context(), "2026-11", site.Key())
	if err != nil {
		t.Fatal(err)
	}
	w.want("it ended when it was removed", e.Ended, start.Add(6*day))
	w.want("its last requests", e.Usage.Requests, 12)
	w.want("its images", e.Usage.ImageByteHours, uint64(gb)*24*6)
	w.want("its flows", e.Usage.Executions, "map[provision:1 teardown:1]")
	// 24 days without 8 GB in S3 and 1 GB in ECR, and without requests.
	least, err := cost.ParseUSD("0.2272") // 8 × 0.023 × 24 / 30 + 0.1 × 24 / 30
	w.want("a sum", err, nil)
	w.want(fmt.Sprintf("it saves %s, at least %s and little more", e.Saved, least), e.Saved >= least && e.Saved < least+cost.Dollar/1000, true)
	w.want("it costs no more", e.Forecast, e.USD)
	ended, err := w.meter.End(t.Context(), &e)
	w.want("again", fmt.Sprint(ended, err), "false <nil>")
	w.make("site", "bob") // a successor is another
	w.want("its successor", w.update("site").Usage.Executions, "map[provision:1]")
}

func TestAnotherOwnerTakesTheMonth(t *testing.T) {
	w := newWorld(t)
	w.make("site", "ann")
	w.now = start.Add(day)
	old := w.update("site")
	w.change("site", func(s *sandbox.Sandbox) { s.Owner = "bob" })
	w.now = start.Add(2 * day)
	w.want("the new one's beginning", w.update("site").From, start)
	ended, err := w.meter.End(t.Context(), &old)
	w.want("the old one is forgotten", fmt.Sprint(ended, err), "true <nil>")
	all, _, err := w.store.ListEstimates(t.Context(), "2026-11", "", sandbox.Page{})
	w.want("all", fmt.Sprint(len(all), all[0].Owner, err), fmt.Sprint(1, "bob", nil))
}

// failing is a store that refuses some.
type failing struct {
	*sqlite.Store
	name string
}

func (f failing) ListReleases(ctx context.Context, ref sandbox.Ref, page sandbox.Page) ([]sandbox.Release, sandbox.Cursor, error) {
	if ref.Name == f.name {
		return nil, "", errors.New("table gone")
	}
	return f.Store.ListReleases(ctx, ref, page)
}

func TestOneThatFailsDoesNotKeepFromTheOthers(t *testing.T) {
	w := newWorld(t)
	var boxes []sandbox.Sandbox
	for i := range 20 {
		boxes = append(boxes, w.make(fmt.Sprintf("site-%d", i), "ann"))
	}
	w.meter.Records = failing{w.store, "site-7"}
	w.now = start.Add(day)
	for i, got := range w.meter.Update(t.Context(), boxes) {
		if (got.Err != nil) != (i == 7) || i == 7 && !strings.Contains(got.Err.Error(), "site-7: table gone") {
			t.Errorf("%d: %v", i, got.Err)
		}
	}
}
