package api

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// UpdateClass changes a class, and then its sandboxes and its seats' budgets. Who
// asks for the same once more mends what a crash left between.
func (a server) UpdateClass(ctx context.Context, request rest.UpdateClassRequestObject) (rest.UpdateClassResponseObject, error) {
	before, err := a.findClass(ctx, request.Class)
	if err != nil {
		return nil, err
	}
	body := request.Body
	change := class.Change{Seats: body.Seats, Budget: body.Budget}
	if body.ExpiresAt != nil {
		end := body.ExpiresAt.UTC().Truncate(time.Second)
		change.ExpiresAt = &end
	}
	c, err := a.Classes.UpdateClass(ctx, before.Name, func(c *class.Class) error {
		before = *c
		return c.Apply(change, a.now())
	})
	if err != nil {
		return nil, err
	}
	if changed := classChanges(&before, &c); len(changed) > 0 {
		if err := a.auditClass(ctx, &c, "update class", changed); err != nil {
			return nil, err
		}
	}
	state := classState(&c)
	state.Students, err = a.tellSeats(ctx, &c, body.Budget != nil)
	return rest.UpdateClass200JSONResponse(state), err
}

// classChanges returns what a change made of a class, by the names of its fields.
func classChanges(before, after *class.Class) map[string]string {
	changed := map[string]string{}
	if after.Size != before.Size {
		changed["seats"] = strconv.Itoa(after.Size)
	}
	if !after.ExpiresAt.Equal(before.ExpiresAt) {
		changed["expiresAt"] = after.ExpiresAt.Format(time.RFC3339)
	}
	if after.Budget != before.Budget {
		if changed["budget"] = after.Budget; after.Budget == "" {
			changed["budget"] = "none"
		}
	}
	return changed
}

// tellSeats lets all sandboxes of a class end with it, and its seats spend what
// it says. One that can't be told has trouble of its own.
func (a *API) tellSeats(ctx context.Context, c *class.Class, budget bool) ([]events.SeatState, error) {
	return a.eachSeat(ctx, c, func(ctx context.Context, seat class.Seat) (events.SeatState, bool, error) {
		s, there, err := a.sandboxOf(ctx, seat)
		if err == nil && there {
			s, err = a.endWith(ctx, c, s)
		}
		if errors.Is(err, sandbox.ErrNotFound) { // it went a moment ago
			there, err = false, nil
		}
		if err == nil && budget {
			err = a.relimit(ctx, c, seat)
		}
		state := a.seatState(c, seat, s, there)
		if err != nil {
			a.Logger.WarnContext(ctx, "a seat of a class can't be told of a change", "class", c.Name, "sandbox", seat.Sandbox, "error", err)
			known := classify(err)
			state.Trouble = known.Error()
		}
		return state, true, nil
	})
}

// endWith lets a sandbox end when its class does.
func (a *API) endWith(ctx context.Context, c *class.Class, s sandbox.Sandbox) (sandbox.Sandbox, error) {
	if s.EndsAt.Equal(c.ExpiresAt) {
		return s, nil
	}
	after, err := a.Store.Update(ctx, s.Ref(), func(s *sandbox.Sandbox) ([]sandbox.Event, error) { return c.EndWith(s), nil })
	if err != nil {
		return s, fmt.Errorf("end %s with class %s: %w", s.Name, c.Name, err)
	}
	return after, nil
}

// relimit gives a seat the budget that its class has now, unless the one that it
// has is not of the class.
func (a *API) relimit(ctx context.Context, c *class.Class, seat class.Seat) error {
	if seat.TokenDigest == "" {
		return nil
	}
	by := resourceOf(c)
	if c.Budget != "" {
		return a.giveBudget(ctx, c, seat, func(b *cost.Budget, limit cost.USD) bool {
			return (b.Version == 0 || b.By == by) && b.Limit != limit
		})
	}
	b, err := a.Costs.GetBudget(ctx, seat.Owner)
	if errors.Is(err, sandbox.ErrNotFound) || err == nil && b.By != by {
		return nil
	}
	if err != nil {
		return fmt.Errorf("budget of seat %d of class %s: %w", seat.Number, c.Name, err)
	}
	return a.Costs.RemoveBudget(ctx, seat.Owner)
}
