package sfn

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/awsjson"
)

type startExecutionInput struct {
	StateMachineARN string  `json:"stateMachineArn"`
	Name            string  `json:"name"`
	Input           *string `json:"input"`
	TraceHeader     string  `json:"traceHeader"`
	included                // of StartSyncExecution
}

type startExecutionOutput struct {
	ExecutionARN string        `json:"executionArn"`
	StartDate    *awsjson.Time `json:"startDate"`
}

func (s *Service) startExecution(ctx context.Context, in startExecutionInput) (startExecutionOutput, error) {
	started, _, err := s.start(ctx, in, "")
	return startExecutionOutput{ExecutionARN: started.ExecutionARN, StartDate: awsjson.At(started.StartDate)}, err
}

// maxTraceHeader is how many characters a trace header may have.
const maxTraceHeader = 256

// startOnce starts an execution, or finds the one that an earlier run of the
// same task had started, even if it has ended since.
func (s *Service) startOnce(ctx context.Context, in startExecutionInput, token string) (asl.Started, error) {
	started, c, err := s.start(ctx, in, token)
	var refused *Error
	if !errors.As(err, &refused) || refused.Code != "ExecutionAlreadyExists" {
		return started, err
	}
	d, missing := s.engine.Describe(executionARN(c.machine.ARN, in.Name))
	if missing != nil {
		return asl.Started{}, err
	}
	var meta startedMeta
	if json.Unmarshal(d.Meta, &meta) != nil || meta.StartedBy != token {
		return asl.Started{}, err
	}
	return asl.Started{ExecutionARN: d.ExecutionARN, StartDate: d.StartDate, Existing: true}, nil
}

func executionARN(machineARN, name string) string {
	return strings.Replace(machineARN, ":stateMachine:", ":execution:", 1) + ":" + name
}

// start starts an execution of what the ARN leads to, for a task when there is a
// token.
func (s *Service) start(ctx context.Context, in startExecutionInput, token string) (asl.Started, choice, error) {
	start, c, err := s.prepare(in, token)
	if err != nil {
		return asl.Started{}, c, err
	}
	started, err := s.engine.Start(ctx, start)
	return started, c, startError(err, c.machine.ARN, in.Name)
}

// prepare works out what is started.
func (s *Service) prepare(in startExecutionInput, token string) (asl.StartInput, choice, error) {
	if err := required("stateMachineArn", in.StateMachineARN); err != nil {
		return asl.StartInput{}, choice{}, err
	}
	if in.Name != "" {
		if err := checkName(in.Name); err != nil {
			return asl.StartInput{}, choice{}, err
		}
	}
	if len(in.TraceHeader) > maxTraceHeader {
		return asl.StartInput{}, choice{}, failf("ValidationException", "1 validation error detected: traceHeader has at most %d characters", maxTraceHeader)
	}
	c, err := s.choose(in.StateMachineARN, func() int { return rand.IntN(100) }) //nolint:gosec // routing is no secret
	if err != nil {
		return asl.StartInput{}, c, err
	}
	compiled := c.revision.compiled
	if compiled == nil { // read from disk
		if compiled, err = compile(c.revision.Definition, c.machine.Type); err != nil {
			return asl.StartInput{}, c, err
		}
	}
	meta, err := json.Marshal(startedMeta{
		RevisionID: c.revision.ID, Updated: c.revision.Updated, Logging: c.machine.Logging, Tracing: c.machine.Tracing,
		Encryption: c.machine.Encryption, TraceHeader: in.TraceHeader, StartedBy: token,
	})
	if err != nil {
		return asl.StartInput{}, c, failf("InternalFailure", "%v", err)
	}
	start := asl.StartInput{
		Machine: compiled, MachineARN: c.machine.ARN, Name: in.Name, RoleARN: c.revision.Role, Meta: meta,
		Express: c.machine.Type == typeExpress, Input: []byte(text(in.Input, "{}")),
	}
	if c.version != nil {
		start.VersionARN = c.machine.versionARN(c.version.Number)
	}
	if c.alias != nil {
		start.AliasARN = c.machine.ARN + ":" + c.alias.Name
	}
	return start, c, nil
}

// text is what a member of a request says, or stands for when it is absent.
func text(member *string, absent string) string {
	if member == nil {
		return absent
	}
	return *member
}

// startError gives the engine's errors their names.
func startError(err error, machineARN, name string) error {
	switch {
	case errors.Is(err, asl.ErrExecutionAlreadyExists):
		return failf("ExecutionAlreadyExists", "Execution Already Exists: '%s'", executionARN(machineARN, name))
	case errors.Is(err, asl.ErrInvalidInput):
		return failf("InvalidExecutionInput", "Invalid State Machine Execution Input: '%v'", err)
	case errors.Is(err, asl.ErrInvalidName):
		return failf("InvalidName", "Invalid Name: '%s'", name)
	}
	return err
}
