package sfn

import (
	"context"
	"errors"

	"github.com/mayfly-dev/mayfly/local/asl"
)

type taskTokenInput struct {
	TaskToken string `json:"taskToken"`
	Output    string `json:"output"`
	Error     string `json:"error"`
	Cause     string `json:"cause"`
}

// tokenError gives the engine's errors about tokens their names.
func tokenError(err error) error {
	switch {
	case errors.Is(err, asl.ErrInvalidToken):
		return failf("InvalidToken", "Invalid Token: 'Invalid token'")
	case errors.Is(err, asl.ErrTaskDoesNotExist):
		return failf("TaskDoesNotExist", "Task does not exist")
	case errors.Is(err, asl.ErrTaskTimedOut):
		return failf("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
	case errors.Is(err, asl.ErrInvalidInput):
		return failf("InvalidOutput", "Invalid Output: '%v'", err)
	}
	return err
}

func (s *Service) sendTaskSuccess(_ context.Context, in taskTokenInput) (nothing, error) {
	if err := required("taskToken", in.TaskToken, "output", in.Output); err != nil {
		return nothing{}, err
	}
	return nothing{}, tokenError(s.engine.SendTaskSuccess(in.TaskToken, []byte(in.Output)))
}

func (s *Service) sendTaskFailure(_ context.Context, in taskTokenInput) (nothing, error) {
	if err := required("taskToken", in.TaskToken); err != nil {
		return nothing{}, err
	}
	if len([]rune(in.Error)) > 256 || len([]rune(in.Cause)) > 32768 {
		return nothing{}, failf("ValidationException", "1 validation error detected: error has at most 256 characters, and cause 32768")
	}
	return nothing{}, tokenError(s.engine.SendTaskFailure(in.TaskToken, in.Error, in.Cause))
}

func (s *Service) sendTaskHeartbeat(_ context.Context, in taskTokenInput) (nothing, error) {
	if err := required("taskToken", in.TaskToken); err != nil {
		return nothing{}, err
	}
	return nothing{}, tokenError(s.engine.SendTaskHeartbeat(in.TaskToken))
}
