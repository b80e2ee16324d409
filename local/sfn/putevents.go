package sfn

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/sfn/awssdk"
)

// putEvents is events:putEvents. An entry's Detail may be an object, and its
// Resources get the machine's ARN and the execution's. An entry that is refused
// fails the task, which says what became of them all.
func (s *Service) putEvents(ctx context.Context, i integration, t asl.Task) ([]byte, error) {
	input, err := eventsOf(t)
	if err != nil {
		return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: "The entries are no events: " + err.Error()}
	}
	operation, _ := i.operation()
	answer, err := s.callClient(ctx, operation, input)
	var failed *awssdk.Failure
	switch {
	case errors.As(err, &failed):
		return nil, &asl.TaskError{Name: failed.Name(), Cause: failed.Cause()}
	case err != nil:
		return nil, err
	}
	var result struct{ FailedEntryCount int }
	if err := json.Unmarshal(answer.JSON, &result); err != nil {
		return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: err.Error()}
	}
	if result.FailedEntryCount > 0 {
		return nil, &asl.TaskError{Name: "EventBridge.FailedEntry", Cause: string(answer.JSON)}
	}
	return answer.JSON, nil
}

// eventsOf makes the request of a task's input.
func eventsOf(t asl.Task) ([]byte, error) {
	var request map[string]json.RawMessage
	var entries []map[string]json.RawMessage
	if err := json.Unmarshal(t.Input, &request); err != nil {
		return nil, err //nolint:wrapcheck // the caller says what it is about
	}
	if err := json.Unmarshal(request["Entries"], &entries); err != nil {
		return nil, err //nolint:wrapcheck // the caller says what it is about
	}
	for _, entry := range entries {
		var resources []string
		if given := entry["Resources"]; given != nil {
			if err := json.Unmarshal(given, &resources); err != nil {
				return nil, err //nolint:wrapcheck // the caller says what it is about
			}
		}
		if entry != nil {
			entry["Resources"], _ = json.Marshal(append(resources, t.MachineARN, t.ExecutionARN))
		}
	}
	request["Entries"], _ = json.Marshal(entries)
	return json.Marshal(request) //nolint:wrapcheck // the caller says what it is about
}
