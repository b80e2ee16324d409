package bus

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// targetPrefix is what stands before the operation's name in X-Amz-Target.
const targetPrefix = "AWSEvents."

// maxRequest leaves room for ten events of escaped text.
const maxRequest = 4 << 20

// operation answers one request.
type operation func(ctx context.Context, body []byte) (any, error)

// typed makes an operation of a method with its own request and answer.
func typed[In, Out any](call func(context.Context, In) (Out, error)) operation {
	return func(ctx context.Context, body []byte) (any, error) {
		var in In
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, failf("SerializationException", "%v", err)
		}
		return call(ctx, in)
	}
}

// allOperations is the API by the names that X-Amz-Target has.
func (s *Service) allOperations() map[string]operation {
	return map[string]operation{
		"CreateEventBus":        typed(s.createEventBus),
		"UpdateEventBus":        typed(s.updateEventBus),
		"DescribeEventBus":      typed(s.describeEventBus),
		"ListEventBuses":        typed(s.listEventBuses),
		"DeleteEventBus":        typed(s.deleteEventBus),
		"PutRule":               typed(s.putRule),
		"DescribeRule":          typed(s.describeRule),
		"ListRules":             typed(s.listRules),
		"ListRuleNamesByTarget": typed(s.listRuleNamesByTarget),
		"EnableRule":            typed(s.enableRule),
		"DisableRule":           typed(s.disableRule),
		"DeleteRule":            typed(s.deleteRule),
		"PutTargets":            typed(s.putTargets),
		"RemoveTargets":         typed(s.removeTargets),
		"ListTargetsByRule":     typed(s.listTargetsByRule),
		"PutEvents":             typed(s.putEvents),
		"TestEventPattern":      typed(s.testEventPattern),
		"TagResource":           typed(s.tagResource),
		"UntagResource":         typed(s.untagResource),
		"ListTagsForResource":   typed(s.listTagsForResource),
	}
}

// nothing is the answer of operations that only do something.
type nothing struct{}

// ServeHTTP answers EventBridge's API in AWS's JSON 1.1 protocol.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		s.refuse(w, failf("RequestEntityTooLargeException", "the request has more than %d bytes", maxRequest))
		return
	}
	name, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	call := s.operations[name]
	if r.Method != http.MethodPost || !ok || call == nil {
		s.refuse(w, failf("UnknownOperationException", "EventBridge has no operation %q here", name))
		return
	}
	out, err := call(r.Context(), body)
	if err != nil {
		s.refuse(w, err)
		return
	}
	s.answer(w, http.StatusOK, out)
}

func (s *Service) answer(w http.ResponseWriter, status int, out any) {
	body, err := json.Marshal(out)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"__type":"InternalException","message":"the answer cannot be written"}`)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("X-Amzn-Requestid", s.o.NewID())
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client has gone
}

func (s *Service) refuse(w http.ResponseWriter, err error) {
	var refused *Error
	if !errors.As(err, &refused) {
		s.answer(w, http.StatusInternalServerError, map[string]string{"__type": "InternalException", "message": err.Error()})
		return
	}
	s.answer(w, http.StatusBadRequest, map[string]string{"__type": refused.Code, "message": refused.Message})
}

// instant is a time as the protocol has it: seconds since 1970.
type instant time.Time

// MarshalJSON writes seconds, with milliseconds.
func (t instant) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(time.Time(t).UnixMilli()) / 1000) //nolint:wrapcheck // a number
}

// UnmarshalJSON reads seconds, with fractions.
func (t *instant) UnmarshalJSON(text []byte) error {
	var seconds float64
	if err := json.Unmarshal(text, &seconds); err != nil {
		return err //nolint:wrapcheck // typed says what it reads
	}
	*t = instant(time.UnixMilli(int64(seconds * 1000)))
	return nil
}
