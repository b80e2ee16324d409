package asl

import (
	"maps"
	"slices"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// InspectionLevel is how much of a tested state's work is told.
type InspectionLevel string

// Levels, as TestState has them.
const (
	// InspectInfo tells the output, or the error.
	InspectInfo InspectionLevel = "INFO"
	// InspectDebug adds what each stage made of the data.
	InspectDebug InspectionLevel = "DEBUG"
	// InspectTrace adds what the task said of its request over HTTP.
	InspectTrace InspectionLevel = "TRACE"
)

// Stage is a point in a state's input and output processing, by the name that
// AWS's InspectionData has for it.
type Stage string

// Stages, in the order in which a state comes by them.
const (
	StageInput          Stage = "input"
	StageInputPath      Stage = "afterInputPath"
	StageParameters     Stage = "afterParameters"     // JSONPath
	StageArguments      Stage = "afterArguments"      // JSONata
	StageItemsPath      Stage = "afterItemsPath"      // JSONPath
	StageItemsPointer   Stage = "afterItemsPointer"   // of an ItemReader
	StageItemSelector   Stage = "afterItemSelector"   // an array of the items
	StageItemBatcher    Stage = "afterItemBatcher"    // an array of the batches
	StageResult         Stage = "result"              // of a Task, or a Pass state's Result
	StageResultSelector Stage = "afterResultSelector" // JSONPath
	StageResultPath     Stage = "afterResultPath"     // JSONPath
	StageVariables      Stage = "variables"           // all of them, after the state
)

// Inspection is what a tested state did to its data.
type Inspection struct {
	// Stages has a JSON text for each stage that the state has and came to.
	Stages map[Stage][]byte
	// MaxConcurrency and what follows are a Map state's; nil when it came not so
	// far or, for the tolerated failures, has no such field.
	MaxConcurrency             *int
	ToleratedFailureCount      *int
	ToleratedFailurePercentage *float64
	// Error is nil unless Retry or Catch had to do with an error.
	Error *HandledError
	// Request and Response are nil unless the level is [InspectTrace] and the
	// task's runner told of them.
	Request  *HTTPRequest
	Response *HTTPResponse
}

// HandledError says what Retry and Catch made of an error.
type HandledError struct {
	// RetryIndex is the retrier that matched, also when it has no tries left.
	RetryIndex *int
	// RetryBackoffSeconds is how long the retrier would wait, in whole seconds;
	// nil when it has no tries left.
	RetryBackoffSeconds *int
	// CatchIndex is the catcher that took the error.
	CatchIndex *int
}

// HTTPRequest is what a task sent. Headers is a JSON object.
type HTTPRequest struct{ Protocol, Method, URL, Headers, Body string }

// HTTPResponse is what a task got. Headers is a JSON object.
type HTTPResponse struct{ Protocol, StatusCode, StatusMessage, Headers, Body string }

// inspect notes what a stage made of the data, when a state is tested.
func (x *execution) inspect(s Stage, v value) {
	if x.test != nil {
		x.test.saw(s, v)
	}
}

func (t *tested) saw(s Stage, v value) { t.seen.Stages[s] = v.raw }

// handled is what Retry and Catch are told of.
func (t *tested) handled() *HandledError {
	if t.seen.Error == nil {
		t.seen.Error = &HandledError{}
	}
	return t.seen.Error
}

// object writes variables as a JSON object: those of the flow, over those around it.
func (v *variables) object() value {
	all := map[string]value{}
	for ; v != nil; v = v.outer {
		for name, one := range v.own {
			if _, shadowed := all[name]; !shadowed {
				all[name] = one
			}
		}
	}
	if len(all) == 0 {
		return value{}
	}
	out := []byte{'{'}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(rawjson.AppendString(out, name), ':'), all[name].raw...)
	}
	return value{raw: append(out, '}')}
}
