package sandbox_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release/releasetest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

var (
	releaseRef  = sandbox.Ref{ID: "id", Name: "shop"}
	releaseTime = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
)

func inPhase(phase sandbox.Phase) sandbox.Sandbox {
	return sandbox.Sandbox{ID: "id", Name: "shop", Phase: phase, Resources: map[sandbox.Kind]sandbox.Resource{
		sandbox.KindVersioning: {Kind: sandbox.KindVersioning, Status: sandbox.StatusMade},
	}}
}

func aRelease(id string) sandbox.Release {
	return sandbox.Release{ID: id, CreatedAt: releaseTime, Source: events.ReleaseSource{Kind: events.SourceUpload}}
}

func TestAReleaseBeginsOnlyWhereItCanEnd(t *testing.T) {
	bare := inPhase(sandbox.PhaseProvisioning)
	bare.Resources = nil
	doomed := inPhase(sandbox.PhaseReady)
	doomed.DeleteRequested = true
	for _, c := range []struct {
		name  string
		box   sandbox.Sandbox
		after sandbox.Phase // empty for a refusal
	}{
		{"ready", inPhase(sandbox.PhaseReady), sandbox.PhaseUpdating},
		{"provisioning with versioning", inPhase(sandbox.PhaseProvisioning), sandbox.PhaseProvisioning},
		{"provisioning without", bare, ""},
		{"updating for something else", inPhase(sandbox.PhaseUpdating), ""},
		{"sleeping", inPhase(sandbox.PhaseSleeping), ""},
		{"deleting", inPhase(sandbox.PhaseDeleting), ""},
		{"failed", inPhase(sandbox.PhaseFailed), ""},
		{"to be deleted", doomed, ""},
	} {
		store := releasetest.NewStore(c.box)
		err := sandbox.BeginRelease(t.Context(), store, releaseRef, aRelease("r1"))
		box, got := store.Get(t.Context(), "shop")
		if got != nil {
			t.Fatal(got)
		}
		record, recorded := store.GetRelease(t.Context(), releaseRef, "r1")
		if c.after == "" {
			var phase *sandbox.PhaseError
			if !errors.As(err, &phase) || box.ActiveRelease != "" || box.Phase != c.box.Phase || !errors.Is(recorded, sandbox.ErrNotFound) {
				t.Errorf("%s: %v, %+v, %v", c.name, err, box, recorded)
			}
			continue
		}
		if err != nil || box.Phase != c.after || box.ActiveRelease != "r1" || record.Status != sandbox.ReleaseRunning {
			t.Errorf("%s: %v, %+v, %+v", c.name, err, box, record)
		}
	}
}

func TestOneReleaseOfManyAtOnceGetsTheLock(t *testing.T) {
	store := releasetest.NewStore(inPhase(sandbox.PhaseReady))
	var group sync.WaitGroup
	results := make([]error, 8)
	for i := range results {
		group.Go(func() {
			results[i] = sandbox.BeginRelease(t.Context(), store, releaseRef, aRelease(string(rune('a'+i))))
		})
	}
	group.Wait()
	won := 0
	for i, err := range results {
		var underway *sandbox.ReleaseUnderwayError
		if err == nil {
			won++
		} else if !errors.As(err, &underway) || underway.Release == "" {
			t.Errorf("release %d: %v", i, err)
		}
	}
	if won != 1 {
		t.Errorf("%d releases begun", won)
	}
}

func TestBeginningAndEndingTwiceIsOnce(t *testing.T) {
	store := releasetest.NewStore(inPhase(sandbox.PhaseReady))
	for range 2 {
		if err := sandbox.BeginRelease(t.Context(), store, releaseRef, aRelease("r1")); err != nil {
			t.Fatal(err)
		}
	}
	ended := aRelease("r1")
	ended.Status, ended.EndedAt = sandbox.ReleaseLive, releaseTime
	for range 2 {
		if err := sandbox.EndRelease(t.Context(), store, releaseRef, ended); err != nil {
			t.Fatal(err)
		}
	}
	box, err := store.Get(t.Context(), "shop")
	if err != nil || box.Phase != sandbox.PhaseReady || box.LiveRelease != "r1" || box.ActiveRelease != "" || len(store.Events) != 2 {
		t.Errorf("%v, %+v, %d events", err, box, len(store.Events))
	}
	var over *sandbox.ReleaseEndedError
	if err := sandbox.BeginRelease(t.Context(), store, releaseRef, aRelease("r1")); !errors.As(err, &over) || over.Status != sandbox.ReleaseLive {
		t.Errorf("begun after its end: %v", err)
	}
	if err := sandbox.BeginRelease(t.Context(), store, releaseRef, aRelease("r2")); err != nil {
		t.Fatal(err)
	}
	if err := sandbox.EndRelease(t.Context(), store, releaseRef, ended); err != nil {
		t.Fatal(err)
	}
	if box, err := store.Get(t.Context(), "shop"); err != nil || box.ActiveRelease != "r2" {
		t.Errorf("a late end took the lock of another: %+v, %v", box, err)
	}
}

func TestAFailedReleaseLeavesItsReason(t *testing.T) {
	store := releasetest.NewStore(inPhase(sandbox.PhaseReady))
	if err := sandbox.BeginRelease(t.Context(), store, releaseRef, aRelease("r1")); err != nil {
		t.Fatal(err)
	}
	ledger := sandbox.Ledger{Store: store, Now: func() time.Time { return releaseTime }}
	if _, err := ledger.BeginReleaseStep(t.Context(), releaseRef, "r1", "writeobjects"); err != nil {
		t.Fatal(err)
	}
	failed := aRelease("r1")
	failed.Status, failed.Failure = sandbox.ReleaseFailed, &events.Failure{Error: "BadContent", Cause: "why"}
	if err := sandbox.EndRelease(t.Context(), store, releaseRef, failed); err != nil {
		t.Fatal(err)
	}
	box, err := store.Get(t.Context(), "shop")
	if err != nil || box.Phase != sandbox.PhaseReady || box.LiveRelease != "" || box.FailedStep != "writeobjects" || box.Failure == nil || box.Failure.Error != "BadContent" {
		t.Errorf("%v, %+v", err, box)
	}
	if last := store.Events[len(store.Events)-1]; last.Type != sandbox.EventFailed || last.Release != "r1" {
		t.Errorf("event %+v", last)
	}
}

func TestASandboxThatIsNotTheOneMeantHasNoReleases(t *testing.T) {
	store := releasetest.NewStore(inPhase(sandbox.PhaseReady))
	other := sandbox.Ref{ID: "older", Name: "shop"}
	if err := sandbox.BeginRelease(t.Context(), store, other, aRelease("r1")); !errors.Is(err, sandbox.ErrNotFound) {
		t.Errorf("begun: %v", err)
	}
	if err := sandbox.EndRelease(t.Context(), store, other, aRelease("r1")); err != nil {
		t.Errorf("ended: %v", err)
	}
	if _, err := store.GetRelease(t.Context(), other, "r1"); !errors.Is(err, sandbox.ErrNotFound) {
		t.Errorf("a record was written: %v", err)
	}
}

func TestABegunReleaseSaysWhereItsContentComesFrom(t *testing.T) {
	for want, source := range map[string]events.ReleaseSource{
		"from an uploaded archive":                    {Kind: events.SourceUpload},
		"to bring back release r0":                    {Kind: events.SourceRollback, ReleaseID: "r0"},
		"to bring back a.css as of version v1":        {Kind: events.SourceRestore, Path: "a.css", VersionID: "v1"},
		"from image team/shop@sha256:ab":              {Kind: events.SourceImage, Repository: "team/shop", Digest: "sha256:ab"},
		"from image team/shop:v2, which is sha256:ab": {Kind: events.SourceImage, Repository: "team/shop", Digest: "sha256:ab", Tag: "v2"},
	} {
		store := releasetest.NewStore(inPhase(sandbox.PhaseReady))
		r := sandbox.Release{ID: "r1", CreatedAt: releaseTime, Source: source}
		if err := sandbox.BeginRelease(t.Context(), store, releaseRef, r); err != nil {
			t.Fatal(err)
		}
		if got := store.Events[0].Message; got != "release r1 begun "+want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
