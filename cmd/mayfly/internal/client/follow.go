package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/mayfly-dev/mayfly/events"
)

// ErrStop is returned by a Follow's callback that has seen enough.
var ErrStop = errors.New("seen enough")

// Patience is how long Follow goes on trying to reach an API that it has
// reached before: it may be starting again.
const Patience = time.Minute

// Follow calls see with each event of a sandbox after a sequence number, as
// they happen, until the sandbox is deleted, see returns an error or ctx ends.
// It returns nil when the sandbox is deleted or see returned ErrStop. A broken
// stream is taken up again where it broke. known says that the sandbox was seen
// before: that it is not there then means that it is deleted.
func (c *ClientWithResponses) Follow(ctx context.Context, name string, after int64, known bool, see func(events.SandboxEvent) error) error {
	const pause = 500 * time.Millisecond
	reached := known
	var since time.Time
	for {
		err := c.stream(ctx, name, &after, func(e events.SandboxEvent) error {
			since = time.Time{}
			if err := see(e); err != nil {
				return &stopped{err}
			}
			if e.Phase == events.PhaseDeleted {
				return &stopped{ErrStop}
			}
			return nil
		})
		var stop *stopped
		var unreachable *UnreachableError
		switch {
		case errors.As(err, &stop):
			if errors.Is(stop.err, ErrStop) {
				return nil
			}
			return stop.err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil:
			reached = true
		case IsGone(err) && reached:
			// Deleted between two streams, its last event with it.
			if err := see(events.SandboxEvent{Seq: after + 1, Type: "phase", Phase: events.PhaseDeleted, Message: "deleted; nothing is left"}); !errors.Is(err, ErrStop) {
				return err
			}
			return nil
		case !reached || !errors.As(err, &unreachable):
			return err
		default:
			if since.IsZero() {
				since = time.Now()
			}
			if time.Since(since) > Patience {
				return err
			}
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		case <-timer.C:
		}
	}
}

// stopped carries an error of the callback past those of the stream.
type stopped struct{ err error }

func (s *stopped) Error() string { return s.err.Error() }

// stream reads one stream to its end. A stream that breaks is no error.
func (c *ClientWithResponses) stream(ctx context.Context, name string, after *int64, see func(events.SandboxEvent) error) error {
	response, err := c.ListEvents(ctx, name, &events.ListEventsParams{LastEventID: strconv.FormatInt(*after, 10)}, func(_ context.Context, r *http.Request) error {
		r.Header.Set("Accept", "text/event-stream")
		return nil
	})
	if err != nil {
		return err
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	if response.StatusCode != http.StatusOK {
		body, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
		if err != nil {
			return nil // as a stream that breaks
		}
		return problem(response.StatusCode, response.Status, body)
	}
	return readEvents(response.Body, func(e events.SandboxEvent) error {
		*after = e.Seq
		return see(e)
	})
}

// readEvents reads server-sent events; only their data is looked at, for it
// has all the rest.
func readEvents(body io.Reader, see func(events.SandboxEvent) error) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, 1<<20)
	var data []byte
	for lines.Scan() {
		line := lines.Bytes()
		if text, ok := bytes.CutPrefix(line, []byte("data:")); ok {
			data = append(data, bytes.TrimPrefix(text, []byte(" "))...)
			continue
		}
		if len(line) > 0 || len(data) == 0 {
			continue
		}
		var e events.SandboxEvent
		if err := json.Unmarshal(data, &e); err != nil {
			return fmt.Errorf("the API's stream can't be read: %w", err)
		}
		data = data[:0]
		if err := see(e); err != nil {
			return err
		}
	}
	return nil // however it ended, what follows is asked for next
}
