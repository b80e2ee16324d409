package meter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// End looks whether the sandbox of an estimate is gone, and ends the estimate
// then: when the audit says that it was removed, else now. One whose sandbox has
// another owner is forgotten, for the estimate under that one is of the whole
// month. It reports whether it did either.
func (m *Meter) End(ctx context.Context, e *cost.Estimate) (bool, error) {
	if !e.Live() {
		return false, nil
	}
	box, err := m.Records.Get(ctx, e.Sandbox)
	switch {
	case err == nil && box.ID == e.SandboxID && box.Owner == e.Owner:
		return false, nil
	case err == nil && box.ID == e.SandboxID:
		return true, m.Estimates.RemoveEstimate(ctx, e.Month, e.Key())
	case err != nil && !errors.Is(err, sandbox.ErrNotFound):
		return false, err
	}
	at, err := m.removed(ctx, e)
	if err != nil {
		return false, err
	}
	subject := activity.Subject{
		Ref: sandbox.Ref{ID: e.SandboxID, Name: e.Sandbox}, DistributionID: e.Seen.DistributionID, Bucket: e.Seen.Bucket,
	}
	counted := m.Activity.Meter(ctx, []activity.Subject{subject}, e.Month.Start(), at)[0]
	// Nothing is known of the images any more but what they were.
	counted.Held = activity.Holdings{Images: 1, Bytes: int64(min(e.Usage.ImageBytes, 1<<62))}
	_, err = m.Estimates.UpdateEstimate(ctx, e.Month, e.Key(), func(e *cost.Estimate) error {
		if !e.Live() {
			return errNewer
		}
		held := e.Usage.StorageBytes
		fill(e, &counted, at)
		// A bucket is emptied before it goes: what it held is what ending it saves.
		e.Usage.StorageBytes = max(held, e.Usage.StorageBytes)
		if e.Usage.Executions == nil {
			e.Usage.Executions = make(cost.Executions)
		}
		e.Usage.Executions["teardown"]++
		e.Unknown, e.Until, e.Ended = counted.Unknown, at, at
		e.Price(m.rates(e))
		return nil
	})
	if errors.Is(err, errNewer) {
		return false, nil
	}
	return err == nil, err
}

// removed returns when a sandbox was removed, within the month of its estimate
// and not before it was metered last.
func (m *Meter) removed(ctx context.Context, e *cost.Estimate) (time.Time, error) {
	at := m.Now().UTC()
	for page := (sandbox.Page{Limit: 100}); ; {
		found, next, err := m.Records.ListAudit(ctx, sandbox.AuditFilter{Sandbox: e.Sandbox, Since: e.From}, page)
		if err != nil {
			return time.Time{}, fmt.Errorf("when %s was removed: %w", e.Sandbox, err)
		}
		for i := range found {
			if found[i].Action == sandbox.ActionRemove && found[i].SandboxID == e.SandboxID {
				at, next = found[i].At, ""
				break
			}
		}
		if page.After = next; next == "" {
			return later(earlier(at, e.Month.End()), e.Until), nil
		}
	}
}
