package sfn

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/sfn/awssdk"
)

// nestedInput is the input of states:startExecution.
type nestedInput struct {
	StateMachineArn string
	Name            string
	Input           json.RawMessage
	TraceHeader     string
}

// nestedExecution starts an execution and, for .sync and .sync:2, waits until
// it ends. A task that is run again after a crash finds the execution that its
// earlier run had started.
func (s *Service) nestedExecution(ctx context.Context, t asl.Task, pattern string) ([]byte, error) {
	arn, answer, err := s.startNested(ctx, t, pattern)
	if err != nil {
		return nil, err
	}
	if pattern != "sync" && pattern != "sync:2" {
		return answer, nil
	}
	if t.Submitted == nil && t.Submit != nil {
		t.Submit(answer)
	}
	if _, err := s.engine.Wait(ctx, arn); err != nil {
		if ctx.Err() != nil {
			// The task is over, so its execution is too. When it is the engine that
			// closes, Stop does nothing.
			if _, stopErr := s.engine.Stop(arn, "", ""); stopErr != nil && !errors.Is(stopErr, asl.ErrClosed) {
				err = errors.Join(err, stopErr)
			}
		}
		return nil, fmt.Errorf("nested execution: %w", err)
	}
	return s.nestedResult(arn, pattern)
}

// startNested starts what the task asks for, once.
func (s *Service) startNested(ctx context.Context, t asl.Task, pattern string) (arn string, answer []byte, err error) {
	if t.Submitted != nil {
		var started struct{ ExecutionArn string }
		if err := json.Unmarshal(t.Submitted, &started); err == nil && started.ExecutionArn != "" {
			return started.ExecutionArn, t.Submitted, nil
		}
	}
	in, err := readNested(t)
	if err != nil {
		return "", nil, err
	}
	if err := s.mayNest(t, in.StateMachineARN, in.Name, pattern); err != nil {
		return "", nil, err
	}
	started, err := s.startOnce(ctx, in, t.Token)
	if err != nil {
		return "", nil, s.nestedFailure(err)
	}
	answer, err = s.withMetadata(map[string]any{"ExecutionArn": started.ExecutionARN, "StartDate": started.StartDate.UnixMilli()}, http.StatusOK,
		http.Header{"Content-Type": {"application/x-amz-json-1.0"}})
	return started.ExecutionARN, answer, err
}

func readNested(t asl.Task) (startExecutionInput, error) {
	var in nestedInput
	if err := json.Unmarshal(t.Input, &in); err != nil || in.StateMachineArn == "" {
		return startExecutionInput{}, &asl.TaskError{Name: asl.ErrorRuntime, Cause: "The field 'StateMachineArn' is required but was missing"}
	}
	input := "{}" // also for null
	if given := bytes.TrimSpace(in.Input); len(given) > 0 && string(given) != "null" {
		input = string(given)
		if given[0] == '"' { // as the API wants it: JSON in a string
			if err := json.Unmarshal(given, &input); err != nil {
				return startExecutionInput{}, &asl.TaskError{Name: asl.ErrorRuntime, Cause: "The input is no string: " + err.Error()}
			}
		}
	}
	if in.Name == "" {
		// The same try of the same task starts the same execution.
		sum := sha256.Sum256([]byte(t.ExecutionARN + "\n" + t.Token))
		in.Name = hex.EncodeToString(sum[:16])
	}
	return startExecutionInput{StateMachineARN: in.StateMachineArn, Name: in.Name, Input: &input, TraceHeader: in.TraceHeader}, nil
}

// olderStates is Step Functions as the optimized integrations name it.
var olderStates = older{prefix: "StepFunctions", service: "AWSStepFunctions", base: "AWSStepFunctionsException"}

// nestedFailure names a refusal as AWS does in Task states.
func (s *Service) nestedFailure(err error) error {
	var refused *Error
	if !errors.As(err, &refused) {
		return err
	}
	f := &awssdk.Failure{Service: "Sfn", Code: refused.Code, Message: refused.Message, Status: http.StatusBadRequest, RequestID: s.o.NewID()}
	f.Exception, _ = awssdk.Exception("sfn", refused.Code)
	return olderStates.failed(f)
}

// nestedResult is the answer of a .sync task: DescribeExecution's, in which
// .sync:2 has the output as JSON rather than as text.
func (s *Service) nestedResult(arn, pattern string) ([]byte, error) {
	d, err := s.engine.Describe(arn)
	if err != nil {
		return nil, fmt.Errorf("nested execution: %w", err)
	}
	out := map[string]any{
		"ExecutionArn": d.ExecutionARN, "StateMachineArn": d.MachineARN, "Name": d.Name, "Status": d.Status,
		"StartDate": d.StartDate.UnixMilli(), "StopDate": d.StopDate.UnixMilli(),
		"InputDetails": map[string]bool{"Included": true},
	}
	document := func(text []byte) any {
		if pattern == "sync:2" {
			return json.RawMessage(text)
		}
		return string(text)
	}
	out["Input"] = document(d.Input)
	if d.Status == asl.StatusSucceeded {
		out["Output"], out["OutputDetails"] = document(d.Output), map[string]bool{"Included": true}
		text, err := json.Marshal(out)
		if err != nil {
			return nil, fmt.Errorf("nested execution: %w", err)
		}
		return text, nil
	}
	if d.Error != "" {
		out["Error"] = d.Error
	}
	if d.Cause != "" {
		out["Cause"] = d.Cause
	}
	text, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("nested execution: %w", err)
	}
	return nil, &asl.TaskError{Name: asl.ErrorTaskFailed, Cause: string(text)}
}
