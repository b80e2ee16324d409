package bus

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/mayfly-dev/mayfly/local/awsjson"
)

// targetPrefix is what stands before the operation's name in X-Amz-Target.
const targetPrefix = "AWSEvents."

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
	request, err := awsjson.Read(w, r, targetPrefix)
	if err != nil {
		s.refuse(w, failf("RequestEntityTooLargeException", "the request has more than %d bytes", awsjson.MaxRequest))
		return
	}
	call := s.operations[request.Operation]
	if !request.Addressed || call == nil {
		s.refuse(w, failf("UnknownOperationException", "EventBridge has no operation %q here", request.Operation))
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
	return awsjson.Answerer{Version: "1.1", Fault: "InternalException", NewID: s.o.NewID}
}

func (s *Service) refuse(w http.ResponseWriter, err error) {
	var refused *Error
	if !errors.As(err, &refused) {
		s.answers().Fail(w, err)
		return
	}
	s.answers().Answer(w, http.StatusBadRequest, map[string]string{"__type": refused.Code, "message": refused.Message})
}
