package sfn

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// putEvents is events:putEvents. An entry's Detail may be an object, and its
// Resources get the machine's ARN and the execution's. An entry that is refused
// fails the task, which says what became of them all.
func (s *Service) putEvents(ctx context.Context, t asl.Task) ([]byte, error) {
	input, err := eventsOf(t)
	if err != nil {
		return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: "The entries are not events: " + err.Error()}
	}
	target := jsonService("eventbridge")
	response, err := s.post(ctx, target.request("PutEvents", input))
	if err != nil {
		return nil, taskError(err, target.prefix)
	}
	if response.status != http.StatusOK {
		failed := response.failure(target.prefix)
		if failed.Exception = target.prefix + "Exception"; failed.Code == "InternalException" {
			failed.Exception = failed.Code
		}
		return nil, &asl.TaskError{Name: failed.Name(), Cause: failed.Cause()}
	}
	var result struct{ FailedEntryCount int }
	if err := json.Unmarshal(response.body, &result); err != nil {
		return nil, taskError(err, target.prefix)
	}
	if result.FailedEntryCount > 0 {
		return nil, &asl.TaskError{Name: "EventBridge.FailedEntry", Cause: string(response.body)}
	}
	return response.body, nil
}

// eventsOf makes the request of a task's input.
func eventsOf(t asl.Task) ([]byte, error) {
	var request map[string]json.RawMessage
	if err := json.Unmarshal(t.Input, &request); err != nil {
		return nil, err //nolint:wrapcheck // the caller says what it is about
	}
	var entries []map[string]json.RawMessage
	if err := json.Unmarshal(request["Entries"], &entries); err != nil {
		return nil, err //nolint:wrapcheck // the caller says what it is about
	}
	for i := range entries {
		if err := completed(entries[i], t); err != nil {
			return nil, err
		}
	}
	text, err := json.Marshal(entries)
	if err != nil {
		return nil, err //nolint:wrapcheck // the caller says what it is about
	}
	request["Entries"] = text
	return json.Marshal(request) //nolint:wrapcheck // the caller says what it is about
}

// completed makes an entry what the API takes.
func completed(entry map[string]json.RawMessage, t asl.Task) error {
	if detail := entry["Detail"]; len(detail) > 0 && detail[0] != '"' && string(detail) != "null" {
		entry["Detail"], _ = json.Marshal(string(detail))
	}
	var at time.Time
	if moment := entry["Time"]; len(moment) > 0 && json.Unmarshal(moment, &at) == nil && !at.IsZero() {
		entry["Time"], _ = json.Marshal(at.Unix())
	}
	var resources []string
	if given := entry["Resources"]; given != nil {
		if err := json.Unmarshal(given, &resources); err != nil {
			return err //nolint:wrapcheck // the caller says what it is about
		}
	}
	entry["Resources"], _ = json.Marshal(append(resources, t.MachineARN, t.ExecutionARN))
	return nil
}
