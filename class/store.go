package class

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// Store keeps classes. Its methods may be called at once from many goroutines
// and processes.
type Store interface {
	// AddClass writes a new class in one conditional write. It returns
	// ErrNameTaken when there is one with that name.
	AddClass(ctx context.Context, c Class) error
	// GetClass returns the class with a name, or sandbox.ErrNotFound. It reads its
	// own writes.
	GetClass(ctx context.Context, name string) (Class, error)
	// UpdateClass reads a class, lets change alter it, and writes it in one
	// conditional write; it retries when the class changed meanwhile, so change
	// may run more than once. It returns sandbox.ErrNotFound, and the error of
	// change unwritten. It sets Version. What alters nothing is not written.
	UpdateClass(ctx context.Context, name string, change func(*Class) error) (Class, error)
	// RemoveClass deletes the class if it still has c's version, and otherwise
	// returns sandbox.ErrStale. One that is not there is no error.
	RemoveClass(ctx context.Context, c Class) error
	// ListClasses returns a page of classes in the order of their names; those of
	// one owner, when owner is not empty.
	ListClasses(ctx context.Context, owner string, page sandbox.Page) ([]Class, sandbox.Cursor, error)
}

// ErrNameTaken says that there is a class with that name.
var ErrNameTaken = errors.New("there is a class with this name")

// Changed returns the class after a change, with its next version; written is
// false when nothing was altered. It is for stores.
func (c Class) Changed(change func(*Class) error) (next Class, written bool, err error) {
	next = c
	next.Seats = slices.Clone(c.Seats)
	if err := change(&next); err != nil {
		return c, false, err
	}
	next.Name, next.Version = c.Name, c.Version
	if reflect.DeepEqual(next, c) {
		return c, false, nil
	}
	next.Version++
	return next, true, nil
}
