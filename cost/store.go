package cost

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// EstimateLife is how long an estimate is kept: a year of months and the one
// under way.
const EstimateLife = 400 * 24 * time.Hour

// Store keeps estimates and budgets. Its methods may be called at once from many
// goroutines and processes.
type Store interface {
	// GetEstimate returns a sandbox's estimate for a month, or an error that wraps
	// sandbox.ErrNotFound.
	GetEstimate(ctx context.Context, month Month, key Key) (Estimate, error)
	// UpdateEstimate reads an estimate, a new one if there is none, lets change
	// alter it and writes it, in one conditional write; change may run more than
	// once. It returns change's error unwritten.
	UpdateEstimate(ctx context.Context, month Month, key Key, change func(*Estimate) error) (Estimate, error)
	// ListEstimates returns a page of a month's estimates in the order of owners,
	// names and ids; of one owner's only unless owner is "".
	ListEstimates(ctx context.Context, month Month, owner string, page sandbox.Page) ([]Estimate, sandbox.Cursor, error)
	// RemoveEstimate forgets one; one that is not there is no error.
	RemoveEstimate(ctx context.Context, month Month, key Key) error

	BudgetStore
}

// BudgetStore keeps the budgets of owners.
type BudgetStore interface {
	// GetBudget returns an owner's budget, or an error that wraps
	// sandbox.ErrNotFound.
	GetBudget(ctx context.Context, owner string) (Budget, error)
	// UpdateBudget changes a budget as UpdateEstimate does an estimate.
	UpdateBudget(ctx context.Context, owner string, change func(*Budget) error) (Budget, error)
	// ListBudgets returns a page of budgets in the order of their owners.
	ListBudgets(ctx context.Context, page sandbox.Page) ([]Budget, sandbox.Cursor, error)
	// RemoveBudget forgets one; one that is not there is no error.
	RemoveBudget(ctx context.Context, owner string) error
}

// Key names a sandbox's estimate within a month.
type Key struct {
	Owner, Name, ID string
}

// Key returns the estimate's key.
func (e *Estimate) Key() Key { return Key{Owner: e.Owner, Name: e.Sandbox, ID: e.SandboxID} }

// KeyOf returns the key of a sandbox's estimates.
func KeyOf(box *sandbox.Sandbox) Key { return Key{Owner: box.Owner, Name: box.Name, ID: box.ID} }

// separator is between a key's parts; none of them has it, and it sorts before
// all that they have.
const separator = "!"

// Text writes the key so that keys sort as their parts do.
func (k Key) Text() string { return k.Owner + separator + k.Name + separator + k.ID }

// Under is how the keys of an owner begin, "" for everybody's.
func Under(owner string) string {
	if owner == "" {
		return ""
	}
	return owner + separator
}

// CursorAt returns the cursor of the page after an entry with a key, which is
// Key.Text of an estimate or the owner of a budget.
func CursorAt(key string) sandbox.Cursor {
	return sandbox.Cursor(base64.RawURLEncoding.EncodeToString([]byte(key)))
}

// KeyAt returns the key of the entry before the page, "" for the first page. It
// returns a *sandbox.FieldError for what is no cursor.
func KeyAt(c sandbox.Cursor) (string, error) {
	key, err := base64.RawURLEncoding.DecodeString(string(c))
	if err != nil || len(key) > 200 || strings.ContainsFunc(string(key), func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", fmt.Errorf("cursor: %w", &sandbox.FieldError{Field: "after", Rule: "a cursor that the page before returned", Value: string(c)})
	}
	return string(key), nil
}
