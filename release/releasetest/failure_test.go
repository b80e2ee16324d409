package releasetest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release/releasetest"
	"github.com/mayfly-dev/mayfly/release/s3store"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// calls counts every call of S3, CloudFront and the store, and lets the one
// with a number fail. after says that the call has its effect all the same:
// its answer is what gets lost.
func (w *world) failAt(number int) (count *int) {
	count = new(int)
	check := func(call string) error {
		*count++
		if *count == number {
			return fmt.Errorf("%s: %w", call, releasetest.Error("InternalError"))
		}
		return nil
	}
	w.s3.Fail = func(operation, _ string) error {
		if operation == "DeleteObjects.key" {
			return nil
		}
		return check(operation)
	}
	w.store.Fail = check
	w.cdn.Fail = check
	return count
}

func (w *world) heal() { w.s3.Fail, w.store.Fail, w.cdn.Fail = nil, nil, nil }

// second begins a release that writes, keeps and removes, on a site that has
// one already.
func second(t testing.TB) (*world, string) {
	w := newWorld(t)
	w.upload(releasetest.TarGz(first()...))
	w.mustRun()
	w.changes()
	return w, w.upload(releasetest.TarGz(file{"index.html", "new"}, file{"404.html", "not here"}, file{"n.css", "css"}))
}

var wanted = map[string]string{"index.html": "new", "404.html": "not here", "n.css": "css"}

func (w *world) check(id string) {
	w.t.Helper()
	if diff := cmp.Diff(wanted, w.s3.Objects(site)); diff != "" {
		w.t.Error(diff)
	}
	box, r := w.box(), w.record(id)
	if box.Phase != sandbox.PhaseReady || box.ActiveRelease != "" || box.LiveRelease != id || r.Status != sandbox.ReleaseLive {
		w.t.Errorf("sandbox %+v\nrelease %+v", box, r)
	}
	manifest, err := s3store.GetManifest(w.t.Context(), w.s3, r.ManifestBucket, r.ManifestKey)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, o := range manifest.Objects {
		versions := w.s3.Versions(site, o.Path)
		if o.VersionID != versions[len(versions)-1].ID {
			w.t.Errorf("manifest has version %s of %s, current is %s", o.VersionID, o.Path, versions[len(versions)-1].ID)
		}
	}
	if left := w.s3.Objects(uploads); len(left) != 2 {
		w.t.Errorf("left in the upload bucket: %d", len(left))
	}
}

func TestAnyStepCanBeRunAgainAfterAnyCallFailed(t *testing.T) {
	for number := 1; ; number++ {
		w, id := second(t)
		count := w.failAt(number)
		w.retries = 2
		err := w.run(t.Context(), nil)
		w.heal()
		if err != nil {
			t.Fatalf("call %d failed once: %v", number, err)
		}
		w.check(id)
		if *count < number {
			t.Logf("%d calls", *count)
			return
		}
	}
}

func TestAnyStepCanBeRunTwice(t *testing.T) {
	w, id := second(t)
	w.twice = true
	w.mustRun()
	w.check(id)
	if len(w.cdn.Made) != 2 {
		t.Errorf("%d invalidations for two releases", len(w.cdn.Made))
	}
	failures := 0
	for _, e := range w.store.Events {
		if e.Type == sandbox.EventRelease && e.Release == id && strings.Contains(e.Message, "is live") {
			failures++
		}
	}
	if failures != 1 {
		t.Errorf("%d events say that the release is live", failures)
	}
}

func TestAFailureForGoodLeavesTheSandboxReadyForTheNextRelease(t *testing.T) {
	for number := 1; ; number++ {
		w, id := second(t)
		before := w.box().LiveRelease
		count := w.failAt(number)
		err := w.run(t.Context(), nil)
		w.heal()
		if *count < number {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		box, r := w.box(), w.record(id)
		if r.Status == sandbox.ReleaseLive {
			// The failure came when the release was live already: it stays so.
			if box.LiveRelease != id || box.ActiveRelease != "" {
				t.Errorf("call %d: %+v", number, box)
			}
			continue
		}
		if err == nil || r.Status != sandbox.ReleaseFailed || r.Failure == nil || r.Failure.Error != "InternalError" {
			t.Errorf("call %d: %v, %+v", number, err, r)
		}
		if box.Phase != sandbox.PhaseReady || box.ActiveRelease != "" || box.LiveRelease != before {
			t.Errorf("call %d: sandbox %+v", number, box)
		}
		next := w.upload(releasetest.TarGz(file{"index.html", "new"}, file{"404.html", "not here"}, file{"n.css", "css"}))
		w.mustRun()
		w.check(next)
	}
}

func TestBadContentChangesNothing(t *testing.T) {
	for _, c := range []struct {
		name, cause string
		archive     []byte
	}{
		{"no index page", "index.html", releasetest.TarGz(file{"a", "a"})},
		{"a name that leaves the site", "../x", releasetest.TarGz(file{"index.html", ""}, file{"../x", ""})},
		{"twice", "a", releasetest.Zip(file{"index.html", ""}, file{"a", ""}, file{"a", ""})},
		{"no archive", "neither", []byte("<html>")},
		{"nothing", "empty", nil},
	} {
		w, _ := second(t)
		w.mustRun()
		w.changes()
		id := w.upload(c.archive)
		if err := w.run(t.Context(), nil); err == nil {
			t.Errorf("%s: no error", c.name)
		}
		if changes := w.changes(); len(changes) != 0 {
			t.Errorf("%s changed %q", c.name, changes)
		}
		if r := w.record(id); r.Failure == nil || r.Failure.Error != "BadContent" || !strings.Contains(r.Failure.Cause, c.cause) {
			t.Errorf("%s: %+v", c.name, r.Failure)
		}
	}
}

func TestAnUploadThatIsReplacedMeanwhileIsNotWritten(t *testing.T) {
	other := releasetest.TarGz(file{"index.html", "evil"}, file{"404.html", "evil here"}, file{"n.css", "evi"})
	for name, replace := range map[string]func(w *world, key string){
		"replaced": func(w *world, key string) { w.put(uploads, key, other) },
		"gone":     func(w *world, key string) { w.s3.Expire(uploads, key, w.s3.Versions(uploads, key)[0].ID) },
	} {
		w, id := second(t)
		before := w.s3.Objects(site)
		key := w.flow.Release.Source.Key
		err := w.run(t.Context(), func(state string) {
			if state == "Write assets" {
				replace(w, key)
			}
		})
		if r := w.record(id); err == nil || r.Failure == nil || r.Failure.Error != "ContentChanged" {
			t.Errorf("%s: %v, %+v", name, err, r.Failure)
		}
		if diff := cmp.Diff(before, w.s3.Objects(site)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestADeletionStopsTheReleaseAtTheNextStep(t *testing.T) {
	states := []string{"InspectContent", "Write assets", "Write pages", "RemoveObjects", "Invalidate", "AwaitInvalidation"}
	for _, stop := range states {
		for name, change := range map[string]func(*sandbox.Sandbox){
			"deleting":  func(s *sandbox.Sandbox) { s.Phase = sandbox.PhaseDeleting },
			"requested": func(s *sandbox.Sandbox) { s.DeleteRequested = true },
		} {
			w, id := second(t)
			var seen []string
			err := w.run(t.Context(), func(state string) {
				if seen = append(seen, state); state == stop {
					if _, err := w.store.Update(t.Context(), sandbox.Ref{ID: "abcdefghij", Name: "shop"}, func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
						change(s)
						return nil, nil
					}); err != nil {
						t.Fatal(err)
					}
					w.changes()
				}
			})
			if err == nil || seen[len(seen)-1] != stop {
				t.Errorf("%s at %s: %v after %v", name, stop, err, seen)
			}
			if changes := w.changes(); len(changes) != 0 {
				t.Errorf("%s at %s: changed %q", name, stop, changes)
			}
			if r := w.record(id); r.Failure == nil || r.Failure.Error != "SandboxDeleting" {
				t.Errorf("%s at %s: %+v", name, stop, r.Failure)
			}
		}
	}
}

func TestASandboxThatIsGoneEndsTheReleaseQuietly(t *testing.T) {
	w, _ := second(t)
	err := w.run(t.Context(), func(state string) {
		if state == "Write pages" {
			w.store.Drop()
		}
	})
	if err == nil {
		t.Error("the release went on")
	}
	for key := range w.s3.Objects(uploads) {
		if strings.HasPrefix(key, "uploads/") {
			t.Errorf("left: %s", key)
		}
	}
}

func TestAStepOfAReleaseThatLostItsLockChangesNothing(t *testing.T) {
	w, _ := second(t)
	stale := w.flow
	w.mustRun()
	w.changes()
	if _, err := w.inspect.Handle(t.Context(), stale); err == nil || !strings.Contains(err.Error(), "not under way") {
		t.Errorf("error %v", err)
	}
	stale.Plan = &events.ReleasePlan{Bucket: uploads, Key: "x", Remove: 1}
	if _, err := w.write.Handle(t.Context(), events.Write{Pass: events.PassAssets, Flow: stale}); err == nil {
		t.Error("a stale write went on")
	}
	if _, err := w.remove.Handle(t.Context(), stale); err == nil {
		t.Error("a stale removal went on")
	}
	if changes := w.changes(); len(changes) != 0 {
		t.Errorf("changed %q", changes)
	}
}

func TestAReleaseSeesTheBucketAsItReallyIs(t *testing.T) {
	w, _ := second(t)
	w.mustRun()
	w.s3.Page = 2
	w.put(site, "index.html", []byte("defaced"))
	w.put(site, "stray.txt", []byte("stray"))
	for i := range 5 {
		w.put(site, fmt.Sprintf("stray/%d", i), nil)
	}
	w.changes()
	id := w.upload(releasetest.TarGz(file{"index.html", "new"}, file{"404.html", "not here"}, file{"n.css", "css"}))
	w.mustRun()
	changes := w.changes()
	if len(changes) != 7 || changes[0] != "PutObject index.html" || !slices.Contains(changes, "Delete stray/4") {
		t.Errorf("changes: %q", changes)
	}
	if diff := cmp.Diff(wanted, w.s3.Objects(site)); diff != "" {
		t.Error(diff)
	}
	if r := w.record(id); r.Removed != 6 || r.Written != 1 {
		t.Errorf("release: %+v", r)
	}
}

func TestAReleaseBeforeTheDistributionNeedsNoInvalidation(t *testing.T) {
	w := newWorld(t)
	if _, err := w.store.Update(t.Context(), sandbox.Ref{ID: "abcdefghij", Name: "shop"}, func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		delete(s.Resources, sandbox.KindDistribution)
		s.Phase, s.Step = sandbox.PhaseProvisioning, "createdistribution"
		return nil, nil
	}); err != nil {
		t.Fatal(err)
	}
	id := w.upload(releasetest.TarGz(first()...))
	w.mustRun()
	if box := w.box(); box.Phase != sandbox.PhaseProvisioning || box.Step != "createdistribution" || box.LiveRelease != id {
		t.Errorf("sandbox: %+v", box)
	}
	if len(w.cdn.Made) != 0 {
		t.Errorf("%d invalidations", len(w.cdn.Made))
	}
}
