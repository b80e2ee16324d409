package class

import (
	"fmt"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/pattern"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// MaxSeats is how many seats a class has at most: its record, with all of them,
// must fit into one item of DynamoDB, which has at most 400 KB.
const MaxSeats = 300

// The shortest and the longest time from the making of a class to its end.
const (
	MinLife = 10 * time.Minute
	MaxLife = 365 * 24 * time.Hour
)

// Class is a class as the store keeps it.
type Class struct {
	// Name is what its code and its sandboxes begin with.
	Name string `json:"name"`
	// Owner is who made it, and sees and ends it.
	Owner string `json:"owner"`
	// Size is how many seats there are.
	Size int `json:"size"`
	// Budget is what each seat may cost in a month, in USD, as a decimal number;
	// empty for no limit.
	Budget string `json:"budget,omitempty"`

	CreatedAt time.Time `json:"createdAt"`
	// ExpiresAt is when it ends by itself.
	ExpiresAt time.Time `json:"expiresAt"`
	// EndedAt is when somebody ended it; zero before.
	EndedAt time.Time `json:"endedAt,omitzero"`

	// CodeDigest is the digest of the code to join; see Code.Digest.
	CodeDigest string `json:"codeDigest"`
	// Guesses are the wrong codes of late.
	Guesses Guesses `json:"guesses,omitzero"`

	// Seats are those that are taken, in the order of their numbers.
	Seats []Seat `json:"seats,omitempty"`
	// Version is the store's: it grows by one with every write.
	Version int64 `json:"version"`
}

// Seat is a place in a class that somebody has taken.
type Seat struct {
	// Number counts from 1.
	Number int `json:"number"`
	// Student is what who sits there is called, for a person; may be empty.
	Student string `json:"student,omitempty"`
	// Owner is whose the sandbox is: who joined, or the seat itself when that is
	// somebody without an account; see SeatOwner.
	Owner string `json:"owner"`
	// TokenDigest is the digest of the token of somebody without an account.
	TokenDigest string    `json:"tokenDigest,omitempty"`
	JoinedAt    time.Time `json:"joinedAt"`
	// Sandbox and SandboxID are the seat's sandbox, made or about to be.
	Sandbox   string `json:"sandbox"`
	SandboxID string `json:"sandboxId"`
}

var (
	namePattern   = pattern.Of(`^[a-z0-9](?:[a-z0-9-]{1,26})[a-z0-9]$`)
	budgetPattern = pattern.Of(`^[0-9]{1,6}(\.[0-9]{1,2})?$`)
)

// CheckName returns a *sandbox.FieldError unless name can begin the names of
// sandboxes.
func CheckName(name string) error {
	if !namePattern().MatchString(name) || strings.Contains(name, "--") {
		return &sandbox.FieldError{Field: "name", Rule: "3 to 28 of a-z, 0-9 and hyphen; no hyphen first, last or twice in a row", Value: name}
	}
	return nil
}

// The rules of what may be chosen, as people are told them.
const (
	expiresRule = "10 minutes to 365 days from now"
	budgetRule  = "an amount in USD such as 5 or 7.50, at most 999999.99"
)

// Check returns a sandbox.FieldErrors with every rule that a new class breaks.
func (c *Class) Check() error {
	var broken sandbox.FieldErrors
	wrong := func(field, rule, value string) {
		broken = append(broken, &sandbox.FieldError{Field: field, Rule: rule, Value: value})
	}
	if CheckName(c.Name) != nil {
		wrong("name", "3 to 28 of a-z, 0-9 and hyphen; no hyphen first, last or twice in a row", c.Name)
	}
	if c.Size < 1 || c.Size > MaxSeats {
		wrong("seats", fmt.Sprintf("1 to %d", MaxSeats), fmt.Sprint(c.Size))
	}
	if life := c.ExpiresAt.Sub(c.CreatedAt); life < MinLife || life > MaxLife {
		wrong("expiresAt", expiresRule, c.ExpiresAt.Format(time.RFC3339))
	}
	if c.Budget != "" && !budgetPattern().MatchString(c.Budget) {
		wrong("budget", budgetRule, c.Budget)
	}
	if len(broken) == 0 {
		return nil
	}
	return broken
}

// CheckStudent returns a *sandbox.FieldError for what can't be shown as a
// person's name.
func CheckStudent(student string) error {
	if len(student) > 64 || strings.ContainsFunc(student, func(r rune) bool { return r < ' ' || r == 0x7f || r == '�' }) {
		return &sandbox.FieldError{Field: "student", Rule: "at most 64 bytes of text on one line", Value: student}
	}
	return nil
}

// Open reports whether the class can be joined, and its seats be used.
func (c *Class) Open(now time.Time) bool { return c.EndedAt.IsZero() && now.Before(c.ExpiresAt) }

// End returns when the class ended, or will.
func (c *Class) End() time.Time {
	if !c.EndedAt.IsZero() {
		return c.EndedAt
	}
	return c.ExpiresAt
}

// SeatOwner returns the owner of the sandbox of a seat whose student has no
// account. Nobody else is called so: see access.IsSeat.
func SeatOwner(class string, number int) string { return fmt.Sprintf("seat.%s.%02d", class, number) }
