// Package settlenight is the step that looks at what a night started, again and
// again, until all of it has ended or the night no longer waits.
package settlenight

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/lifecycle"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Sandboxes is where the step looks.
type Sandboxes interface {
	Get(ctx context.Context, name string) (sandbox.Sandbox, error)
	sandbox.Updater
}

// Nights is where the step writes down what has come of a night.
type Nights interface {
	GetNight(ctx context.Context, id string) (night.Night, error)
	PutItems(ctx context.Context, id string, items []night.Item) error
	ListItems(ctx context.Context, id string, page sandbox.Page) ([]night.Item, sandbox.Cursor, error)
}

// Options is what the step knows of its installation.
type Options struct {
	// Every is how long to wait before the step looks again, and GiveUp how long
	// after its begin a night no longer waits.
	Every, GiveUp time.Duration
	// Margin is how long before its own time limit a run ends, to go on in the
	// next one.
	Margin time.Duration
	Now    func() time.Time
}

// Step looks at what a night started.
type Step struct {
	boxes   Sandboxes
	nights  Nights
	options Options
}

// New returns the step.
func New(boxes Sandboxes, nights Nights, options Options) *Step {
	return &Step{boxes: boxes, nights: nights, options: options}
}

// Handle goes through the night's items once, or as far as its time goes.
func (s *Step) Handle(ctx context.Context, in events.NightFlow) (events.NightSettled, error) {
	n, err := s.nights.GetNight(ctx, in.Night)
	if err != nil {
		return events.NightSettled{}, err
	}
	over := s.options.Now().Sub(n.StartedAt) > s.options.GiveUp
	out := events.NightSettled{}
	if in.Settled != nil && in.Settled.After != "" {
		out = *in.Settled
	}
	for {
		items, next, err := s.nights.ListItems(ctx, in.Night, sandbox.Page{Limit: sandbox.MaxPage, After: sandbox.Cursor(out.After)})
		if err != nil {
			return events.NightSettled{}, err
		}
		open, err := s.settle(ctx, in.Night, items, over)
		if err != nil {
			return events.NightSettled{}, err
		}
		out.Open += open
		out.After = string(next)
		if next == "" {
			break
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < s.options.Margin {
			out.WaitSeconds = 0
			return out, nil
		}
	}
	return events.NightSettled{Done: out.Open == 0, WaitSeconds: int(s.options.Every.Seconds()), Open: 0}, nil
}

// settle looks at a page of items, and returns how many are still under way.
func (s *Step) settle(ctx context.Context, id string, items []night.Item, over bool) (open int, err error) {
	var ended []night.Item
	var failed []night.Item
	for _, item := range items {
		if item.Outcome != night.Started {
			continue
		}
		item.Outcome, item.Failure, err = s.look(ctx, item)
		switch {
		case err != nil:
			return 0, err
		case item.Outcome == night.Started && over:
			item.Outcome = night.Open
		case item.Outcome == night.Started:
			open++
			continue
		case item.Outcome == night.Failed:
			failed = append(failed, item)
		}
		ended = append(ended, item)
	}
	if err := s.nights.PutItems(ctx, id, ended); err != nil {
		return 0, err
	}
	for _, item := range failed {
		if err := s.blame(ctx, item); err != nil {
			return 0, err
		}
	}
	return open, nil
}

// blame counts a failed night in the sandbox's record.
func (s *Step) blame(ctx context.Context, item night.Item) error {
	_, err := s.boxes.Update(ctx, sandbox.Ref{ID: item.ID, Name: item.Name}, func(box *sandbox.Sandbox) ([]sandbox.Event, error) {
		box.FailedNights++
		if box.FailedNights == lifecycle.MaxFailedNights {
			return []sandbox.Event{{Type: sandbox.EventProgress, Message: fmt.Sprintf("left to a person: it failed %d nights in a row", box.FailedNights)}}, nil
		}
		return nil, nil
	})
	if errors.Is(err, sandbox.ErrNotFound) {
		return nil
	}
	return err
}

// look tells what has come of an item, by its sandbox's record.
func (s *Step) look(ctx context.Context, item night.Item) (night.Outcome, string, error) {
	box, err := s.boxes.Get(ctx, item.Name)
	switch {
	case errors.Is(err, sandbox.ErrNotFound), err == nil && box.ID != item.ID:
		return night.Ended, "", nil
	case err != nil:
		return "", "", fmt.Errorf("what came of sandbox %s: %w", item.Name, err)
	case item.Act == lifecycle.Sleep:
		outcome, failure := asleep(&box)
		return outcome, failure, nil
	}
	outcome, failure := gone(&box)
	return outcome, failure, nil
}

func asleep(box *sandbox.Sandbox) (night.Outcome, string) {
	switch {
	case box.FallingAsleep():
		return night.Started, ""
	case box.Phase == sandbox.PhaseSleeping && box.Failure != nil:
		return night.Failed, cmp.Or(box.Failure.Cause, box.Failure.Error)
	}
	return night.Ended, "" // asleep, or woken or deleted by a person
}

func gone(box *sandbox.Sandbox) (night.Outcome, string) {
	switch {
	case box.Phase == sandbox.PhaseDeleting:
		return night.Started, ""
	case box.Phase == sandbox.PhaseFailed && len(box.Resources) > 0:
		why := "something is left of it"
		if box.Failure != nil {
			why = cmp.Or(box.Failure.Cause, box.Failure.Error, why)
		}
		return night.Failed, why
	}
	return night.Ended, "" // its record alone is kept
}
