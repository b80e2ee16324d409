package class

import (
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// Change is what somebody wants to change of a class; nil stays.
type Change struct {
	Seats     *int
	ExpiresAt *time.Time
	// Budget is as Class.Budget.
	Budget *string
}

// Apply changes the class, or returns a *ClosedError when somebody has ended it,
// or a sandbox.FieldErrors with every rule that it would break then. Seats that
// are taken stay. A class whose time is over may get more of it.
func (c *Class) Apply(change Change, now time.Time) error {
	if !c.EndedAt.IsZero() {
		return &ClosedError{Class: c.Name, At: c.EndedAt}
	}
	next := *c
	var broken sandbox.FieldErrors
	wrong := func(field, rule, value string) {
		broken = append(broken, &sandbox.FieldError{Field: field, Rule: rule, Value: value})
	}
	if change.Seats != nil {
		next.Size = *change.Seats
		if least := max(1, len(c.Seats)); next.Size < least || next.Size > MaxSeats {
			wrong("seats", fmt.Sprintf("%d to %d", least, MaxSeats), fmt.Sprint(next.Size))
		}
	}
	if change.ExpiresAt != nil && !change.ExpiresAt.Equal(c.ExpiresAt) {
		next.ExpiresAt = *change.ExpiresAt
		if left := next.ExpiresAt.Sub(now); left < MinLife || left > MaxLife {
			wrong("expiresAt", expiresRule, next.ExpiresAt.Format(time.RFC3339))
		}
	}
	if change.Budget != nil {
		next.Budget = *change.Budget
		if next.Budget != "" && !budgetPattern().MatchString(next.Budget) {
			wrong("budget", budgetRule, next.Budget)
		}
	}
	if len(broken) > 0 {
		return broken
	}
	*c = next
	return nil
}

// EndWith lets a sandbox of the class end when the class does, and reports what
// is to be told of it; nothing when it does already. A time to live that somebody
// made shorter stays.
func (c *Class) EndWith(s *sandbox.Sandbox) []sandbox.Event {
	end := c.ExpiresAt
	if s.EndsAt.Equal(end) {
		return nil
	}
	if !s.ExpiresAt.IsZero() && (!s.ExpiresAt.Before(s.EndsAt) || s.ExpiresAt.After(end)) {
		s.ExpiresAt = end
	}
	s.EndsAt = end
	return []sandbox.Event{{Type: sandbox.EventProgress, Message: fmt.Sprintf("class %s, and this with it, ends %s", c.Name, end.UTC().Format(time.RFC3339))}}
}
