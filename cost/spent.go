package cost

import (
	"context"
	"fmt"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// Spent returns what an owner's sandboxes, those that are gone too, come to in a
// month, as far as it was estimated.
func Spent(ctx context.Context, store EstimateLister, month Month, owner string) (Total, error) {
	var sum Total
	for page := (sandbox.Page{Limit: sandbox.MaxPage}); ; {
		found, next, err := store.ListEstimates(ctx, month, owner, page)
		if err != nil {
			return Total{}, fmt.Errorf("what %s spent in %s: %w", owner, month, err)
		}
		for i := range found {
			sum.Add(&found[i])
		}
		if page.After = next; next == "" {
			return sum, nil
		}
	}
}

// EstimateLister lists estimates: a part of Store.
type EstimateLister interface {
	ListEstimates(ctx context.Context, month Month, owner string, page sandbox.Page) ([]Estimate, sandbox.Cursor, error)
}
