package inventory

import (
	"context"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Thing is something that an account holds.
type Thing struct {
	Kind sandbox.Kind
	// ID is AWS's name for it, as the ledger has it.
	ID string
	// Own says that it is inside of what the installation itself is made of, which
	// proves it: nobody else's is there.
	Own bool
	// Marked says that it looks like Mayfly's, to a list.
	Marked bool
	// Mark is the sandbox that its marks name. Doubt is why they don't prove it:
	// "" when all agree. Both are what [Account.Inspect] returned.
	Mark  Mark
	Doubt string
	// At is when it was made or, where AWS tells that alone, last changed; zero
	// where AWS tells neither.
	At time.Time
	// Made is what the teardown of it carries.
	Made events.Made
}

// KindUploads is what the installation's upload bucket holds of a sandbox:
// archives, plans and manifests of its releases, under one prefix.
const KindUploads sandbox.Kind = "uploads"

// Inventory is what an account holds of the kinds that sandboxes are made of,
// Mayfly's or not.
type Inventory struct {
	Things []Thing
	// Origins are the distributions that have a bucket as their origin, by the
	// bucket's name.
	Origins map[string][]string
	// Troubles are the kinds that could not be listed to their end, and why. Of
	// these, nothing can be said to be missing.
	Troubles map[sandbox.Kind]error
}

// Account is an account to be looked at.
type Account interface {
	// List returns what the account holds. One list that fails does not keep it
	// from the others: it is among the troubles.
	List(ctx context.Context) Inventory
	// Inspect reads what lists don't tell of something that is marked, and false
	// when it is gone meanwhile.
	Inspect(ctx context.Context, thing Thing) (Thing, bool, error)
}

// Records are the installation's.
type Records interface {
	List(ctx context.Context, filter sandbox.Filter, page sandbox.Page) ([]sandbox.Sandbox, sandbox.Cursor, error)
	Get(ctx context.Context, name string) (sandbox.Sandbox, error)
	ListAudit(ctx context.Context, filter sandbox.AuditFilter, page sandbox.Page) ([]sandbox.Audit, sandbox.Cursor, error)
}
