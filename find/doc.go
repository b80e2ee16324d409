// Package find finds what AWS keeps of a sandbox when its id was never learnt:
// a create call that was made and whose reply was lost. It also proves that
// something is the sandbox's before it is changed or deleted. What it goes by
// derives from the sandbox's id: bucket names and tags, caller references,
// comments, names. Every list is read to its end.
//
// It has a package for each service, so that a step brings in no client but its
// own; this one has what they share.
package find

import "fmt"

// NotOursError says that something bears a sandbox's mark and isn't proven to
// be its own; nothing was done to it.
type NotOursError struct {
	Kind string
	ID   string
	// Why is what does not fit.
	Why string
}

func (e *NotOursError) Error() string {
	return fmt.Sprintf("%s %s is not this sandbox's: %s", e.Kind, e.ID, e.Why)
}

// ErrorName is the name of the error in the state machines. None retries it.
func (e *NotOursError) ErrorName() string { return "NotOurs" }
