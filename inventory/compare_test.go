package inventory_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/inventory"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/sqlite"
)

const (
	gone   = "goneaaaaaa" // was made and removed by this installation
	live   = "liveaaaaaa" // is there, whole
	making = "makingaaaa" // is being made
	other  = "otheraaaaa" // another installation's
)

var start = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// world is an installation's records, and an account of which a test says what
// it holds.
type world struct {
	*sqlite.Store
	now       time.Time
	inventory inventory.Inventory
	vanished  map[string]bool
	broken    map[string]error
}

func (w *world) List(ctx context.Context, filter sandbox.Filter, page sandbox.Page) ([]sandbox.Sandbox, sandbox.Cursor, error) {
	page.Limit = 1 // so that pages are read to their end
	return w.Store.List(ctx, filter, page)
}

func (w *world) ListAudit(ctx context.Context, filter sandbox.AuditFilter, page sandbox.Page) ([]sandbox.Audit, sandbox.Cursor, error) {
	page.Limit = 1
	return w.Store.ListAudit(ctx, filter, page)
}

// account is the world's other half.
type account struct{ *world }

func (a account) List(context.Context) inventory.Inventory { return a.inventory }

func (a account) Inspect(_ context.Context, thing inventory.Thing) (inventory.Thing, bool, error) {
	return thing, !a.vanished[thing.ID], a.broken[thing.ID]
}

// newWorld has a sandbox that lived from start to an hour later, one that is
// there with all it has, and one that is being made.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{now: start, vanished: map[string]bool{}, broken: map[string]error{}}
	var err error
	w.Store, err = sqlite.Open(t.Context(), sqlite.Memory, func() time.Time { return w.now })
	must(t, err)
	t.Cleanup(func() { must(t, w.Close()) })
	for name, id := range map[string]string{"gone": gone, "live": live, "making": making} {
		must(t, w.Claim(t.Context(), sandbox.Sandbox{ID: id, Name: name, Owner: "ada", Phase: sandbox.PhaseProvisioning}, sandbox.Event{Type: sandbox.EventClaimed}))
	}
	ledger := sandbox.Ledger{Store: w.Store, Now: func() time.Time { return w.now }}
	ref := sandbox.Ref{ID: live, Name: "live"}
	for kind, id := range map[sandbox.Kind]string{sandbox.KindBucket: "mayfly-live-" + live, sandbox.KindDistribution: "ELIVE", sandbox.KindVersioning: "mayfly-live-" + live} {
		must(t, ledger.Made(t.Context(), ref, "step", sandbox.Resource{Kind: kind, ID: id}))
	}
	must(t, ledger.Enter(t.Context(), ref, sandbox.PhaseReady, "ready", nil))
	_, err = ledger.Intend(t.Context(), sandbox.Ref{ID: making, Name: "making"}, "step", sandbox.Resource{Kind: sandbox.KindOAI})
	must(t, err)
	w.now = start.Add(time.Hour)
	must(t, w.Remove(t.Context(), sandbox.Ref{ID: gone, Name: "gone"}))
	w.now = start.Add(48 * time.Hour)
	w.inventory = inventory.Inventory{
		Things: []inventory.Thing{bucket("live", live), {Kind: sandbox.KindDistribution, ID: "ELIVE", Marked: true, Doubt: "its comment was changed by hand"}},
	}
	return w
}

func bucket(name, id string) inventory.Thing {
	bucket := sandbox.BucketName(name, id, 0)
	return inventory.Thing{
		Kind: sandbox.KindBucket, ID: bucket, Marked: true, Mark: inventory.Mark{Name: name, ID: id}, At: start.Add(time.Minute),
		Made: events.Made{Bucket: &events.Bucket{Name: bucket}},
	}
}

func thing(kind sandbox.Kind, id, name, sandboxID string) inventory.Thing {
	return inventory.Thing{Kind: kind, ID: id, Marked: true, Mark: inventory.Mark{Name: name, ID: sandboxID}}
}

func uploads(id string, at time.Time) inventory.Thing {
	return inventory.Thing{Kind: inventory.KindUploads, ID: "uploads/" + id + "/", Own: true, Marked: true, Mark: inventory.Mark{ID: id}, At: at}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestOnlyWhatIsProvenIsOurs: each look-alike is told, and why it proves nothing.
func TestOnlyWhatIsProvenIsOurs(t *testing.T) {
	at := func(one inventory.Thing, at time.Time) inventory.Thing { one.At = at; return one }
	doubted := func(one inventory.Thing, why string) inventory.Thing { one.Doubt = why; return one }
	serving := func(w *world) {
		w.inventory.Origins = map[string][]string{sandbox.BucketName("gone", gone, 0): {"EDIST"}}
	}
	for name, test := range map[string]struct {
		held   []inventory.Thing
		change func(*world)
		// want are the findings' ids, those that are proven with a + before it, and
		// why a part of the first one's reason.
		want []string
		why  string
	}{
		"what the ledger has":                   {},
		"what bears no mark":                    {held: []inventory.Thing{{Kind: sandbox.KindRepository, ID: "theirs"}}},
		"what is gone when it is looked at":     {held: []inventory.Thing{bucket("gone", gone)}, change: func(w *world) { w.vanished["mayfly-gone-"+gone] = true }},
		"what is about to be written down":      {held: []inventory.Thing{thing(sandbox.KindOAI, "E1", "making", making)}},
		"a bucket of a removed sandbox":         {held: []inventory.Thing{bucket("gone", gone)}, want: []string{"+mayfly-gone-" + gone}, why: "every mark is that of sandbox gone"},
		"one that was made as the sandbox went": {held: []inventory.Thing{at(bucket("gone", gone), start.Add(90*time.Minute))}, want: []string{"+mayfly-gone-" + gone}},
		"what has no time":                      {held: []inventory.Thing{thing(sandbox.KindOAI, "E1", "gone", gone)}, want: []string{"+E1"}},
		"another installation's":                {held: []inventory.Thing{bucket("theirs", other)}, want: []string{"mayfly-theirs-" + other}, why: "this installation made no sandbox theirs with the id otheraaaaa"},
		"another's under a name that we had":    {held: []inventory.Thing{bucket("gone", other)}, want: []string{"mayfly-gone-" + other}, why: "this installation made no sandbox gone"},
		"another's under a name that we have":   {held: []inventory.Thing{bucket("live", other)}, want: []string{"mayfly-live-" + other}, why: "this installation made no sandbox live"},
		"our id under another name":             {held: []inventory.Thing{bucket("mine", gone)}, want: []string{"mayfly-mine-" + gone}, why: "this installation made no sandbox mine"},
		"marks that contradict each other":      {held: []inventory.Thing{doubted(bucket("gone", gone), "its tags say another")}, want: []string{"mayfly-gone-" + gone}, why: "its tags say another"},
		"tags that a person copied later":       {held: []inventory.Thing{at(thing(sandbox.KindRepository, "gone", "gone", gone), start.Add(3*time.Hour))}, want: []string{"gone"}, why: "when the sandbox had been gone since 2026-11-01T13:00:00Z"},
		"what was there before the sandbox":     {held: []inventory.Thing{at(thing(sandbox.KindRepository, "gone", "gone", gone), start.Add(-time.Hour))}, want: []string{"gone"}, why: "before the sandbox was made"},
		"what came too late for one that failed": {held: []inventory.Thing{thing(sandbox.KindOAC, "C1", "live", live)}, change: func(w *world) {
			must(t, sandbox.Ledger{Store: w.Store, Now: time.Now}.Enter(t.Context(), sandbox.Ref{ID: live, Name: "live"}, sandbox.PhaseFailed, "", nil))
		}, want: []string{"+C1"}, why: "which failed, and whose ledger does not have it"},
		"uploads of a removed sandbox":           {held: []inventory.Thing{uploads(gone, start)}, want: []string{"+uploads/" + gone + "/"}, why: "in the installation's own bucket"},
		"uploads of one that is there":           {held: []inventory.Thing{uploads(live, start)}},
		"uploads so new that lists lag":          {held: []inventory.Thing{uploads(other, start.Add(48*time.Hour-time.Minute))}},
		"more of a sandbox that is there":        {held: []inventory.Thing{thing(sandbox.KindOAI, "E2", "live", live)}, want: []string{"E2"}, why: "sandbox live is there, in phase ready"},
		"what can't be looked at":                {held: []inventory.Thing{bucket("gone", gone)}, change: func(w *world) { w.broken["mayfly-gone-"+gone] = errors.New("denied") }},
		"a bucket that others serve":             {held: []inventory.Thing{bucket("gone", gone)}, change: serving, want: []string{"mayfly-gone-" + gone}, why: "distribution EDIST has it as its origin"},
		"a bucket whose distribution goes first": {held: []inventory.Thing{bucket("gone", gone), thing(sandbox.KindDistribution, "EDIST", "gone", gone)}, change: serving, want: []string{"+mayfly-gone-" + gone, "+EDIST"}},
		"a bucket whose distribution is another's": {held: []inventory.Thing{bucket("gone", gone), thing(sandbox.KindDistribution, "EDIST", "gone", other)}, change: serving,
			want: []string{"mayfly-gone-" + gone, "EDIST"}, why: "distribution EDIST has it as its origin"},
		"a bucket when distributions are not known": {held: []inventory.Thing{bucket("gone", gone)}, change: func(w *world) {
			w.inventory.Troubles = map[sandbox.Kind]error{sandbox.KindDistribution: errors.New("denied")}
		}, want: []string{"mayfly-gone-" + gone}, why: "it is not known which distributions"},
		"after the audit has forgotten": {held: []inventory.Thing{bucket("gone", gone)}, change: func(w *world) { w.now = start.Add(91 * 24 * time.Hour) }, want: []string{"mayfly-gone-" + gone}, why: "or older"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.inventory.Things = append(w.inventory.Things, test.held...)
			if test.change != nil {
				test.change(w)
			}
			found, err := inventory.Compare(t.Context(), account{w}, w, inventory.Options{Now: w.now, Lag: 15 * time.Minute})
			must(t, err)
			var got []string
			proven := make(map[string]bool)
			for _, f := range found.Findings {
				id := f.ID
				if f.Proven {
					id = "+" + id
					proven[f.ID] = true
				}
				if f.In != events.OrphanInAccount || f.Why == "" {
					t.Errorf("%+v", f)
				}
				if len(got) == 0 && !strings.Contains(f.Why, test.why) {
					t.Errorf("why: %s, want %q", f.Why, test.why)
				}
				got = append(got, id)
			}
			if !sameSet(got, test.want) {
				t.Errorf("found %v, want %v", got, test.want)
			}
			// What is torn down is what is proven, to the last one.
			for _, flow := range found.Teardowns(10, func(string) bool { return false }) {
				if b := flow.Made.Bucket; b != nil && !proven[b.Name] {
					t.Errorf("bucket %s is torn down and not proven", b.Name)
				}
				if !flow.Orphan || flow.Sandbox.ID != gone && flow.Sandbox.ID != live || flow.Sandbox.Owner != "ada" && flow.Sandbox.Name != "" {
					t.Errorf("teardown %+v", flow)
				}
			}
		})
	}
}

func sameSet(got, want []string) bool {
	left := make(map[string]int)
	for _, id := range got {
		left[id]++
	}
	for _, id := range want {
		left[id]--
	}
	for _, n := range left {
		if n != 0 {
			return false
		}
	}
	return len(got) == len(want)
}

func TestWhatARecordHasAndTheAccountHasNot(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*world)
		want   int
	}{
		"a bucket that somebody deleted": {func(w *world) {}, 1},
		"a kind that could not be listed": {func(w *world) {
			w.inventory.Troubles = map[sandbox.Kind]error{sandbox.KindBucket: errors.New("denied")}
		}, 0},
		"one that was just made": {func(w *world) { w.now = start.Add(5 * time.Minute) }, 0},
		"a sandbox that is being deleted": {func(w *world) {
			ledger := sandbox.Ledger{Store: w.Store, Now: time.Now}
			must(t, ledger.Enter(t.Context(), sandbox.Ref{ID: live, Name: "live"}, sandbox.PhaseDeleting, "", nil))
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.inventory.Things = w.inventory.Things[1:]
			test.change(w)
			found, err := inventory.Compare(t.Context(), account{w}, w, inventory.Options{Now: w.now, Lag: 15 * time.Minute})
			must(t, err)
			if len(found.Findings) != test.want {
				t.Fatalf("%+v", found.Findings)
			}
			if test.want > 0 {
				f := found.Findings[0]
				if f.In != events.OrphanInRecord || f.ID != "mayfly-live-"+live || f.Proven || !strings.Contains(f.Why, "somebody else deleted it") {
					t.Errorf("%+v", f)
				}
			}
			if found.Recorded != 2 || found.Held != 1 {
				t.Errorf("held %d, recorded %d", found.Held, found.Recorded)
			}
			if flows := found.Teardowns(10, func(string) bool { return false }); len(flows) != 0 {
				t.Errorf("torn down: %+v", flows)
			}
		})
	}
}

// TestARecordThatListsDoNotShowYet: DynamoDB's index lags behind its table.
func TestARecordThatListsDoNotShowYet(t *testing.T) {
	w := newWorld(t)
	w.inventory.Things = append(w.inventory.Things, thing(sandbox.KindOAI, "E1", "making", making), bucket("live", live))
	found, err := inventory.Compare(t.Context(), account{w}, unlisted{w}, inventory.Options{Now: w.now})
	must(t, err)
	for _, f := range found.Findings {
		if f.Proven {
			t.Errorf("%s %s is taken for an orphan: %s", f.Kind, f.ID, f.Why)
		}
	}
}

type unlisted struct{ *world }

func (unlisted) List(context.Context, sandbox.Filter, sandbox.Page) ([]sandbox.Sandbox, sandbox.Cursor, error) {
	return nil, "", nil
}
