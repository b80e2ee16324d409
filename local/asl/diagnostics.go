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

// Codes of errors, as AWS has them. A state that nothing leads to is a
// CodeMissingTarget too.
const (
	CodeInvalidJSON        = "INVALID_JSON_DESCRIPTION"
	CodeSchema             = "SCHEMA_VALIDATION_FAILED"
	CodeMissingTarget      = "MISSING_TRANSITION_TARGET"
	CodeNoEnd              = "MISSING_END_STATE"
	CodeDuplicateState     = "DUPLICATE_STATE_NAME"
	CodeInvalidState       = "INVALID_STATE_NAME"
	CodeDuplicateLabel     = "DUPLICATE_LABEL_NAME"
	CodeInvalidLabel       = "INVALID_LABEL_NAME"
	CodeTooDeep            = "TOO_DEEPLY_NESTED"
	CodeInvalidJSONata     = "INVALID_JSONATA_EXPRESSION"
	CodeUnsupportedJSONata = "UNSUPPORTED_JSONATA_EXPRESSION"
)

// Codes of warnings: AWS's, and from CodeEndlessLoop on the engine's own.
const (
	CodeNoDollar     = "NO_DOLLAR"
	CodeNoPath       = "NO_PATH"
	CodeStaticResult = "PASS_RESULT_IS_STATIC"
	CodeEndlessLoop  = "ENDLESS_LOOP"
	CodeNeverEnds    = "NEVER_ENDS"
	CodeNoTimeout    = "NO_TIMEOUT"
)

// Diagnostic is one finding about a definition.
type Diagnostic struct {
	Severity Severity
	Code     string
	Message  string
	// Location is where, as AWS writes it: "/States/Choose/Choices[0]/Next"; ""
	// when it is about the whole.
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
// InvalidDefinition. It holds every finding: errors in their order, then
// warnings.
type DefinitionError struct {
	Diagnostics []Diagnostic
}

// Error lists the errors.
func (e *DefinitionError) Error() string {
	var lines []string
	for _, diagnostic := range e.Diagnostics {
		if diagnostic.Severity == SeverityError {
			lines = append(lines, diagnostic.String())
		}
	}
	return "invalid state machine definition: " + strings.Join(lines, "; ")
}
