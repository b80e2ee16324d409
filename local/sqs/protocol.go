package sqs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/mayfly-dev/mayfly/local/awsjson"
)

// targetPrefix is what stands before the operation's name in X-Amz-Target.
const targetPrefix = "AmazonSQS."

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
	request, err := awsjson.Read(w, r, targetPrefix)
	if err != nil {
		s.refuse(w, invalid("the request has more than %d bytes", awsjson.MaxRequest))
		return
	}
	call := s.operations[request.Operation]
	if !request.Addressed || call == nil {
		s.refuse(w, &refusal{"com.amazon.coral.service#UnknownOperationException", "InvalidAction;Sender", fmt.Sprintf("SQS has no operation %q here", request.Operation)})
		return
	}
	out, err := call(r.Context(), request.Body)
	if err != nil {
		s.refuse(w, err)
		return
	}
	s.answers().Answer(w, http.StatusOK, out)
}

func (s *Service) answers() awsjson.Answerer {
	return awsjson.Answerer{Version: "1.0", Fault: "InternalFailure", NewID: s.o.NewID}
}

func (s *Service) refuse(w http.ResponseWriter, err error) {
	if errors.Is(err, ErrNoQueue) {
		err = noQueue()
	}
	var refused *refusal
	if !errors.As(err, &refused) {
		s.answers().Fail(w, err)
		return
	}
	w.Header().Set("X-Amzn-Query-Error", refused.query)
	s.answers().Answer(w, http.StatusBadRequest, map[string]string{"__type": refused.code, "message": refused.message})
}
