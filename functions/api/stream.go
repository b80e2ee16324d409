package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// stream answers with server-sent events.
type stream struct {
	api   *API
	ctx   context.Context
	ref   sandbox.Ref
	after int64
}

// streamPage is how many events are read at a time.
const streamPage = 500

// VisitListEventsResponse writes the stream until the client leaves, the
// sandbox is gone or, where answers can't be streamed, nothing more is there.
func (s *stream) VisitListEventsResponse(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	out := http.NewResponseController(w)
	if _, err := fmt.Fprint(w, "retry: 1000\n\n"); err != nil {
		return nil // the client left
	}
	poll, heartbeat := time.NewTicker(s.api.Poll), time.NewTicker(s.api.Heartbeat)
	defer poll.Stop()
	defer heartbeat.Stop()
	for {
		gone, err := s.news(w)
		if err != nil {
			// The answer has begun: all that can be said is its end, and the
			// client comes back with the last id that it saw.
			if s.ctx.Err() == nil {
				s.api.Logger.WarnContext(s.ctx, "stream of events ended", "sandbox", s.ref.Name, "error", err)
			}
			return nil
		}
		if err := out.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) || gone || !s.api.Stream {
			return nil
		}
		select {
		case <-s.ctx.Done():
			return nil
		case <-s.api.ended:
			return nil
		case <-poll.C:
		case <-heartbeat.C:
			if _, err := fmt.Fprint(w, ": alive\n\n"); err != nil {
				return nil
			}
		}
	}
}

// news writes what happened since the last time, and says whether the sandbox
// is gone.
func (s *stream) news(w http.ResponseWriter) (gone bool, err error) {
	current, err := s.api.Store.Get(s.ctx, s.ref.Name)
	if errors.Is(err, sandbox.ErrNotFound) || err == nil && current.ID != s.ref.ID {
		return true, s.write(w, events.SandboxEvent{
			Seq: s.after + 1, At: s.api.now(), Type: string(sandbox.EventPhase), Phase: events.PhaseDeleted, Message: "deleted; nothing is left",
		})
	}
	if err == nil {
		err = callerOf(s.ctx).Check(current.Owner) // it may have got another owner
	}
	if err != nil {
		return false, err
	}
	for s.after < current.EventSeq {
		log, err := s.api.Store.Events(s.ctx, s.ref, s.after, streamPage)
		if err != nil {
			return false, err
		}
		if len(log) == 0 {
			return false, nil // it went away meanwhile: the next look will tell
		}
		for i := range log {
			if err := s.write(w, eventState(&log[i])); err != nil {
				return false, err
			}
		}
	}
	return false, nil
}

func (s *stream) write(w http.ResponseWriter, e events.SandboxEvent) error {
	data, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("event %d: %w", e.Seq, err)
	}
	if _, err := fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n\n", e.Seq, e.Type, data); err != nil {
		return fmt.Errorf("event %d: %w", e.Seq, err)
	}
	s.after = e.Seq
	return nil
}
