package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// joinRoute is the one route that a token of no seat goes on: it takes one.
const joinRoute = "POST /v1/seats"

// identify says who asks: who sits in a class, by the seat's token, or whom the
// installation knows.
func (a *API) identify(r *http.Request) (access.Identity, class.Token, error) {
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if text = strings.TrimSpace(text); !strings.EqualFold(scheme, "Bearer") || !class.IsToken(text) {
		who, err := a.Identify(r)
		return who, class.Token{}, err
	}
	nobody := &access.UnknownError{Reason: "nobody has the seat of this token, or its class has ended", Challenges: []string{`Bearer realm="mayfly"`}}
	token, ok := class.ParseToken(text)
	if !ok {
		return access.Identity{}, token, nobody
	}
	if r.Pattern == joinRoute {
		return access.Identity{Principal: "seat/" + token.Class, Name: "seat." + token.Class, Role: access.Seat}, token, nil
	}
	c, err := a.Classes.GetClass(r.Context(), token.Class)
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return access.Identity{}, token, err
	}
	seat, ok := c.SeatOf(class.Student{TokenDigest: token.Digest()})
	if !ok || !c.Open(a.now()) {
		return access.Identity{}, token, nobody
	}
	return access.Identity{Principal: seatPrincipal(&c, seat), Name: seat.Owner, Role: access.Seat}, token, nil
}

// seatPrincipal is what the audit calls who sits in a class without an account.
func seatPrincipal(c *class.Class, seat class.Seat) string {
	return fmt.Sprintf("seat/%s/%d", c.Name, seat.Number)
}

func (a server) JoinClass(ctx context.Context, request rest.JoinClassRequestObject) (rest.JoinClassResponseObject, error) {
	code, err := class.ParseCode(request.Body.Code)
	if err != nil {
		return nil, invalid(events.BrokenRule{Field: "code", Rule: "a class's code, like cs101-k7m2-9xqp-4tzd-8hwn"})
	}
	student := class.Student{Name: request.Body.Student}
	if err := class.CheckStudent(student.Name); err != nil {
		return nil, err
	}
	who := callerOf(ctx)
	switch {
	case who.Role != access.Seat:
		student.Owner = who.Name
		if student.Name == "" {
			student.Name = who.Name
		}
	case who.token.Class != code.Class:
		return nil, invalid(events.BrokenRule{Field: "Authorization", Rule: "a token for class " + code.Class + ", which begins with mayfly_seat_" + code.Class + "_"})
	default:
		student.TokenDigest = who.token.Digest()
	}
	if err := a.open(ctx, code); err != nil {
		return nil, err
	}
	c, seat, err := a.sit(ctx, code.Class, student)
	if err != nil {
		return nil, err
	}
	if who.Role == access.Seat {
		actor, _ := sandbox.ActorOf(ctx)
		actor.Principal = seatPrincipal(&c, seat)
		ctx = sandbox.As(ctx, actor)
	}
	seat, s, err := a.furnish(ctx, &c, seat)
	if err != nil {
		return nil, err
	}
	state := a.seatState(&c, seat, s, true)
	if s.Phase == sandbox.PhaseProvisioning {
		return rest.JoinClass202JSONResponse{Body: state, Headers: rest.JoinClass202ResponseHeaders{Location: location(s.Name)}}, nil
	}
	return rest.JoinClass200JSONResponse{Body: state, Headers: rest.JoinClass200ResponseHeaders{Location: location(s.Name)}}, nil
}

// open checks a code. A wrong one is counted in the write that a racing guess
// would need, too; whoever guesses is told the same of a class that is not
// there.
func (a *API) open(ctx context.Context, code class.Code) error {
	wrong := &refusal{
		status: http.StatusForbidden, kind: "wrong-code", title: "No class has this code",
		detail: "the class may have a new one, or be over",
	}
	exhausted := func(until time.Time) error {
		wait := until.Sub(a.now()).Round(time.Second)
		return &refusal{
			status: http.StatusTooManyRequests, kind: "too-many-codes", title: "Too many wrong codes",
			detail: fmt.Sprintf("class %s takes none for %s", code.Class, wait), header: http.Header{"Retry-After": {strconv.Itoa(max(1, int(wait.Seconds())))}},
		}
	}
	c, err := a.Classes.GetClass(ctx, code.Class)
	if errors.Is(err, sandbox.ErrNotFound) {
		return wrong
	}
	if err != nil {
		return err
	}
	if until, none := c.Guesses.Exhausted(a.now()); none {
		return exhausted(until)
	}
	if c.Opens(code) {
		return nil
	}
	if !c.Open(a.now()) {
		return wrong // there is nothing to guess any more
	}
	_, err = a.Classes.UpdateClass(ctx, c.Name, func(c *class.Class) error {
		if until, none := c.Guesses.Exhausted(a.now()); none {
			return exhausted(until)
		}
		c.Guesses = c.Guesses.Add(a.now())
		return nil
	})
	if err == nil || errors.Is(err, sandbox.ErrNotFound) {
		err = wrong
	}
	return err
}

// sit gives a student a seat, in one conditional write: seats hold however many
// join at once.
func (a *API) sit(ctx context.Context, name string, student class.Student) (class.Class, class.Seat, error) {
	id, err := sandbox.NewID(a.Random)
	if err != nil {
		return class.Class{}, class.Seat{}, err
	}
	var seat class.Seat
	c, err := a.Classes.UpdateClass(ctx, name, func(c *class.Class) (err error) {
		seat, err = c.Join(student, id, a.now())
		return err
	})
	if err == nil && seat.SandboxID == id {
		err = a.auditClass(ctx, &c, "join class", map[string]string{"seat": strconv.Itoa(seat.Number), "owner": seat.Owner, "sandbox": seat.Sandbox})
	}
	return c, seat, err
}
