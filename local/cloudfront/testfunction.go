package cloudfront

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/cloudfront/jsfunction"
)

// functionTime bounds one run of TestFunction.
const functionTime = 50 * time.Millisecond

// testFunction runs a function with an event of the caller's. What the
// function does wrong is in the answer, not an error of the API.
func (s *Service) testFunction(c *call) (*answer, *Error) {
	var in struct{ Stage, EventObject string }
	if err := decode(c.body, "TestFunctionRequest", &in); err != nil {
		return nil, err
	}
	event, decodeErr := base64.StdEncoding.DecodeString(strings.TrimSpace(in.EventObject))
	if decodeErr != nil || len(event) == 0 {
		return nil, refuse("InvalidArgument", "The parameter EventObject must be base64 of an event's JSON.")
	}
	summary, stage, err := s.testedStage(c, in.Stage)
	if err != nil {
		return nil, err
	}
	program, compileErr := jsfunction.Compile(summary.Name, stage.Code, functionTime, s.options.Clock)
	trial := &jsfunction.Trial{Err: compileErr}
	if compileErr == nil {
		var eventErr error
		if trial, eventErr = program.Try(event); eventErr != nil {
			return nil, refuse("InvalidArgument", "The parameter EventObject is not an event: %v", eventErr)
		}
	}
	message := ""
	if trial.Err != nil {
		message = trial.Err.Error()
	}
	return &answer{status: http.StatusOK, root: "TestResult", body: struct {
		FunctionSummary       functionSummary
		ComputeUtilization    string
		FunctionExecutionLogs []string `xml:"FunctionExecutionLogs>member,omitempty"`
		FunctionErrorMessage  string
		FunctionOutput        string
	}{summary, strconv.Itoa(trial.Percent), trial.Logs, message, trial.Output}}, nil
}

// testedStage returns the stage of a function if the request's If-Match is its
// ETag. A stage never changes.
func (s *Service) testedStage(c *call, name string) (summary functionSummary, stage *functionStage, err *Error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f := s.functions[c.id]
	if f == nil {
		return summary, nil, noSuchFunction()
	}
	if stage, err = f.stage(name); err != nil {
		return summary, nil, err
	}
	return s.summary(f, stage), stage, checkMatch(c.Header.Get("If-Match"), stage.ETag)
}
