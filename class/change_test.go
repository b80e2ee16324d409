package class_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestWhatMayChangeOfAClass(t *testing.T) {
	seats := func(n int) class.Change { return class.Change{Seats: &n} }
	end := func(in time.Duration) class.Change { at := now.Add(in); return class.Change{ExpiresAt: &at} }
	budget := func(usd string) class.Change { return class.Change{Budget: &usd} }
	all := class.Change{Seats: seats(0).Seats, ExpiresAt: end(time.Minute).ExpiresAt, Budget: budget("-1").Budget}
	for _, test := range []struct {
		name   string
		change class.Change
		broken string
	}{
		{"nothing", class.Change{}, ""},
		{"more seats", seats(class.MaxSeats), ""}, {"as many as are taken", seats(2), ""}, {"fewer than are taken", seats(1), "seats"}, {"too many", seats(class.MaxSeats + 1), "seats"},
		{"later", end(class.MaxLife), ""}, {"earlier", end(class.MinLife), ""}, {"too early", end(class.MinLife - 1), "expiresAt"}, {"too late", end(class.MaxLife + 1), "expiresAt"},
		{"another budget", budget("7.50"), ""}, {"none", budget(""), ""}, {"no amount", budget("much"), "budget"},
		{"all", all, "seats expiresAt budget"},
	} {
		c := cs101(30)
		c.Seats, c.Budget = make([]class.Seat, 2), "5"
		before := *c
		err := c.Apply(test.change, now)
		var fields sandbox.FieldErrors
		var broken []string
		if errors.As(err, &fields) {
			for _, one := range fields {
				broken = append(broken, one.Field)
			}
		}
		if got := strings.Join(broken, " "); got != test.broken || (err != nil) != (test.broken != "") {
			t.Errorf("%s: %v, want %q", test.name, err, test.broken)
		}
		if err != nil && (c.Size != before.Size || !c.ExpiresAt.Equal(before.ExpiresAt) || c.Budget != before.Budget) {
			t.Errorf("%s: refused, and changed: %+v", test.name, c)
		}
	}
}

func TestOnlyAClassThatNobodyEndedChanges(t *testing.T) {
	c := cs101(30)
	over := c.ExpiresAt.Add(time.Hour)
	same, more := c.ExpiresAt, over.Add(time.Hour)
	if err := c.Apply(class.Change{ExpiresAt: &same}, over); err != nil {
		t.Errorf("to the end that it has: %v", err)
	}
	if err := c.Apply(class.Change{ExpiresAt: &more}, over); err != nil || !c.Open(over) {
		t.Errorf("its time was over: %v, %+v", err, c)
	}
	c.EndedAt = over
	var closed *class.ClosedError
	if err := c.Apply(class.Change{ExpiresAt: &more}, over); !errors.As(err, &closed) {
		t.Errorf("somebody has ended it: %v", err)
	}
}

func TestASandboxEndsWithItsClass(t *testing.T) {
	c := cs101(30)
	was, hour := c.ExpiresAt, time.Hour
	for _, test := range []struct {
		name           string
		moved          time.Duration // of the class's end
		expires, after time.Time
		end            time.Time
		told           int
	}{
		{"no change", 0, was, was, was, 0},
		{"later", hour, was, was.Add(hour), was.Add(hour), 1},
		{"earlier", -hour, was, was.Add(-hour), was.Add(-hour), 1},
		{"its own is shorter", hour, was.Add(-hour), was.Add(-hour), was.Add(hour), 1},
		{"its own was shorter", -2 * hour, was.Add(-hour), was.Add(-2 * hour), was.Add(-2 * hour), 1},
		{"it was extended past the class", hour, was.Add(9 * hour), was.Add(hour), was.Add(hour), 1},
		{"it has none of its own", hour, time.Time{}, time.Time{}, was.Add(hour), 1},
	} {
		c.ExpiresAt = was.Add(test.moved)
		s := sandbox.Sandbox{ExpiresAt: test.expires, EndsAt: was}
		if log := c.EndWith(&s); len(log) != test.told || !s.ExpiresAt.Equal(test.after) || !s.EndsAt.Equal(test.end) {
			t.Errorf("%s: %v, expires %s, ends %s", test.name, log, s.ExpiresAt, s.EndsAt)
		}
	}
}
