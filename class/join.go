package class

import (
	"crypto/subtle"
	"fmt"
	"time"
)

// Student is who wants to join.
type Student struct {
	// Name is what they are called, for a person.
	Name string
	// Owner is who they are; empty for somebody without an account.
	Owner string
	// TokenDigest is the digest of the token that somebody without an account
	// will be known by.
	TokenDigest string
}

// FullError says that all seats of a class are taken.
type FullError struct {
	Class string
	Seats int
}

func (e *FullError) Error() string {
	return fmt.Sprintf("all %d seats of class %s are taken", e.Seats, e.Class)
}

// ClosedError says that a class has ended.
type ClosedError struct {
	Class string
	At    time.Time
}

func (e *ClosedError) Error() string {
	return fmt.Sprintf("class %s has ended at %s", e.Class, e.At.UTC().Format("2006-01-02 15:04 MST"))
}

// Join gives a student the seat that it has already, or the free one with the
// lowest number, whose sandbox has an id then. It returns a *ClosedError or a
// *FullError, and changes nothing then.
func (c *Class) Join(s Student, sandboxID string, now time.Time) (Seat, error) {
	if err := c.closed(now); err != nil {
		return Seat{}, err
	}
	if seat, ok := c.SeatOf(s); ok {
		return seat, nil
	}
	if len(c.Seats) >= c.Size {
		return Seat{}, &FullError{Class: c.Name, Seats: c.Size}
	}
	number := len(c.Seats) + 1 // seats are never given back
	seat := Seat{
		Number: number, Student: s.Name, Owner: s.Owner, JoinedAt: now,
		Sandbox: fmt.Sprintf("%s-%02d", c.Name, number), SandboxID: sandboxID,
	}
	if s.Owner == "" {
		seat.Owner, seat.TokenDigest = SeatOwner(c.Name, number), s.TokenDigest
	}
	c.Seats = append(c.Seats, seat)
	return seat, nil
}

func (c *Class) closed(now time.Time) error {
	if !c.Open(now) {
		return &ClosedError{Class: c.Name, At: c.End()}
	}
	return nil
}

// SeatOf returns the seat that a student has. All seats are compared, however
// early one is found, so that how long it takes tells nothing of a token.
func (c *Class) SeatOf(s Student) (found Seat, ok bool) {
	for _, seat := range c.Seats {
		if s.Owner != "" && s.Owner == seat.Owner || same(s.TokenDigest, seat.TokenDigest) {
			found, ok = seat, true
		}
	}
	return found, ok
}

// Give gives a seat another sandbox: the one that it had was deleted, or its
// name is somebody else's. It does nothing when the seat has another one than
// was by now, for then somebody else was faster.
func (c *Class) Give(number int, was, name, id string) Seat {
	for i := range c.Seats {
		if seat := &c.Seats[i]; seat.Number == number {
			if seat.SandboxID == was {
				seat.Sandbox, seat.SandboxID = name, id
			}
			return *seat
		}
	}
	return Seat{}
}

// same compares digests in a time that tells nothing of them; no digest is the
// same as none.
func same(a, b string) bool {
	return a != "" && b != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
