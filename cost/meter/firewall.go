package meter

import (
	"context"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// protected reports whether a sandbox uses the web ACL that all share.
func protected(box *sandbox.Sandbox) bool {
	line, ok := box.Resource(sandbox.KindWebACL)
	return ok && line.Status == sandbox.StatusMade
}

// sharing counts the sandboxes that use the web ACL, page by page.
func (m *Meter) sharing(ctx context.Context) (sharers uint64, err error) {
	for page := (sandbox.Page{}); ; {
		boxes, next, err := m.Records.List(ctx, sandbox.Filter{}, page)
		if err != nil {
			return 0, fmt.Errorf("count who shares the web ACL: %w", err)
		}
		for i := range boxes {
			if protected(&boxes[i]) {
				sharers++
			}
		}
		if page.After = next; next == "" {
			return sharers, nil
		}
	}
}

// share adds a sandbox's share of the web ACL since the last time: as many
// share it as do now.
func share(e *cost.Estimate, sharers uint64, until time.Time) {
	if held := until.Sub(e.Until); held > 0 && sharers > 0 {
		e.Usage.FirewallMillihours += uint64(held/(time.Hour/1000)) / sharers
		e.Usage.FirewallRules = cost.FirewallRules
	}
}
