package steptest

import (
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Start is when the tests' clocks begin.
var Start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Clock is a clock that a test sets. Its zero value stands at Start.
type Clock struct{ Passed time.Duration }

// Now returns the clock's time.
func (c *Clock) Now() time.Time { return Start.Add(c.Passed) }

// WantError fails the test unless err has the name want in the state machines;
// "" wants no error.
func WantError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Fatalf("failed: %v", err)
	case want != "" && err == nil:
		t.Fatalf("went well, want %s", want)
	case want != "" && awserr.Name(err) != want:
		t.Fatalf("failed as %s: %v; want %s", awserr.Name(err), err, want)
	}
}

// WantLine fails the test unless the ledger of a sandbox has a line for kind
// with a status and id; a status of "" wants no line.
func (s *Store) WantLine(t *testing.T, name string, kind sandbox.Kind, status sandbox.Status, id string) {
	t.Helper()
	record, err := s.Get(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if r, ok := record.Resource(kind); r.Status != status || r.ID != id {
		t.Fatalf("the ledger's %s is %q %q (there: %v), want %q %q", kind, r.Status, r.ID, ok, status, id)
	}
}
