package asl

import (
	"errors"
)

// Error names that the States Language reserves. AWS reports States.Runtime where
// the specification has ErrorNoChoiceMatched and ErrorParameterPathFailure, and
// a branch's own error for ErrorBranchFailed; so does the engine.
const (
	ErrorAll                    = "States.ALL"
	ErrorTaskFailed             = "States.TaskFailed"
	ErrorTimeout                = "States.Timeout"
	ErrorHeartbeatTimeout       = "States.HeartbeatTimeout"
	ErrorRuntime                = "States.Runtime"
	ErrorNoChoiceMatched        = "States.NoChoiceMatched"
	ErrorParameterPathFailure   = "States.ParameterPathFailure"
	ErrorResultPathMatchFailure = "States.ResultPathMatchFailure"
	ErrorIntrinsicFailure       = "States.IntrinsicFailure"
	ErrorBranchFailed           = "States.BranchFailed"
	ErrorExceedTolerated        = "States.ExceedToleratedFailureThreshold"
	ErrorItemReaderFailed       = "States.ItemReaderFailed"
	ErrorResultWriterFailed     = "States.ResultWriterFailed"
	ErrorPermissions            = "States.Permissions"
	ErrorDataLimitExceeded      = "States.DataLimitExceeded"
	ErrorQueryEvaluation        = "States.QueryEvaluationError"
)

// Errors of the engine's operations. They are wrapped with what was asked for.
var (
	// ErrExecutionAlreadyExists says that the name was used with other input,
	// or by an execution that has ended.
	ErrExecutionAlreadyExists = errors.New("execution already exists")
	// ErrExecutionDoesNotExist says that no execution has that ARN.
	ErrExecutionDoesNotExist = errors.New("execution does not exist")
	// ErrInvalidInput says that an input or output is not JSON or over 256 KiB.
	ErrInvalidInput = errors.New("invalid execution input")
	// ErrInvalidName says that an execution's name is none.
	ErrInvalidName = errors.New("invalid name")
	// ErrInvalidToken says that a task token is no token of this engine.
	ErrInvalidToken = errors.New("invalid token")
	// ErrTaskDoesNotExist says that the token's task has ended with its execution.
	ErrTaskDoesNotExist = errors.New("task does not exist")
	// ErrTaskTimedOut says that the token's task is over: answered, timed out
	// or cancelled.
	ErrTaskTimedOut = errors.New("task timed out")
	// ErrClosed says that the engine was closed.
	ErrClosed = errors.New("engine is closed")
	// ErrNotRedrivable says that an execution cannot be redriven.
	ErrNotRedrivable = errors.New("execution is not redrivable")
)

// TaskError is a failure by its States Language name, such as a task returns.
type TaskError struct {
	// Name is what Retry and Catch match: "States.Timeout", "Throttling".
	Name string
	// Cause is free text; of Lambda functions it is JSON.
	Cause string
	// noAll is set when States.ALL must not match the error.
	noAll bool
	// beat is set when it is for want of a heartbeat.
	beat bool
	// location is the field whose evaluation failed.
	location string
}

// Error returns name and cause.
func (e *TaskError) Error() string {
	if e.Cause == "" {
		return e.Name
	}
	return e.Name + ": " + e.Cause
}

// terminal says that the error always ends the execution.
func (e *TaskError) terminal() bool { return e.Name == ErrorRuntime }

// asTaskError gives any error a States Language name.
func asTaskError(err error, name string) *TaskError {
	var failed *TaskError
	if errors.As(err, &failed) {
		return failed
	}
	return &TaskError{Name: name, Cause: err.Error()}
}
