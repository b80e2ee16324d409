package api

import (
	"context"
	"fmt"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func (a server) ListAudit(ctx context.Context, request rest.ListAuditRequestObject) (rest.ListAuditResponseObject, error) {
	page, err := pageOf(request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := sandbox.AuditFilter{
		Sandbox: request.Params.Sandbox, Principal: request.Params.Principal, Owner: callerOf(ctx).Owners(),
	}
	if since := request.Params.Since; since != nil {
		filter.Since = since.UTC()
		if y := filter.Since.Year(); y < 1970 || y > 2261 {
			return nil, invalid(events.BrokenRule{Field: "since", Rule: parameterRule("since")})
		}
	}
	found, next, err := a.Store.ListAudit(ctx, filter, page)
	if err != nil {
		return nil, fmt.Errorf("list the audit: %w", asCursor(err))
	}
	answer := rest.ListAudit200JSONResponse{Entries: make([]events.AuditEntry, len(found)), Next: string(next)}
	for i := range found {
		answer.Entries[i] = auditEntry(&found[i])
	}
	return answer, nil
}

func auditEntry(e *sandbox.Audit) events.AuditEntry {
	return events.AuditEntry{
		ID: e.ID, At: e.At, Action: e.Action, Sandbox: e.Sandbox, SandboxID: e.SandboxID, Owner: e.Owner, Resource: e.Resource,
		Principal: e.Principal, Address: e.Address, UserAgent: e.UserAgent, Trigger: e.Trigger,
		Error: e.Error, Before: e.Before, After: e.After,
	}
}
