package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// TestAClassChanges with what it has: seats, the end of sandboxes, and budgets
// that are its own.
func TestAClassChanges(t *testing.T) {
	w := newWorld(t, asTold)
	ada := as("ada", "owner")
	w.class("ada", 3)
	guests := make([]events.SeatState, 2)
	for i := range guests {
		guests[i] = w.join(http.StatusAccepted, guest(t)...)
		w.provisioned(guests[i].Sandbox)
	}
	kim := w.join(http.StatusAccepted, as("kim", "owner")...)
	_, err := w.store.UpdateBudget(t.Context(), guests[1].Owner, func(b *cost.Budget) error { b.Limit, b.By = cost.Dollar, "op"; return nil })
	must(t, err)

	end := w.clock.Now().Add(96 * time.Hour).UTC().Truncate(time.Second)
	change := `{"seats":4,"budget":"7.50","expiresAt":"` + end.Format(time.RFC3339) + `"}`
	for range 2 { // the second changes nothing
		c := into[events.ClassState](t, w.want(http.StatusOK, "PATCH", "/v1/classes/cs101", change, ada...))
		if c.Seats != 4 || c.Taken != 3 || c.Budget != "7.50" || !c.ExpiresAt.Equal(end) || len(c.Students) != 3 || c.Code != "" {
			t.Fatalf("%+v", c)
		}
	}
	for _, seat := range append(guests, kim) {
		if s := w.stored(seat.Sandbox); !s.EndsAt.Equal(end) || !s.ExpiresAt.Equal(end) {
			t.Errorf("%s ends %s, expires %s", s.Name, s.EndsAt, s.ExpiresAt)
		}
	}
	limits := func(want ...cost.USD) {
		t.Helper()
		for i, seat := range append(guests, kim) {
			b, err := w.store.GetBudget(t.Context(), seat.Owner)
			if (err != nil) != (want[i] == 0) || b.Limit != want[i] {
				t.Errorf("%s has %+v, %v; want %s", seat.Owner, b, err, want[i])
			}
		}
	}
	limits(15*cost.Dollar/2, cost.Dollar, 0) // an admin's, and an account's, stay
	w.want(http.StatusOK, "PATCH", "/v1/classes/cs101", `{"budget":""}`, ada...)
	limits(0, cost.Dollar, 0)

	// What is refused changes nothing.
	for body, field := range map[string]string{`{"seats":2}`: "seats", `{"expiresAt":"2020-01-01T00:00:00Z"}`: "expiresAt", `{"budget":"-1"}`: "budget", `{"name":"other"}`: "name"} {
		p := into[events.Problem](t, w.want(http.StatusBadRequest, "PATCH", "/v1/classes/cs101", body, ada...))
		if len(p.Errors) != 1 || p.Errors[0].Field != field {
			t.Errorf("%s: %+v", body, p)
		}
	}
	w.want(http.StatusNotFound, "PATCH", "/v1/classes/cs999", `{"seats":4}`, ada...)
	log, _, err := w.store.ListAudit(t.Context(), sandbox.AuditFilter{}, sandbox.Page{})
	must(t, err)
	told := map[string]int{}
	for _, entry := range log {
		if entry.Action == "update class" {
			told[fmt.Sprint(entry.After)]++
		}
	}
	first := map[string]string{"seats": "4", "budget": "7.50", "expiresAt": end.Format(time.RFC3339)}
	if len(told) != 2 || told[fmt.Sprint(first)] != 1 || told["map[budget:none]"] != 1 {
		t.Errorf("the audit: %v", told)
	}
	w.want(http.StatusAccepted, "DELETE", "/v1/classes/cs101", "", ada...)
	w.want(http.StatusConflict, "PATCH", "/v1/classes/cs101", `{"seats":9}`, ada...)
}

// lateStore lets a class get another end between a seat and its sandbox.
type lateStore struct {
	class.Store
	end time.Time
}

func (s *lateStore) UpdateClass(ctx context.Context, name string, change func(*class.Class) error) (class.Class, error) {
	c, err := s.Store.UpdateClass(ctx, name, change)
	if err != nil {
		return c, err
	}
	_, err = s.Store.UpdateClass(ctx, name, func(c *class.Class) error { c.ExpiresAt = s.end; return nil })
	return c, err
}

func TestWhoJoinsAsAClassChangesEndsWithIt(t *testing.T) {
	late := &lateStore{}
	w := newWorld(t, asTold, func(o *api.Options) { late.Store, o.Classes = o.Classes, late })
	w.class("ada", 2)
	late.end = w.clock.Now().Add(9 * time.Hour).UTC()
	seat := w.join(http.StatusAccepted, guest(t)...)
	if s := w.stored(seat.Sandbox); !s.EndsAt.Equal(late.end) || !s.ExpiresAt.Equal(late.end) {
		t.Errorf("it ends %s, expires %s; want %s", s.EndsAt, s.ExpiresAt, late.end)
	}
}

// deafStore fails to write one sandbox.
type deafStore struct {
	sandbox.Store
	name string
}

func (s *deafStore) Update(ctx context.Context, ref sandbox.Ref, change func(*sandbox.Sandbox) ([]sandbox.Event, error)) (sandbox.Sandbox, error) {
	if ref.Name == s.name {
		return sandbox.Sandbox{}, errors.New("throttled")
	}
	return s.Store.Update(ctx, ref, change)
}

func TestASandboxThatCantBeToldKeepsNobody(t *testing.T) {
	deaf := &deafStore{}
	w := newWorld(t, asTold, func(o *api.Options) { deaf.Store, o.Store = o.Store, deaf })
	w.class("ada", 2)
	w.join(http.StatusAccepted, guest(t)...)
	other := w.join(http.StatusAccepted, guest(t)...)
	end := w.clock.Now().Add(9 * time.Hour).UTC().Truncate(time.Second)
	body := `{"expiresAt":"` + end.Format(time.RFC3339) + `"}`
	for _, deaf.name = range []string{"cs101-01", ""} {
		c := into[events.ClassState](t, w.want(http.StatusOK, "PATCH", "/v1/classes/cs101", body, as("ada", "owner")...))
		if trouble := c.Students[0].Trouble; (trouble != "") != (deaf.name != "") || strings.Contains(trouble, "throttled") || c.Students[1].Trouble != "" {
			t.Errorf("%+v", c.Students)
		}
		if s := w.stored(other.Sandbox); !s.EndsAt.Equal(end) {
			t.Errorf("the other ends %s", s.EndsAt)
		}
	}
	if s := w.stored("cs101-01"); !s.EndsAt.Equal(end) {
		t.Errorf("asked again: it ends %s", s.EndsAt)
	}
}

// TestAClassTellsWhatItsSandboxesCost to who sees the class.
func TestAClassTellsWhatItsSandboxesCost(t *testing.T) {
	w := newWorld(t, asTold)
	w.class("ada", 2)
	seat := w.join(http.StatusAccepted, guest(t)...)
	w.join(http.StatusAccepted, guest(t)...)
	s := w.stored(seat.Sandbox)
	_, err := w.store.UpdateEstimate(t.Context(), cost.MonthOf(w.clock.Now()), cost.KeyOf(&s), func(e *cost.Estimate) error {
		e.USD, e.Until = cost.Dollar/4, w.clock.Now()
		return nil
	})
	must(t, err)
	c := into[events.ClassState](t, w.want(http.StatusOK, "GET", "/v1/classes/cs101", "", as("ada", "owner")...))
	if got := c.Students[0].Cost.Amount; got != "0.250000000" || !c.Students[1].Cost.Until.IsZero() {
		t.Errorf("%+v", c.Students)
	}
}
