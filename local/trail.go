package local

import (
	"context"
	"crypto/rand"
	"errors"
	"sync/atomic"

	"github.com/mayfly-dev/mayfly/local/ecr"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// trail writes what ECR is asked to the audit, which on AWS is CloudTrail's. The
// store comes later than ECR; what is asked before, by nobody but this process,
// is not told.
type trail struct{ store atomic.Pointer[sandbox.Store] }

// Record writes one request to the audit. A sandbox's repository has its name.
func (t *trail) Record(ctx context.Context, r ecr.Record) error {
	store := t.store.Load()
	if store == nil {
		return nil
	}
	id, err := sandbox.NewAuditID(r.At, rand.Reader)
	if err != nil {
		return err
	}
	entry := sandbox.Audit{
		ID: id, At: r.At, Action: r.Action, Resource: r.ARN, Error: r.Error,
		Actor: sandbox.Actor{Principal: r.Principal, Address: r.Address, UserAgent: sandbox.UserAgent(r.UserAgent)},
	}
	if r.Image != "" {
		entry.After = map[string]string{"image": r.Image}
	}
	if sandbox.CheckName(r.Repository) == nil {
		found, err := (*store).Get(ctx, r.Repository)
		switch {
		case err == nil:
			entry.Sandbox, entry.SandboxID, entry.Owner = found.Name, found.ID, found.Owner
		case !errors.Is(err, sandbox.ErrNotFound):
			return err
		}
	}
	return (*store).AddAudit(ctx, entry)
}
