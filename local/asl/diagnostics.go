package asl

import (
	"fmt"
	"strings"
)

// Severity says whether a definition with that diagnostic can be run.
type Severity string

// Severities, as ValidateStateMachineDefinition has them.
const (
	SeverityError   Severity = "ERROR"
	SeverityWarning Severity = "WARNING"
)

// Codes of diagnostics.
const (
	CodeInvalidJSON      = "INVALID_JSON_DESCRIPTION"
	CodeSchema           = "SCHEMA_VALIDATION_FAILED"
	CodeMissingTarget    = "MISSING_TRANSITION_TARGET"
	CodeUnreachable      = "UNREACHABLE_STATE"
	CodeNoEnd            = "MISSING_END_STATE"
	CodeDuplicateState   = "DUPLICATE_STATE_NAME"
	CodeEndlessLoop      = "ENDLESS_LOOP"
	CodeNoTimeout        = "NO_TIMEOUT"
	CodeDefinitionTooBig = "DEFINITION_TOO_LARGE"
)

// Diagnostic is one finding about a definition.
type Diagnostic struct {
	Severity Severity
	Code     string
	Message  string
	// Location is where: "/States/Wait/Next"; "" when the text is no JSON object.
	Location string
}

// String returns the finding on one line.
func (d Diagnostic) String() string {
	if d.Location == "" {
		return fmt.Sprintf("%s: %s", d.Code, d.Message)
	}
	return fmt.Sprintf("%s: %s at %s", d.Code, d.Message, d.Location)
}

// DefinitionError is returned by [Parse] for a definition that AWS refuses with
// InvalidDefinition. It holds every finding, errors first to last.
type DefinitionError struct {
	Diagnostics []Diagnostic
}

// Error lists the findings.
func (e *DefinitionError) Error() string {
	lines := make([]string, len(e.Diagnostics))
	for i, diagnostic := range e.Diagnostics {
		lines[i] = diagnostic.String()
	}
	return "invalid state machine definition: " + strings.Join(lines, "; ")
}
