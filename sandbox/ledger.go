package sandbox

import (
	"context"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/events"
)

// Updater is the part of a store that the ledger needs.
type Updater interface {
	Update(ctx context.Context, ref Ref, change func(*Sandbox) ([]Event, error)) (Sandbox, error)
}

// Ledger writes down what flows do, step by step: what is about to be made,
// what was made, what is gone. Steps declare the one or two methods they use
// as interfaces of their own.
type Ledger struct {
	Store Updater
	Now   func() time.Time
}

// Begin notes that step is under way. It returns a *DeletingError when the
// sandbox is being deleted: a flow that makes things must stop then.
func (l Ledger) Begin(ctx context.Context, ref Ref, step string) error {
	return l.update(ctx, ref, "begin "+step, func(s *Sandbox, now time.Time) ([]Event, error) {
		if s.Phase == PhaseDeleting {
			return nil, &DeletingError{Name: s.Name}
		}
		if s.Step == step {
			return nil, nil // a second try of the same step is no news
		}
		s.Step, s.StepSince = step, now
		return []Event{{Type: EventStepStarted, Step: step, Message: step + " started"}}, nil
	})
}

// Intend notes that step is about to make r, and returns the ledger's line if
// an earlier try has one already. It returns a *DeletingError when the sandbox
// is being deleted, so that nothing new is made behind a teardown's back.
func (l Ledger) Intend(ctx context.Context, ref Ref, step string, r Resource) (Resource, error) {
	var known Resource
	err := l.update(ctx, ref, "intend "+string(r.Kind), func(s *Sandbox, now time.Time) ([]Event, error) {
		if s.Phase == PhaseDeleting {
			return nil, &DeletingError{Name: s.Name}
		}
		var log []Event
		if s.Step != step {
			s.Step, s.StepSince = step, now
			log = append(log, Event{Type: EventStepStarted, Step: step, Message: step + " started"})
		}
		if old, ok := s.Resources[r.Kind]; ok && (old.Status == StatusMade || old.ID == r.ID) {
			known = old
			return log, nil
		}
		r.Status, r.At = StatusIntended, now
		s.setResource(r)
		known = r
		return log, nil
	})
	return known, err
}

// Made notes that step made r. It is written even while the sandbox is being
// deleted: the teardown needs to know.
func (l Ledger) Made(ctx context.Context, ref Ref, step string, r Resource) error {
	return l.update(ctx, ref, "made "+string(r.Kind), func(s *Sandbox, now time.Time) ([]Event, error) {
		old, had := s.Resources[r.Kind]
		r.Status, r.At = StatusMade, now
		if had && old.Status == StatusMade && old.ID == r.ID {
			r.At = old.At
			s.setResource(r)
			return nil, nil
		}
		s.setResource(r)
		return []Event{{Type: EventMade, Step: step, Resource: r.ID, Message: fmt.Sprintf("%s %s made", r.Kind, r.ID)}}, nil
	})
}

// Gone notes that a kind of resource is no longer there.
func (l Ledger) Gone(ctx context.Context, ref Ref, step string, kind Kind) error {
	return l.strike(ctx, ref, step, kind, "deleted")
}

// Left notes that the sandbox no longer uses a kind of resource that stays,
// with the reason why it stays.
func (l Ledger) Left(ctx context.Context, ref Ref, step string, kind Kind, why string) error {
	return l.strike(ctx, ref, step, kind, "no longer used; "+why)
}

func (l Ledger) strike(ctx context.Context, ref Ref, step string, kind Kind, what string) error {
	return l.update(ctx, ref, "gone "+string(kind), func(s *Sandbox, _ time.Time) ([]Event, error) {
		old, had := s.Resources[kind]
		if kind == KindDistribution {
			s.Waiting = Waiting{} // it was for that
		}
		if !had {
			return nil, nil
		}
		delete(s.Resources, kind)
		return []Event{{Type: EventGone, Step: step, Resource: old.ID, Message: fmt.Sprintf("%s %s %s", kind, old.ID, what)}}, nil
	})
}

// Progress notes step as under way, with one line for a person.
func (l Ledger) Progress(ctx context.Context, ref Ref, step, message string) error {
	return l.update(ctx, ref, "progress of "+step, func(s *Sandbox, now time.Time) ([]Event, error) {
		if s.Step != step {
			s.Step, s.StepSince = step, now
		}
		return []Event{{Type: EventProgress, Step: step, Message: message}}, nil
	})
}

// Waits notes what a flow waits for. The same again is no news.
func (l Ledger) Waits(ctx context.Context, ref Ref, what Waiting) error {
	return l.update(ctx, ref, "wait for "+what.For, func(s *Sandbox, _ time.Time) ([]Event, error) {
		s.Waiting = what
		return nil, nil
	})
}

// Enter changes the phase, with one line for a person, and clears the step
// under way. The failure is kept when not nil, with the step it happened in.
func (l Ledger) Enter(ctx context.Context, ref Ref, phase Phase, message string, failure *events.Failure) error {
	return l.update(ctx, ref, "enter phase "+string(phase), func(s *Sandbox, now time.Time) ([]Event, error) {
		kind := EventPhase
		if failure != nil {
			kind = EventFailed
			s.Failure, s.FailedStep = failure, s.Step
		}
		if s.Phase == phase && failure == nil {
			return nil, nil
		}
		if phase == PhaseReady && s.ReadyAt.IsZero() {
			s.ReadyAt = now
		}
		s.Phase, s.Step, s.StepSince, s.Waiting = phase, "", time.Time{}, Waiting{}
		return []Event{{Type: kind, Message: message, Failure: failure}}, nil
	})
}

func (l Ledger) update(ctx context.Context, ref Ref, what string, change func(*Sandbox, time.Time) ([]Event, error)) error {
	_, err := l.Store.Update(ctx, ref, func(s *Sandbox) ([]Event, error) {
		now := l.Now().UTC()
		log, err := change(s, now)
		for i := range log {
			log[i].At, log[i].Phase = now, s.Phase
		}
		return log, err
	})
	if err != nil {
		return fmt.Errorf("%s of sandbox %s: %w", what, ref.Name, err)
	}
	return nil
}

func (s *Sandbox) setResource(r Resource) {
	if s.Resources == nil {
		s.Resources = make(map[Kind]Resource, 4)
	}
	s.Resources[r.Kind] = r
}
