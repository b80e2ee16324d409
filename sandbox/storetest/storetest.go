// Package storetest is the suite that every implementation of sandbox.Store
// passes: what the interface promises, under contention too.
package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Many is how many sandboxes a suite lists where claiming them is quick: more
// than two of the longest pages.
const Many = 2500

// Run tests the stores that open returns; each call returns an empty one and
// registers its cleanup with t. Lists are tested over a number of sandboxes.
func Run(t *testing.T, sandboxes int, open func(t *testing.T) sandbox.Store) {
	t.Helper()
	for _, behaviour := range []struct {
		name string
		test func(*testing.T, sandbox.Store)
	}{
		{"a claim writes the sandbox and its first event", claimWrites},
		{"one of 32 claims of a name wins", claimRace},
		{"a taken name is refused with its owner", claimTaken},
		{"the same claim again is no error", claimAgain},
		{"what failed and left nothing is replaced by its owner", claimReplaces},
		{"one of 16 replacements of a failed sandbox wins", claimReplaceRace},
		{"what failed and left something is not replaced", claimKeepsLeftovers},
		{"an update writes the record and its events", updateWrites},
		{"what is known of a sandbox's life is kept", updateKeepsLife},
		{"an update that alters nothing is not written", updateNothing},
		{"an update notes a use without changing anything", updateNotesUse},
		{"an update keeps what is the store's", updateKeepsIdentity},
		{"an update whose change fails writes nothing", updateRefused},
		{"updates at the same time all count", updateContention},
		{"a late reference finds nothing", staleRef},
		{"a reference to what was replaced finds nothing", replacedRef},
		{"events come in their order and in pages", eventsPaged},
		{"many events fit into one update", manyEvents},
		{"a release is written, written again and read", releaseWritten},
		{"releases are listed newest first and in pages", releasesPaged},
		{"remove leaves nothing", removeLeavesNothing},
		{"remove of a successor is refused silently", removeOfSuccessor},
		{"remove and update at the same time leave nothing", removeWhileUpdated},
		{"the audit tells who changed what, and outlives the sandbox", auditTells},
		{"the audit is filtered and paged, newest first", auditFiltered},
		{"changes at the same time are each in the audit", auditContention},
		{"durations are the last 32, newest first", durations},
		{"the first of many idempotency keys wins", keyRace},
		{"an idempotency key expires", keyExpires},
		{"lists are filtered and paged to their end", lists(sandboxes)},
		{"a wrong cursor is refused", wrongCursor},
	} {
		t.Run(behaviour.name, func(t *testing.T) {
			behaviour.test(t, open(t))
		})
	}
}

// Persist tests that a store keeps what was written when it is closed and
// opened again; open opens the same store each time.
func Persist(t *testing.T, open func(t *testing.T) (store sandbox.Store, closeIt func() error)) {
	t.Helper()
	store, closeIt := open(t)
	s := aSandbox("kept", "ann", 1)
	must(t, store.Claim(t.Context(), s, claimedEvent))
	must(t, store.PutRelease(t.Context(), s.Ref(), aRelease(1)))
	must(t, store.AddDuration(t.Context(), sandbox.DurationProvision, time.Minute, start))
	key := sandbox.IdempotencyKey{Key: "k", Name: "kept", ID: s.ID, Digest: "d", Expires: time.Now().Add(time.Hour).UTC().Truncate(time.Second)}
	_, _, err := store.PutKey(t.Context(), key)
	must(t, err)
	before := get(t, store, "kept")
	must(t, closeIt())

	store, closeIt = open(t)
	same(t, "sandbox", get(t, store, "kept"), before)
	same(t, "events", len(eventsOf(t, store, s.Ref())), 1)
	release, err := store.GetRelease(t.Context(), s.Ref(), aRelease(1).ID)
	must(t, err)
	same(t, "release", release, aRelease(1))
	took, err := store.Durations(t.Context(), sandbox.DurationProvision)
	must(t, err)
	same(t, "durations", took, []time.Duration{time.Minute})
	existing, found, err := store.PutKey(t.Context(), key)
	must(t, err)
	same(t, "key", existing, key)
	same(t, "key found", found, true)
	must(t, closeIt())
}

// start is when the suite's history begins.
var start = time.Date(2026, 11, 1, 12, 0, 0, 123456789, time.UTC)

// claimedEvent is the first event of the suite's sandboxes.
var claimedEvent = sandbox.Event{Type: sandbox.EventClaimed, Message: "claimed"}

func aSandbox(name, owner string, n int) sandbox.Sandbox {
	return sandbox.Sandbox{
		ID: fmt.Sprintf("id%08d", n), Name: name, Owner: owner, Phase: sandbox.PhaseProvisioning,
		Spec: sandbox.Defaults(events.Spec{ErrorDocument: "404.html"}), SpecDigest: "digest", CreatedAt: start,
	}
}

func aRelease(n int) sandbox.Release {
	return sandbox.Release{
		ID: fmt.Sprintf("r-%07daaaaa", n), Status: sandbox.ReleaseRunning, CreatedAt: start.Add(time.Duration(n) * time.Second),
		Source: events.ReleaseSource{Kind: events.SourceUpload, Bucket: "b", Key: "k"}, Files: n,
	}
}

func get(t *testing.T, store sandbox.Store, name string) sandbox.Sandbox {
	t.Helper()
	s, err := store.Get(t.Context(), name)
	must(t, err)
	return s
}

func eventsOf(t *testing.T, store sandbox.Store, ref sandbox.Ref) []sandbox.Event {
	t.Helper()
	log, err := store.Events(t.Context(), ref, 0, 1000)
	must(t, err)
	return log
}

func releasesOf(t *testing.T, store sandbox.Store, ref sandbox.Ref) []sandbox.Release {
	t.Helper()
	all, next, err := store.ListReleases(t.Context(), ref, sandbox.Page{Limit: 1000})
	must(t, err)
	same(t, "cursor after the last release", next, sandbox.Cursor(""))
	return all
}

// enter returns a change to a phase with one event.
func enter(phase sandbox.Phase) func(*sandbox.Sandbox) ([]sandbox.Event, error) {
	return func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
		s.Phase = phase
		return []sandbox.Event{{Type: sandbox.EventPhase, Message: string(phase)}}, nil
	}
}

func update(t *testing.T, store sandbox.Store, ref sandbox.Ref, change func(*sandbox.Sandbox) ([]sandbox.Event, error)) sandbox.Sandbox {
	t.Helper()
	s, err := store.Update(t.Context(), ref, change)
	must(t, err)
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantNotFound(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, sandbox.ErrNotFound) {
		t.Errorf("%s: got %v, want ErrNotFound", what, err)
	}
}

func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: -want +got\n%s", what, diff)
	}
}
