package decidenight

import (
	"context"
	"fmt"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/lifecycle"
	"github.com/mayfly-dev/mayfly/night"
)

// tell puts a warning on the account's event bus. It comes before the warning is
// written down: one that nobody was told of is none, and comes again the next
// night.
func (p *pass) tell(ctx context.Context, plan *night.Plan) error {
	box, d := &plan.Sandbox, plan.Decision
	err := p.options.Notices.Tell(ctx, events.DetailSandboxWarned, events.SandboxWarning{
		Stage: p.options.Notices.Stage, Sandbox: box.Name, ID: box.ID, Owner: box.Owner, Next: string(d.Next), Due: d.Due.UTC(), Reason: d.Reason,
		Message: "sandbox " + box.Name + ": " + warning(d),
	})
	if err != nil {
		return fmt.Errorf("tell of the warning: %w", err)
	}
	return nil
}

// warning is what a warning says.
func warning(d lifecycle.Decision) string {
	what := "falls asleep"
	if d.Next == lifecycle.Teardown {
		what = "is torn down"
	}
	return fmt.Sprintf("it %s on %s unless it is used: %s", what, d.Due.UTC().Format("Monday 2006-01-02 15:04 MST"), d.Reason)
}
