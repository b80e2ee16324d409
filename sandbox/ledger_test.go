package sandbox_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/sandbox/sqlite"
)

// book is a ledger over a real store, with a clock of its own and one sandbox.
type book struct {
	t      *testing.T
	store  *sqlite.Store
	now    time.Time
	ledger sandbox.Ledger
	ref    sandbox.Ref
}

func newBook(t *testing.T) *book {
	t.Helper()
	b := &book{t: t, now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), ref: sandbox.Ref{ID: "aaaaaaaaaa", Name: "site"}}
	clock := func() time.Time { return b.now }
	store, err := sqlite.Open(t.Context(), sqlite.Memory, clock)
	b.must(err)
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	b.store, b.ledger = store, sandbox.Ledger{Store: store, Now: clock}
	b.must(store.Claim(t.Context(), sandbox.Sandbox{ID: b.ref.ID, Name: b.ref.Name, Owner: "ann", Phase: sandbox.PhaseProvisioning},
		sandbox.Event{Type: sandbox.EventClaimed}))
	return b
}

func (b *book) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *book) sandbox() sandbox.Sandbox {
	b.t.Helper()
	s, err := b.store.Get(b.t.Context(), b.ref.Name)
	b.must(err)
	return s
}

// told returns the types of what happened since the claim.
func (b *book) told() []sandbox.EventType {
	b.t.Helper()
	log, err := b.store.Events(b.t.Context(), b.ref, 1, 100)
	b.must(err)
	var types []sandbox.EventType
	for _, event := range log {
		if !event.At.Equal(b.now) || event.Phase == "" || event.Message == "" {
			b.t.Errorf("event %+v: want its time, phase and message", event)
		}
		types = append(types, event.Type)
	}
	return types
}

func (b *book) wantTold(want ...sandbox.EventType) {
	b.t.Helper()
	if diff := cmp.Diff(want, b.told()); diff != "" {
		b.t.Errorf("events: -want +got\n%s", diff)
	}
}

var bucket = sandbox.Resource{Kind: sandbox.KindBucket, ID: "mayfly-site", Region: "us-east-1"}

func TestAStepIsNotedOnceHoweverOftenItIsTried(t *testing.T) {
	b := newBook(t)
	for range 3 {
		b.must(b.ledger.Begin(t.Context(), b.ref, "createbucket"))
		line, err := b.ledger.Intend(t.Context(), b.ref, "createbucket", bucket)
		b.must(err)
		if line.ID != bucket.ID {
			t.Errorf("line %+v", line)
		}
		b.must(b.ledger.Made(t.Context(), b.ref, "createbucket", bucket))
	}
	b.wantTold(sandbox.EventStepStarted, sandbox.EventMade)
	s := b.sandbox()
	want := bucket
	want.Status, want.At = sandbox.StatusMade, b.now
	if got, ok := s.Resource(sandbox.KindBucket); !ok || !cmp.Equal(got, want) || s.Step != "createbucket" || !s.StepSince.Equal(b.now) {
		t.Errorf("ledger %+v, step %s since %v", got, s.Step, s.StepSince)
	}
	made := s.Made()
	if diff := cmp.Diff(&events.Bucket{Name: bucket.ID, Region: bucket.Region}, made.Bucket); diff != "" || made.Distribution != nil || made.OriginAccess != nil {
		t.Errorf("what flows carry: %+v\n%s", made, diff)
	}
}

func TestWhatAnEarlierTryMadeIsFoundAgain(t *testing.T) {
	b := newBook(t)
	made := sandbox.Resource{Kind: sandbox.KindDistribution, ID: "E123", DomainName: "d1.cloudfront.net"}
	b.must(b.ledger.Made(t.Context(), b.ref, "createdistribution", made))
	line, err := b.ledger.Intend(t.Context(), b.ref, "createdistribution", sandbox.Resource{Kind: sandbox.KindDistribution})
	b.must(err)
	if line.ID != "E123" || line.Status != sandbox.StatusMade {
		t.Errorf("line %+v, want the distribution that was made", line)
	}
}

func TestWhatIsIntendedIsNotYetMade(t *testing.T) {
	b := newBook(t)
	_, err := b.ledger.Intend(t.Context(), b.ref, "createbucket", bucket)
	b.must(err)
	s := b.sandbox()
	if s.Made().Bucket != nil {
		t.Error("a flow carries what is only intended")
	}
	// The name was somebody else's: another one is intended in its place.
	next := bucket
	next.ID = "mayfly-site-1"
	_, err = b.ledger.Intend(t.Context(), b.ref, "createbucket", next)
	b.must(err)
	s = b.sandbox()
	if got, _ := s.Resource(sandbox.KindBucket); got.ID != next.ID || got.Status != sandbox.StatusIntended {
		t.Errorf("ledger %+v", got)
	}
}

func TestNothingNewIsMadeWhileDeleting(t *testing.T) {
	b := newBook(t)
	b.must(b.ledger.Enter(t.Context(), b.ref, sandbox.PhaseDeleting, "deletion asked for", nil))
	before := b.sandbox()
	_, intendErr := b.ledger.Intend(t.Context(), b.ref, "createbucket", bucket)
	for what, err := range map[string]error{"begin": b.ledger.Begin(t.Context(), b.ref, "createbucket"), "intend": intendErr} {
		var deleting *sandbox.DeletingError
		if !errors.As(err, &deleting) || deleting.Name != "site" || deleting.ErrorName() != "SandboxDeleting" {
			t.Errorf("%s: got %v, want a DeletingError", what, err)
		}
	}
	if diff := cmp.Diff(before, b.sandbox()); diff != "" {
		t.Errorf("the refusal changed the record\n%s", diff)
	}
	// What was made just before the deletion must be known to it, all the same.
	b.must(b.ledger.Made(t.Context(), b.ref, "createbucket", bucket))
	b.must(b.ledger.Gone(t.Context(), b.ref, "deletebucket", sandbox.KindBucket))
	b.must(b.ledger.Gone(t.Context(), b.ref, "deletebucket", sandbox.KindBucket))
	if s := b.sandbox(); len(s.Resources) != 0 {
		t.Errorf("ledger %+v", s.Resources)
	}
	b.wantTold(sandbox.EventPhase, sandbox.EventMade, sandbox.EventGone)
}

func TestWhatIsSharedMayBeLeftAndStay(t *testing.T) {
	b := newBook(t)
	b.must(b.ledger.Made(t.Context(), b.ref, "ensurewebacl", sandbox.Resource{Kind: sandbox.KindWebACL, ID: "mayfly-dev"}))
	for range 2 {
		b.must(b.ledger.Left(t.Context(), b.ref, "deletewebacl", sandbox.KindWebACL, "others use it"))
	}
	if s := b.sandbox(); len(s.Resources) != 0 {
		t.Errorf("ledger %+v", s.Resources)
	}
	b.wantTold(sandbox.EventMade, sandbox.EventGone)
}

func TestAPhaseEndsTheStepUnderWay(t *testing.T) {
	b := newBook(t)
	b.must(b.ledger.Begin(t.Context(), b.ref, "awaitdistribution"))
	b.must(b.ledger.Progress(t.Context(), b.ref, "awaitdistribution", "10 s left"))
	b.must(b.ledger.Enter(t.Context(), b.ref, sandbox.PhaseReady, "ready", nil))
	b.must(b.ledger.Enter(t.Context(), b.ref, sandbox.PhaseReady, "ready", nil)) // no news
	s := b.sandbox()
	if s.Phase != sandbox.PhaseReady || s.Step != "" || !s.StepSince.IsZero() || !s.ReadyAt.Equal(b.now) {
		t.Errorf("phase %s, step %q since %v, ready at %v", s.Phase, s.Step, s.StepSince, s.ReadyAt)
	}
	b.wantTold(sandbox.EventStepStarted, sandbox.EventProgress, sandbox.EventPhase)
}

func TestAFailureIsKeptWithItsStep(t *testing.T) {
	b := newBook(t)
	b.must(b.ledger.Begin(t.Context(), b.ref, "createdistribution"))
	failure := &events.Failure{Error: "TooManyDistributions", Cause: "quota"}
	b.must(b.ledger.Enter(t.Context(), b.ref, sandbox.PhaseFailed, "failed", failure))
	s := b.sandbox()
	if s.Phase != sandbox.PhaseFailed || s.FailedStep != "createdistribution" || !cmp.Equal(s.Failure, failure) {
		t.Errorf("phase %s, failed step %q, failure %+v", s.Phase, s.FailedStep, s.Failure)
	}
	b.wantTold(sandbox.EventStepStarted, sandbox.EventFailed)
}

func TestALateFlowOfADeletedSandboxWritesNothing(t *testing.T) {
	b := newBook(t)
	late := sandbox.Ref{ID: "bbbbbbbbbb", Name: "site"}
	before := b.sandbox()
	_, intendErr := b.ledger.Intend(t.Context(), late, "createbucket", bucket)
	for what, err := range map[string]error{
		"begin": b.ledger.Begin(t.Context(), late, "createbucket"), "intend": intendErr,
		"made":     b.ledger.Made(t.Context(), late, "createbucket", bucket),
		"gone":     b.ledger.Gone(t.Context(), late, "deletebucket", sandbox.KindBucket),
		"progress": b.ledger.Progress(t.Context(), late, "createbucket", "working"),
		"enter":    b.ledger.Enter(t.Context(), late, sandbox.PhaseReady, "ready", nil),
	} {
		if !errors.Is(err, sandbox.ErrNotFound) {
			t.Errorf("%s: got %v, want ErrNotFound", what, err)
		}
	}
	if diff := cmp.Diff(before, b.sandbox()); diff != "" {
		t.Errorf("the successor was changed\n%s", diff)
	}
}

func TestWhatAFlowWaitsForIsOverWithIt(t *testing.T) {
	for name, end := range map[string]func(sandbox.Ledger, sandbox.Ref) error{
		"the distribution is gone": func(l sandbox.Ledger, ref sandbox.Ref) error {
			return l.Gone(t.Context(), ref, "deletedistribution", sandbox.KindDistribution)
		},
		"the flow fails": func(l sandbox.Ledger, ref sandbox.Ref) error {
			return l.Enter(t.Context(), ref, sandbox.PhaseFailed, "failed", nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBook(t)
			want := sandbox.Waiting{For: "distribution E1", Duration: sandbox.DurationPropagation, Since: b.now}
			for range 2 {
				b.must(b.ledger.Waits(t.Context(), b.ref, want))
				if got := b.sandbox().Waiting; got != want {
					t.Fatalf("it waits for %+v", got)
				}
			}
			b.must(end(b.ledger, b.ref))
			if got := b.sandbox().Waiting; got != (sandbox.Waiting{}) {
				t.Errorf("it still waits for %+v", got)
			}
		})
	}
}
