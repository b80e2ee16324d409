package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// aslResult is how an execution went, as it is printed for programs.
type aslResult struct {
	ExecutionARN string     `json:"executionArn"`
	Status       asl.Status `json:"status"`
	// Output is there when it has succeeded, Error and Cause when it has not.
	Output json.RawMessage `json:"output,omitempty"`
	Error  string          `json:"error,omitempty"`
	Cause  string          `json:"cause,omitempty"`
	// StartDate and StopDate are by the machine's clock, as is Seconds between them.
	StartDate time.Time `json:"startDate"`
	StopDate  time.Time `json:"stopDate"`
	Seconds   float64   `json:"seconds"`
	// Transitions is what AWS bills: each state that was entered, and each retry.
	Transitions int `json:"transitions"`
	// Path is the states that were entered, in that order.
	Path []string `json:"path"`
	// Events is the history, as GetExecutionHistory has it.
	Events []json.RawMessage `json:"events"`
}

// finish prints how the execution ended.
func (r *aslRun) finish() error {
	events, err := r.engine.Events(r.arn)
	if err != nil {
		return err //nolint:wrapcheck // it names the execution
	}
	ended, err := r.engine.Describe(r.arn)
	if err != nil {
		return err //nolint:wrapcheck // the same
	}
	transitions, err := r.engine.Transitions(r.arn)
	if err != nil {
		return err //nolint:wrapcheck // the same
	}
	result := aslResult{
		ExecutionARN: r.arn, Status: ended.Status, Output: ended.Output, Error: ended.Error, Cause: ended.Cause,
		StartDate: ended.StartDate.UTC(), StopDate: ended.StopDate.UTC(), Seconds: ended.StopDate.Sub(ended.StartDate).Seconds(),
		Transitions: transitions, Path: asl.Path(events),
	}
	if r.json() {
		for i := range events {
			result.Events = append(result.Events, events[i].AppendJSON(nil, true))
		}
		out := json.NewEncoder(r.out)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		if err := out.Encode(result); err != nil {
			return fmt.Errorf("print the result: %w", err)
		}
	} else {
		r.printResult(&result, events)
	}
	if result.Status != asl.StatusSucceeded {
		return &failedError{result}
	}
	return nil
}

func (r *aslRun) printResult(result *aslResult, events []asl.Event) {
	if !r.flags.quiet {
		if r.flags.history {
			r.printHistory(events)
		}
		took := exactly(result.StopDate.Sub(result.StartDate))
		if r.virtual && result.Seconds > 0 {
			took += " of virtual time"
		}
		r.printf("\n%s after %s, %s\n", strings.ToLower(strings.ReplaceAll(string(result.Status), "_", " ")), took, count(result.Transitions, "state transition"))
	}
	if result.Status != asl.StatusSucceeded {
		return
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, result.Output, "", "  ") != nil {
		pretty.Reset()
		pretty.Write(result.Output)
	}
	r.printf("%s\n", bytes.TrimSpace(pretty.Bytes()))
}

// printHistory prints the events, one a line, with their details as JSON.
func (r *aslRun) printHistory(events []asl.Event) {
	r.printf("\n%5s %5s  %12s  %s\n", "id", "after", "at", "event")
	for i := range events {
		e := &events[i]
		var fields map[string]json.RawMessage
		details := ""
		if json.Unmarshal(e.AppendJSON(nil, true), &fields) == nil {
			for name, value := range fields {
				if strings.HasSuffix(name, "EventDetails") {
					details = string(value)
				}
			}
		}
		line := fmt.Sprintf("%5d %5d  %12s  %-26s %s", e.ID, e.PreviousID, exactly(e.Timestamp.Sub(events[0].Timestamp)), e.Type, details)
		r.printf("%s\n", strings.TrimRight(line, " "))
	}
}
