package sfn

import (
	"errors"
	"net/http"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// allowed fails as Lambda and Step Functions do for whom a machine's role does
// not allow what its task is about to do.
func (s *Service) allowed(t asl.Task, resource string, actions ...string) error {
	if s.o.Authorize == nil {
		return nil
	}
	for _, action := range actions {
		refused := s.o.Authorize(t, action, resource)
		switch {
		case refused == "":
		case strings.HasPrefix(action, "lambda:"):
			return s.lambdaRefusal("AccessDeniedException", refused)
		default:
			return s.nestedFailure(&Error{Code: "AccessDeniedException", Message: refused})
		}
	}
	return nil
}

// mayNest asks for what a nested execution needs: to start it and, when it is
// waited for, to follow and to stop it, and to have a rule tell of its end.
// https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html
func (s *Service) mayNest(t asl.Task, machineARN, name, pattern string) error {
	machine, execution, _ := strings.Cut(machineARN, ":stateMachine:")
	bare, _, _ := strings.Cut(execution, ":") // an alias or a version is authorized as its machine
	err := s.allowed(t, machine+":stateMachine:"+bare, "states:StartExecution")
	if pattern != "sync" && pattern != "sync:2" {
		return err
	}
	return errors.Join(err,
		s.allowed(t, machine+":execution:"+bare+":"+name, "states:DescribeExecution", "states:StopExecution"),
		s.allowed(t, strings.Join([]string{"arn:aws:events", s.o.Region, s.o.Account, "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"}, ":"),
			"events:PutTargets", "events:PutRule", "events:DescribeRule"))
}

// statusOf is the HTTP status that Lambda gives its errors by their codes.
func statusOf(code string) int {
	switch code {
	case "AccessDeniedException":
		return http.StatusForbidden
	case "ResourceNotFoundException":
		return http.StatusNotFound
	case "TooManyRequestsException":
		return http.StatusTooManyRequests
	case "ServiceException":
		return http.StatusInternalServerError
	case "RequestTooLargeException":
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusBadRequest
}
