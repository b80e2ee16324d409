package api

import (
	"context"
	"errors"
	"fmt"

	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// furnish makes sure that a seat has its sandbox: the one that was made for it,
// or a new one when that is gone. The seat says first which one it is to be, so
// that it may be asked again after a crash at any point, and by two at once.
func (a *API) furnish(ctx context.Context, c *class.Class, seat class.Seat) (class.Seat, sandbox.Sandbox, error) {
	for range 5 {
		// An execution outlives its sandbox, whose record is written before: if it is
		// there, and the record after that is not, then the sandbox was and is gone.
		status, err := a.status(ctx, a.provisionOf(seat))
		if err != nil {
			return seat, sandbox.Sandbox{}, err
		}
		s, err := a.Store.Get(ctx, seat.Sandbox)
		name := seat.Sandbox
		switch {
		case errors.Is(err, sandbox.ErrNotFound) && status == absent:
			made, err := a.claimSeat(ctx, c, seat)
			var taken *sandbox.NameTakenError
			if errors.As(err, &taken) {
				continue // a moment ago
			}
			return seat, made, err
		case errors.Is(err, sandbox.ErrNotFound):
		case err != nil:
			return seat, s, fmt.Errorf("sandbox of seat %d of class %s: %w", seat.Number, c.Name, err)
		case s.ID != seat.SandboxID: // somebody else's
			tail, err := sandbox.NewID(a.Random)
			if err != nil {
				return seat, s, err
			}
			name = fmt.Sprintf("%s-%02d-%s", c.Name, seat.Number, tail[:4])
		case s.Phase == sandbox.PhaseDeleting:
			return seat, s, &sandbox.DeletingError{Name: s.Name}
		case !s.Replaceable(seat.Owner):
			s, err = a.heal(ctx, s)
			return seat, s, err
		}
		// It is gone, has failed and left nothing, or its name is another's.
		id, err := sandbox.NewID(a.Random)
		if err != nil {
			return seat, s, err
		}
		was := seat
		if *c, err = a.Classes.UpdateClass(ctx, c.Name, func(c *class.Class) error {
			seat = c.Give(was.Number, was.SandboxID, name, id)
			return nil
		}); err != nil {
			return seat, s, err
		}
	}
	return seat, sandbox.Sandbox{}, fmt.Errorf("seat %d of class %s: its sandbox changes all the time", seat.Number, c.Name)
}

// provisionOf returns the ARN of the execution that makes a seat's sandbox.
func (a *API) provisionOf(seat class.Seat) string {
	return sandbox.ExecutionARN(a.Machines.Provision, provisionName(seat.SandboxID))
}

// claimSeat makes the sandbox that a seat names, or returns a
// *sandbox.NameTakenError.
func (a *API) claimSeat(ctx context.Context, c *class.Class, seat class.Seat) (sandbox.Sandbox, error) {
	wanted := sandbox.Sandbox{
		ID: seat.SandboxID, Name: seat.Sandbox, Owner: seat.Owner, Phase: sandbox.PhaseProvisioning,
		CreatedAt: a.now(), ExpiresAt: c.ExpiresAt, EndsAt: c.ExpiresAt, EndsWith: "class " + c.Name, Spec: sandbox.Defaults(events.Spec{IdleTime: "never"}),
		Execution: a.provisionOf(seat),
	}
	wanted.SpecDigest = sandbox.SpecDigest(wanted.Name, wanted.Owner, wanted.Spec, 0)
	if err := a.limit(ctx, c, seat); err != nil {
		return wanted, err
	}
	first := sandbox.Event{Type: sandbox.EventClaimed, Message: fmt.Sprintf("claimed for seat %d of class %s", seat.Number, c.Name)}
	if err := a.Store.Claim(ctx, wanted, first); err != nil {
		return wanted, err
	}
	if err := a.run(ctx, wanted.Execution, a.input(&wanted)); err != nil {
		return wanted, err
	}
	s, err := a.Store.Get(ctx, wanted.Name)
	if err != nil {
		return s, fmt.Errorf("get sandbox %s: %w", wanted.Name, err)
	}
	return s, a.stillOpen(ctx, c, s)
}

// limit holds a seat to the class's budget: one that is its own, for what an
// account may spend is an admin's to say.
func (a *API) limit(ctx context.Context, c *class.Class, seat class.Seat) error {
	if c.Budget != "" && seat.TokenDigest != "" {
		// An admin may have given it another one.
		if err := a.giveBudget(ctx, c, seat, func(b *cost.Budget, _ cost.USD) bool { return b.Version == 0 }); err != nil {
			return err
		}
	}
	return a.afford(ctx, seat.Owner)
}

// giveBudget gives a seat its class's budget, where the one that it has gives way
// to the limit.
func (a *API) giveBudget(ctx context.Context, c *class.Class, seat class.Seat, givesWay func(*cost.Budget, cost.USD) bool) error {
	limit, err := cost.ParseUSD(c.Budget)
	if err == nil {
		_, err = a.Costs.UpdateBudget(ctx, seat.Owner, func(b *cost.Budget) error {
			if givesWay(b, limit) {
				b.Limit, b.By, b.At = limit, resourceOf(c), a.now()
				b.Warned, b.Stopped = "", "" // of another limit
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("budget of seat %d of class %s: %w", seat.Number, c.Name, err)
	}
	return nil
}

// stillOpen undoes the making of a sandbox whose class ended meanwhile, and lets
// it end with the class if that got another end: who did either may have found
// the seat without it.
func (a *API) stillOpen(ctx context.Context, c *class.Class, s sandbox.Sandbox) error {
	now, err := a.Classes.GetClass(ctx, c.Name)
	if errors.Is(err, sandbox.ErrNotFound) {
		now, err = *c, nil
		now.EndedAt = a.now()
	}
	if err != nil {
		return err
	}
	if now.Open(a.now()) {
		_, err := a.endWith(ctx, &now, s)
		return err
	}
	if _, err := a.delete(ctx, s); err != nil {
		return err
	}
	return &class.ClosedError{Class: c.Name, At: now.End()}
}

// sandboxOf returns a seat's sandbox, if it is there: not another one that has
// its name by now.
func (a *API) sandboxOf(ctx context.Context, seat class.Seat) (s sandbox.Sandbox, there bool, err error) {
	s, err = a.Store.Get(ctx, seat.Sandbox)
	switch {
	case errors.Is(err, sandbox.ErrNotFound):
		return s, false, nil
	case err != nil:
		return s, false, fmt.Errorf("get sandbox %s: %w", seat.Sandbox, err)
	}
	return s, s.ID == seat.SandboxID, nil
}

// seatState returns a seat as the API shows it, with its sandbox if that is
// there.
func (a *API) seatState(c *class.Class, seat class.Seat, s sandbox.Sandbox, there bool) events.SeatState {
	state := events.SeatState{
		Class: c.Name, Number: seat.Number, Student: seat.Student, Owner: seat.Owner, Account: seat.TokenDigest == "",
		JoinedAt: seat.JoinedAt, ExpiresAt: c.ExpiresAt, Sandbox: seat.Sandbox, Phase: events.PhaseDeleted,
	}
	if !there {
		return state
	}
	state.Phase, state.URL = events.Phase(s.Phase), a.siteURL(&s)
	if s.Failure != nil {
		state.Failure = *s.Failure
	}
	return state
}
