package sfn

import (
	"context"
	"errors"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/awsjson"
)

// maxClientToken is how many characters a client's token may have.
const maxClientToken = 64

type redriveExecutionInput struct {
	ExecutionARN string  `json:"executionArn"`
	ClientToken  *string `json:"clientToken"`
}

type redriveExecutionOutput struct {
	RedriveDate *awsjson.Time `json:"redriveDate"`
}

// redriveExecution goes on with a Standard execution that did not succeed; a map
// run's executions are redriven with the one that the map run is part of.
func (s *Service) redriveExecution(_ context.Context, in redriveExecutionInput) (out redriveExecutionOutput, err error) {
	if err := required("executionArn", in.ExecutionARN); err != nil {
		return out, err
	}
	parts, err := resource(in.ExecutionARN, "execution", 8, 8)
	if err != nil {
		return out, err
	}
	if strings.Contains(parts[6], "/") {
		return out, failf("ValidationException", "Labeled Execution ARNs are not supported for this API")
	}
	token, err := clientToken(in.ClientToken)
	if err != nil {
		return out, err
	}
	when, err := s.engine.Redrive(in.ExecutionARN, token)
	switch {
	case errors.Is(err, asl.ErrExecutionDoesNotExist):
		return out, noExecution(in.ExecutionARN)
	case errors.Is(err, asl.ErrNotRedrivable):
		d, err := s.execution(in.ExecutionARN)
		if err != nil {
			return out, err
		}
		return out, failf("ExecutionNotRedrivable", "%s", d.RedriveReason)
	}
	return redriveExecutionOutput{RedriveDate: awsjson.At(when)}, err //nolint:wrapcheck // an internal failure, said by the engine
}

// clientToken checks a token that makes a request idempotent.
func clientToken(given *string) (string, error) {
	if given == nil {
		return "", nil
	}
	unprintable := func(r rune) bool { return r < '!' || r > '~' }
	if token := *given; token != "" && len(token) <= maxClientToken && strings.IndexFunc(token, unprintable) < 0 {
		return token, nil
	}
	return "", failf("ValidationException", "1 validation error detected: Value '%s' at 'clientToken' failed to satisfy constraint: "+
		"Member must have length between 1 and %d, and satisfy regular expression pattern: [!-~]+", *given, maxClientToken)
}
