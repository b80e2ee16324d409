package findorphans_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/findorphans"
	"github.com/mayfly-dev/mayfly/inventory"
	"github.com/mayfly-dev/mayfly/metric"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/sqlite"
	"github.com/mayfly-dev/mayfly/steptest"
)

// world is an account of identities, of which a test says whose they are, and
// an upload bucket.
type world struct {
	steptest.Faults
	*sqlite.Store
	clock   *steptest.Clock
	things  []inventory.Thing
	objects map[string][]byte
}

func newWorld(t *testing.T, gone ...string) *world {
	t.Helper()
	w := &world{clock: &steptest.Clock{}, objects: map[string][]byte{}}
	store, err := sqlite.Open(t.Context(), sqlite.Memory, w.clock.Now)
	steptest.WantError(t, err, "")
	t.Cleanup(func() { steptest.WantError(t, store.Close(), "") })
	w.Store = store
	for _, id := range gone {
		of := sandbox.Sandbox{ID: id, Name: "site", Owner: "ada", Phase: sandbox.PhaseDeleting}
		steptest.WantError(t, store.Claim(t.Context(), of, sandbox.Event{Type: sandbox.EventClaimed}), "")
		steptest.WantError(t, store.Remove(t.Context(), of.Ref()), "")
		w.hold(id)
	}
	return w
}

func (w *world) hold(id string) {
	made := events.Made{OriginAccess: &events.AccessHandle{Kind: events.OriginAccessIdentity, ID: "E-" + id}}
	w.things = append(w.things, inventory.Thing{Kind: sandbox.KindOAI, ID: "E-" + id, Marked: true, Mark: inventory.Mark{Name: "site", ID: id}, Made: made})
}

// remove does what a teardown does.
func (w *world) remove(id string) {
	w.things = slices.DeleteFunc(w.things, func(one inventory.Thing) bool { return one.Mark.ID == id })
}

// account is the world's other half.
type account struct{ *world }

func (a account) List(context.Context) inventory.Inventory {
	return inventory.Inventory{Things: slices.Clone(a.things)}
}

func (a account) Inspect(_ context.Context, thing inventory.Thing) (inventory.Thing, bool, error) {
	return thing, true, nil
}

func (w *world) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	content, ok := w.objects[*in.Key]
	if !ok {
		return nil, &s3types.NoSuchKey{}
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(bytes.NewReader(content))}, nil
}

func (w *world) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	content, err := io.ReadAll(in.Body)
	w.objects[*in.Key] = content
	return &s3.PutObjectOutput{}, err
}

func (w *world) report(t *testing.T, key string) events.OrphanReport {
	t.Helper()
	var report events.OrphanReport
	if err := json.Unmarshal(w.objects[key], &report); err != nil {
		t.Fatalf("%s: %v: %s", key, err, w.objects[key])
	}
	return report
}

func (w *world) step(batch, most int) *findorphans.Step {
	return findorphans.New(account{w}, w, w.Store, findorphans.Options{UploadBucket: "uploads", Batch: batch, Most: most, Now: w.clock.Now})
}

func TestALookTearsNothingDown(t *testing.T) {
	w := newWorld(t, "aaaaaaaaaa")
	w.hold("strangerrr")
	var measured metric.Set
	out, err := w.step(10, 10).Handle(metric.With(t.Context(), &measured), events.FindOrphans{Run: "run-1", By: "ada", Tried: []string{}})
	steptest.WantError(t, err, "")
	if len(out.Teardowns) != 0 || out.Orphans != 2 || out.Proven != 1 || out.Missing != 0 {
		t.Errorf("%+v", out)
	}
	if data := measured.Data(metric.Source{}, time.Now()); len(data) != 1 || data[0].Name != string(metric.Orphans) || data[0].Values[0] != 1 {
		t.Errorf("measured %+v", data)
	}
	for _, key := range []string{inventory.LastKey, inventory.ReportKey("run-1")} {
		if r := w.report(t, key); r.Status != events.OrphanReportStatusDone || r.Run != "run-1" || r.Fix || len(r.Orphans) != 2 || r.StartedAt.IsZero() || r.Held != 2 {
			t.Errorf("%s: %+v", key, r)
		}
	}
	entries, _, err := w.ListAudit(t.Context(), sandbox.AuditFilter{}, sandbox.Page{})
	if err != nil || entries[0].Action != sandbox.ActionRemove {
		t.Errorf("the audit: %v %+v", err, entries[0])
	}
}

func TestWhatIsProvenIsTornDownOnceInARun(t *testing.T) {
	w := newWorld(t, "aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc", "dddddddddd")
	w.hold("strangerrr")
	step, in := w.step(2, 3), events.FindOrphans{Run: "run-1", Fix: true, By: "ada", Tried: []string{}}
	var batches [][]string
	for range 5 {
		out, err := step.Handle(t.Context(), in)
		steptest.WantError(t, err, "")
		again, err := step.Handle(t.Context(), in) // its reply was lost
		steptest.WantError(t, err, "")
		if len(again.Teardowns) != len(out.Teardowns) || len(again.Tried) != len(out.Tried) {
			t.Errorf("%+v, and again %+v", out, again)
		}
		var ids []string
		for _, flow := range out.Teardowns {
			ids = append(ids, flow.Sandbox.ID)
			if !flow.Orphan || flow.Made.OriginAccess.ID != "E-"+flow.Sandbox.ID || flow.Sandbox.Owner != "ada" || flow.Sandbox.Name != "site" {
				t.Errorf("teardown %+v", flow)
			}
			if flow.Sandbox.ID != "bbbbbbbbbb" { // of which the teardown fails
				w.remove(flow.Sandbox.ID)
			}
		}
		batches = append(batches, ids)
		in.Tried = out.Tried
		if len(ids) == 0 {
			break
		}
		if _, there := w.objects[inventory.LastKey]; there {
			t.Error("a run that is under way is told as the last one")
		}
	}
	if len(batches) != 3 || len(batches[0]) != 2 || len(batches[1]) != 1 {
		t.Errorf("torn down in %v: two at once, three in a run", batches)
	}
	states := map[string]events.OrphanState{}
	for _, o := range w.report(t, inventory.LastKey).Orphans {
		states[o.SandboxID] = o.State
	}
	want := map[string]events.OrphanState{
		"aaaaaaaaaa": events.OrphanStateTornDown, "bbbbbbbbbb": events.OrphanStateLeft, "cccccccccc": events.OrphanStateTornDown,
		"dddddddddd": "", "strangerrr": "",
	}
	for id, state := range want {
		if got, ok := states[id]; !ok || got != state {
			t.Errorf("%s is %q in the report, want %q", id, got, state)
		}
	}
	// Each teardown is in the audit, by whom it was asked for.
	begun := map[string]int{}
	entries, _, err := w.ListAudit(t.Context(), sandbox.AuditFilter{Principal: "ada"}, sandbox.Page{})
	steptest.WantError(t, err, "")
	for _, e := range entries {
		if e.Action == sandbox.ActionOrphan && e.Trigger == "run-1" && e.Before["originAccessIdentity"] == "E-"+e.SandboxID {
			begun[e.SandboxID]++
		}
	}
	if len(begun) != 3 || begun["bbbbbbbbbb"] != 1 {
		t.Errorf("the audit has %v: %+v", begun, entries)
	}
}
