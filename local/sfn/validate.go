package sfn

import (
	"cmp"
	"context"
	"errors"

	"github.com/mayfly-dev/mayfly/local/asl"
)

type validateInput struct {
	Definition string `json:"definition"`
	Type       string `json:"type"`
	Severity   string `json:"severity"`
	MaxResults int    `json:"maxResults"`
}

type diagnostic struct {
	Severity asl.Severity `json:"severity"`
	Code     string       `json:"code"`
	Message  string       `json:"message"`
	Location string       `json:"location,omitempty"`
}

type validateOutput struct {
	Result      string       `json:"result"`
	Diagnostics []diagnostic `json:"diagnostics"`
	Truncated   bool         `json:"truncated"`
}

// validateStateMachineDefinition says what is wrong with a definition, errors
// first; warnings when they are asked for.
func (s *Service) validateStateMachineDefinition(_ context.Context, in validateInput) (out validateOutput, err error) {
	if err := required("definition", in.Definition); err != nil {
		return out, err
	}
	if in.MaxResults < 0 || in.MaxResults > 100 {
		return out, failf("ValidationException", "1 validation error detected: Value '%d' at 'maxResults' failed to satisfy constraint: Member must have value between 0 and 100", in.MaxResults)
	}
	options := []asl.ParseOption{asl.CheckTasks(checkTask)}
	if in.Type == typeExpress {
		options = append(options, asl.Express())
	}
	m, err := asl.Parse([]byte(in.Definition), options...)
	var found []asl.Diagnostic
	var invalid *asl.DefinitionError
	out = validateOutput{Result: "OK", Diagnostics: []diagnostic{}}
	switch {
	case errors.As(err, &invalid):
		out.Result, found = "FAIL", invalid.Diagnostics
	case err != nil:
		return out, err //nolint:wrapcheck // an internal failure
	default:
		found = m.Warnings()
	}
	limit := cmp.Or(in.MaxResults, 100)
	for _, d := range found {
		if d.Severity != asl.SeverityError && in.Severity != string(asl.SeverityWarning) {
			continue
		}
		if len(out.Diagnostics) == limit {
			out.Truncated = true
			break
		}
		out.Diagnostics = append(out.Diagnostics, diagnostic{d.Severity, d.Code, d.Message, d.Location})
	}
	return out, nil
}
