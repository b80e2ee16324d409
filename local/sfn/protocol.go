package sfn

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
const targetPrefix = "AWSStepFunctions."

// maxRequest is AWS's limit for a request, with room for escaped text.
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

// ServeHTTP answers Step Functions' API in AWS's JSON 1.0 protocol.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		s.refuse(w, failf("RequestEntityTooLargeException", "the request has more than %d bytes", maxRequest))
		return
	}
	name, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	call := s.operations[name]
	if r.Method != http.MethodPost || !ok || call == nil {
		s.refuse(w, failf("UnknownOperationException", "Step Functions has no operation %q here", name))
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
		status, body = http.StatusInternalServerError, []byte(`{"__type":"InternalFailure","message":"the answer cannot be written"}`)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amzn-Requestid", s.o.NewID())
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client has gone
}

func (s *Service) refuse(w http.ResponseWriter, err error) {
	var refused *Error
	if !errors.As(err, &refused) {
		s.answer(w, http.StatusInternalServerError, map[string]string{"__type": "InternalFailure", "message": err.Error()})
		return
	}
	s.answer(w, http.StatusBadRequest, refused.body())
}

// instant is a time as the protocol writes it: seconds, with milliseconds.
type instant time.Time

// MarshalJSON writes seconds since 1970.
func (t instant) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(time.Time(t).UnixMilli()) / 1000) //nolint:wrapcheck // a number
}

// at returns nil for the zero time, which is left out of answers.
func at(t time.Time) *instant {
	if t.IsZero() {
		return nil
	}
	i := instant(t)
	return &i
}
