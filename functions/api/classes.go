package api

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// atOnce is how many of a class's sandboxes are looked at or ended at once.
const atOnce = 8

func (a server) CreateClass(ctx context.Context, request rest.CreateClassRequestObject) (rest.CreateClassResponseObject, error) {
	body := request.Body
	c := class.Class{
		Name: body.Name, Owner: callerOf(ctx).Name, Size: body.Seats, Budget: body.Budget,
		CreatedAt: a.now(), ExpiresAt: body.ExpiresAt.UTC().Truncate(time.Second),
	}
	if err := c.Check(); err != nil {
		return nil, err
	}
	code, err := class.NewCode(c.Name, a.Random)
	if err != nil {
		return nil, err
	}
	c.CodeDigest = code.Digest()
	if err := a.Classes.AddClass(ctx, c); err != nil {
		return nil, err
	}
	if err := a.auditClass(ctx, &c, "create class", map[string]string{
		"seats": strconv.Itoa(c.Size), "expiresAt": c.ExpiresAt.Format(time.RFC3339), "budget": c.Budget,
	}); err != nil {
		return nil, err
	}
	state := classState(&c)
	state.Code = code.Text()
	return rest.CreateClass201JSONResponse{Body: state, Headers: rest.CreateClass201ResponseHeaders{Location: classLocation(c.Name)}}, nil
}

func (a server) ListClasses(ctx context.Context, request rest.ListClassesRequestObject) (rest.ListClassesResponseObject, error) {
	page, err := pageOf(request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	found, next, err := a.Classes.ListClasses(ctx, callerOf(ctx).Owners(), page)
	if err != nil {
		return nil, asCursor(err)
	}
	answer := rest.ListClasses200JSONResponse{Classes: make([]events.ClassState, len(found)), Next: string(next)}
	for i := range found {
		answer.Classes[i] = classState(&found[i])
	}
	return answer, nil
}

func (a server) GetClass(ctx context.Context, request rest.GetClassRequestObject) (rest.GetClassResponseObject, error) {
	c, err := a.findClass(ctx, request.Class)
	if err != nil {
		return nil, err
	}
	state := classState(&c)
	state.Students, err = a.seats(ctx, &c)
	return rest.GetClass200JSONResponse(state), err
}

func (a server) RenewCode(ctx context.Context, request rest.RenewCodeRequestObject) (rest.RenewCodeResponseObject, error) {
	c, err := a.findClass(ctx, request.Class)
	if err != nil {
		return nil, err
	}
	code, err := class.NewCode(c.Name, a.Random)
	if err != nil {
		return nil, err
	}
	c, err = a.Classes.UpdateClass(ctx, c.Name, func(c *class.Class) error {
		if !c.Open(a.now()) {
			return &class.ClosedError{Class: c.Name, At: c.End()}
		}
		c.CodeDigest, c.Guesses = code.Digest(), class.Guesses{}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := a.auditClass(ctx, &c, "renew code", nil); err != nil {
		return nil, err
	}
	state := classState(&c)
	state.Code = code.Text()
	return rest.RenewCode200JSONResponse(state), nil
}

func (a server) EndClass(ctx context.Context, request rest.EndClassRequestObject) (rest.EndClassResponseObject, error) {
	c, err := a.findClass(ctx, request.Class)
	if err != nil {
		return nil, err
	}
	// Before anything is torn down nobody must be able to join any more.
	if c.EndedAt.IsZero() {
		c, err = a.Classes.UpdateClass(ctx, c.Name, func(c *class.Class) error {
			if c.EndedAt.IsZero() {
				c.EndedAt = a.now()
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if err := a.auditClass(ctx, &c, "end class", nil); err != nil {
			return nil, err
		}
	}
	state := classState(&c)
	if state.Students, err = a.endSeats(ctx, &c); err != nil {
		return nil, err
	}
	if len(state.Students) == 0 {
		err := a.forgetClass(ctx, &c)
		if err == nil {
			return rest.EndClass204Response{}, nil
		}
		if !errors.Is(err, sandbox.ErrStale) { // else somebody was about to join
			return nil, err
		}
	}
	return rest.EndClass202JSONResponse{Body: state, Headers: rest.EndClass202ResponseHeaders{Location: classLocation(c.Name)}}, nil
}

// forgetClass removes a class of which nothing is left, and what its seats might
// spend. What they spent stays in the month's bill.
func (a *API) forgetClass(ctx context.Context, c *class.Class) error {
	for _, seat := range c.Seats {
		if seat.TokenDigest == "" {
			continue
		}
		if err := a.Costs.RemoveBudget(ctx, seat.Owner); err != nil {
			return err
		}
	}
	return a.Classes.RemoveClass(ctx, *c)
}

// endSeats sees that all sandboxes of a class are torn down, and returns the
// seats whose sandbox is still there. One that can't be asked to go has trouble
// of its own, and never keeps the others from it.
func (a *API) endSeats(ctx context.Context, c *class.Class) ([]events.SeatState, error) {
	return a.eachSeat(ctx, c, func(ctx context.Context, seat class.Seat) (events.SeatState, bool, error) {
		s, there, err := a.sandboxOf(ctx, seat)
		if err == nil && there {
			s, err = a.delete(ctx, s)
		}
		if errors.Is(err, sandbox.ErrNotFound) { // it went a moment ago
			there, err = false, nil
		}
		state := a.seatState(c, seat, s, there)
		if err != nil {
			a.Logger.WarnContext(ctx, "a sandbox of a class can't be asked to go", "class", c.Name, "sandbox", seat.Sandbox, "error", err)
			known := classify(err)
			state.Trouble, there = known.Error(), true
		}
		return state, there, nil
	})
}

// seats returns all seats of a class with their sandboxes as they are.
func (a *API) seats(ctx context.Context, c *class.Class) ([]events.SeatState, error) {
	return a.eachSeat(ctx, c, func(ctx context.Context, seat class.Seat) (events.SeatState, bool, error) {
		s, there, err := a.sandboxOf(ctx, seat)
		state := a.seatState(c, seat, s, there)
		if err == nil && there {
			state.Cost, err = a.costSoFar(ctx, &s)
		}
		return state, true, err
	})
}

// eachSeat asks for the state of each seat, a few at once, and returns those
// that are to be kept in the order of the seats.
func (a *API) eachSeat(ctx context.Context, c *class.Class, ask func(context.Context, class.Seat) (state events.SeatState, keep bool, err error)) ([]events.SeatState, error) {
	states, keeps := make([]events.SeatState, len(c.Seats)), make([]bool, len(c.Seats))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, seat := range c.Seats {
		group.Go(func() (err error) {
			states[i], keeps[i], err = ask(ctx, seat)
			return err
		})
	}
	err := group.Wait()
	kept := make([]events.SeatState, 0, len(states))
	for i := range states {
		if keeps[i] {
			kept = append(kept, states[i])
		}
	}
	return kept, err
}

// findClass returns the class with a name, or an *access.DeniedError when it is
// not one that the caller may see or change by this route.
func (a *API) findClass(ctx context.Context, name string) (class.Class, error) {
	if class.CheckName(name) != nil {
		return class.Class{}, sandbox.ErrNotFound
	}
	c, err := a.Classes.GetClass(ctx, name)
	if err == nil {
		err = callerOf(ctx).Check(c.Owner)
	}
	if err != nil {
		return class.Class{}, err
	}
	return c, nil
}

func classState(c *class.Class) events.ClassState {
	return events.ClassState{
		Name: c.Name, Owner: c.Owner, Seats: c.Size, Taken: len(c.Seats), Budget: c.Budget,
		CreatedAt: c.CreatedAt, ExpiresAt: c.ExpiresAt, EndedAt: c.EndedAt,
	}
}

// resourceOf is what a class is called in the audit, and as whose budget.
func resourceOf(c *class.Class) string { return "class/" + c.Name }

func classLocation(name string) string { return "/v1/classes/" + name }

// auditClass tells the audit what was done with a class; what of it is a
// sandbox's tells of itself.
func (a *API) auditClass(ctx context.Context, c *class.Class, action string, after map[string]string) error {
	now := a.now()
	id, err := sandbox.NewAuditID(now, a.Random)
	if err != nil {
		return err
	}
	for field, value := range after {
		if value == "" {
			delete(after, field)
		}
	}
	who, _ := sandbox.ActorOf(ctx)
	err = a.Store.AddAudit(ctx, sandbox.Audit{ID: id, At: now, Action: action, Owner: c.Owner, Resource: resourceOf(c), Actor: who, After: after})
	if err != nil {
		return fmt.Errorf("audit of class %s: %w", c.Name, err)
	}
	return nil
}
