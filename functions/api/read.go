package api

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// defaultLimit is the length of a page when the request names none.
const defaultLimit = 100

func (a server) GetSandbox(ctx context.Context, request rest.GetSandboxRequestObject) (rest.GetSandboxResponseObject, error) {
	s, err := a.find(ctx, request.Name)
	if err != nil {
		return nil, err
	}
	if a.now().Sub(s.UpdatedAt) > stalled {
		healed, err := a.heal(ctx, s)
		switch {
		case errors.Is(err, sandbox.ErrNotFound):
			return nil, err
		case err != nil: // what is known can still be shown
			a.Logger.WarnContext(ctx, "a sandbox is stuck", "sandbox", s.Name, "error", err)
		default:
			s = healed
		}
	}
	state, err := a.state(ctx, &s, a.history())
	if err == nil {
		state.Cost, err = a.costSoFar(ctx, &s)
	}
	return rest.GetSandbox200JSONResponse(state), err
}

func (a server) ListSandboxes(ctx context.Context, request rest.ListSandboxesRequestObject) (rest.ListSandboxesResponseObject, error) {
	page, err := pageOf(request.Params.Limit, request.Params.Cursor)
	if err != nil {
		return nil, err
	}
	filter := sandbox.Filter{Owner: request.Params.Owner, Phase: sandbox.Phase(request.Params.Phase)}
	if filter.Phase != "" && !slices.Contains(sandbox.Phases(), filter.Phase) {
		return nil, invalid(events.BrokenRule{Field: "phase", Rule: fmt.Sprintf("one of %v", sandbox.Phases())})
	}
	if only := callerOf(ctx).Owners(); only != "" {
		if filter.Owner != "" && filter.Owner != only {
			return nil, callerOf(ctx).Check(filter.Owner)
		}
		filter.Owner = only
	}
	found, next, err := a.Store.List(ctx, filter, page)
	if err != nil {
		return nil, fmt.Errorf("list sandboxes: %w", asCursor(err))
	}
	past := a.history()
	answer := rest.ListSandboxes200JSONResponse{Sandboxes: make([]events.SandboxState, len(found)), Next: string(next)}
	for i := range found {
		if answer.Sandboxes[i], err = a.state(ctx, &found[i], past); err != nil {
			return nil, err
		}
	}
	return answer, nil
}

// find returns the sandbox with a name, or an *access.DeniedError when it is not
// one that the caller may see or change by this route. What can't be a name is
// no sandbox's.
func (a *API) find(ctx context.Context, name string) (sandbox.Sandbox, error) {
	if sandbox.CheckName(name) != nil {
		return sandbox.Sandbox{}, sandbox.ErrNotFound
	}
	s, err := a.Store.Get(ctx, name)
	if err != nil {
		return s, fmt.Errorf("get sandbox %s: %w", name, err)
	}
	if err := callerOf(ctx).Check(s.Owner); err != nil {
		return sandbox.Sandbox{}, err
	}
	return s, nil
}

func pageOf(limit *int, cursor string) (sandbox.Page, error) {
	page := sandbox.Page{Limit: defaultLimit, After: sandbox.Cursor(cursor)}
	if limit != nil {
		if *limit < 1 || *limit > sandbox.MaxPage {
			return page, invalid(events.BrokenRule{Field: "limit", Rule: parameterRule("limit")})
		}
		page.Limit = *limit
	}
	return page, nil
}

// asCursor gives a store's complaint about a cursor the parameter's own name.
func asCursor(err error) error {
	var field *sandbox.FieldError
	if errors.As(err, &field) {
		return invalid(events.BrokenRule{Field: "cursor", Rule: field.Rule})
	}
	return err
}
