package sqs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// targetPrefix is what stands before the operation's name in X-Amz-Target.
const targetPrefix = "AmazonSQS."

// maxRequest is above SQS's limit of a message, with room for escaped text.
const maxRequest = 4 << 20

// refusal is an error by the name that AWS gives it, and by the one that it had
// in SQS's older protocol.
type refusal struct{ code, query, message string }

func (r *refusal) Error() string { return r.code + ": " + r.message }

func noQueue() error {
	return &refusal{"com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue;Sender", "The specified queue does not exist."}
}

func invalid(format string, args ...any) error {
	return &refusal{"com.amazonaws.sqs#InvalidParameterValueException", "InvalidParameterValue;Sender", fmt.Sprintf(format, args...)}
}

// operation answers one request.
type operation func(ctx context.Context, body []byte) (any, error)

func typed[In, Out any](call func(context.Context, In) (Out, error)) operation {
	return func(ctx context.Context, body []byte) (any, error) {
		var in In
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, &refusal{"com.amazon.coral.service#SerializationException", "MalformedInput;Sender", err.Error()}
		}
		return call(ctx, in)
	}
}

// ServeHTTP answers SQS's API in AWS's JSON 1.0 protocol.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		s.refuse(w, invalid("the request has more than %d bytes", maxRequest))
		return
	}
	name, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	call := s.operations[name]
	if r.Method != http.MethodPost || !ok || call == nil {
		s.refuse(w, &refusal{"com.amazon.coral.service#UnknownOperationException", "InvalidAction;Sender", fmt.Sprintf("SQS has no operation %q here", name)})
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
	if errors.Is(err, ErrNoQueue) {
		err = noQueue()
	}
	var refused *refusal
	if !errors.As(err, &refused) {
		s.answer(w, http.StatusInternalServerError, map[string]string{"__type": "InternalFailure", "message": err.Error()})
		return
	}
	w.Header().Set("X-Amzn-Query-Error", refused.query)
	s.answer(w, http.StatusBadRequest, map[string]string{"__type": refused.code, "message": refused.message})
}
