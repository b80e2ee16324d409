package api

import (
	"context"
	"fmt"
	"strconv"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
)

func (a server) ListEvents(ctx context.Context, request rest.ListEventsRequestObject) (rest.ListEventsResponseObject, error) {
	s, err := a.find(ctx, request.Name)
	if err != nil {
		return nil, err
	}
	page, err := pageOf(request.Params.Limit, "")
	if err != nil {
		return nil, err
	}
	after := request.Params.After
	if id := request.Params.LastEventID; id != "" {
		if after, err = strconv.ParseInt(id, 10, 64); err != nil {
			return nil, invalid(events.BrokenRule{Field: "Last-Event-ID", Rule: parameterRule("after")})
		}
	}
	if after < 0 {
		return nil, invalid(events.BrokenRule{Field: "after", Rule: parameterRule("after")})
	}
	if callerOf(ctx).stream {
		return &stream{api: a.API, ctx: ctx, ref: s.Ref(), after: after}, nil
	}
	log, err := a.Store.Events(ctx, s.Ref(), after, page.Limit)
	if err != nil {
		return nil, fmt.Errorf("events of sandbox %s: %w", s.Name, err)
	}
	answer := rest.ListEvents200JSONResponse{Events: make([]events.SandboxEvent, len(log))}
	for i := range log {
		answer.Events[i] = eventState(&log[i])
	}
	if len(log) == page.Limit {
		answer.Next = log[len(log)-1].Seq
	}
	return answer, nil
}
