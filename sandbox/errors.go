package sandbox

import (
	"errors"
	"fmt"
	"strings"
)

// ErrNotFound is returned for a sandbox or release that is not there.
var ErrNotFound = errors.New("not found")

// ErrStale is returned by a store when the record changed since it was read.
// Update retries on it; callers of Update do not see it.
var ErrStale = errors.New("the record changed meanwhile")

// FieldError says which field of a request breaks which rule.
type FieldError struct {
	Field string
	Rule  string
	Value string
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("%s %q: must be %s", e.Field, e.Value, e.Rule)
}

// FieldErrors is every rule that a request breaks, in the order of its fields.
type FieldErrors []*FieldError

func (e FieldErrors) Error() string {
	lines := make([]string, len(e))
	for i, field := range e {
		lines[i] = field.Error()
	}
	return strings.Join(lines, "; ")
}

// Unwrap returns the single errors, so that errors.As finds a *FieldError.
func (e FieldErrors) Unwrap() []error {
	single := make([]error, len(e))
	for i, field := range e {
		single[i] = field
	}
	return single
}

func (e FieldErrors) orNil() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// NameTakenError says that a name is in use, and by whom.
type NameTakenError struct {
	Name  string
	Owner string
}

func (e *NameTakenError) Error() string {
	return fmt.Sprintf("the name %q is in use by %s", e.Name, e.Owner)
}

// DeletingError is returned by the ledger when a flow wants to make something
// for a sandbox that is being deleted. It sends the flow to its undoing.
type DeletingError struct{ Name string }

func (e *DeletingError) Error() string { return fmt.Sprintf("sandbox %q is being deleted", e.Name) }

// ErrorName is the name of the error in the state machines.
func (e *DeletingError) ErrorName() string { return "SandboxDeleting" }

// PhaseError says that something can't be done in the sandbox's phase.
type PhaseError struct {
	Name  string
	Phase Phase
	Want  string
}

func (e *PhaseError) Error() string {
	return fmt.Sprintf("sandbox %q is %s; %s", e.Name, e.Phase, e.Want)
}

// ErrorName is the name of the error in the state machines.
func (e *PhaseError) ErrorName() string { return "WrongPhase" }

// ReleaseUnderwayError says that another release has the lock.
type ReleaseUnderwayError struct {
	Name    string
	Release string
}

func (e *ReleaseUnderwayError) Error() string {
	return fmt.Sprintf("release %s of sandbox %q is under way", e.Release, e.Name)
}

// ErrorName is the name of the error in the state machines.
func (e *ReleaseUnderwayError) ErrorName() string { return "ReleaseUnderway" }
