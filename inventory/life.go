package inventory

import (
	"context"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// life is what the installation knows of a sandbox that has no record any more.
type life struct {
	owner string
	known bool
	// from is when it was made, zero when the audit no longer says; until is the
	// last that the audit tells of it.
	from, until time.Time
}

// Clocks and services that tell times differ by this much at most; and this
// long after the last entry about a sandbox, something of its flows may still
// have changed something.
const (
	skew      = 5 * time.Minute
	aftermath = time.Hour
)

// lifeOf reads from the audit what the installation did with a sandbox, once
// for each.
func (c *comparison) lifeOf(ctx context.Context, mark Mark) (life, error) {
	if known, ok := c.lives[mark]; ok {
		return known, nil
	}
	var found life
	for after := sandbox.Cursor(""); ; {
		page, next, err := c.records.ListAudit(ctx, sandbox.AuditFilter{Sandbox: mark.Name}, sandbox.Page{Limit: sandbox.MaxPage, After: after})
		if err != nil {
			return life{}, fmt.Errorf("look for sandbox %s in the audit: %w", mark.Name, err)
		}
		for i := range page {
			if entry := &page[i]; entry.SandboxID == mark.ID {
				found.add(entry)
			}
		}
		if after = next; next == "" {
			break
		}
	}
	c.lives[mark] = found
	return found, nil
}

// add takes an entry in; they come newest first.
func (l *life) add(entry *sandbox.Audit) {
	if !l.known {
		l.known, l.until, l.owner = true, entry.At, entry.Owner
	}
	if entry.Action == sandbox.ActionCreate {
		l.from = entry.At
	}
}

// covers returns why a time is not within the life, or "". A time that is not
// known is no reason.
func (l *life) covers(at time.Time) string {
	switch {
	case at.IsZero():
		return ""
	case !l.from.IsZero() && at.Before(l.from.Add(-skew)):
		return fmt.Sprintf("it is from %s, before the sandbox was made at %s", clock(at), clock(l.from))
	case at.After(l.until.Add(aftermath)):
		return fmt.Sprintf("it was made or changed at %s, when the sandbox had been gone since %s", clock(at), clock(l.until))
	}
	return ""
}

func clock(t time.Time) string { return t.UTC().Format(time.RFC3339) }
