package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Context returns the CDK's context. When the CDK's command line tool runs the
// app, it hands the context over in the environment, as CDK_CONTEXT_JSON; else
// it is the one in file, in cdk.json's form, with each KEY=VALUE of assignments
// over it. A file that is absent says nothing.
func Context(file string, handedOver string, assignments []string) (map[string]any, error) {
	if handedOver != "" {
		var context map[string]any
		if err := json.Unmarshal([]byte(handedOver), &context); err != nil {
			return nil, fmt.Errorf("read CDK_CONTEXT_JSON: %w", err)
		}
		return context, nil
	}
	var document struct {
		Context map[string]any `json:"context"`
	}
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("read the settings: %w", err)
	default:
		if err := json.Unmarshal(text, &document); err != nil {
			return nil, fmt.Errorf("read the settings in %s: %w", file, err)
		}
	}
	context := document.Context
	if context == nil {
		context = make(map[string]any)
	}
	for _, assignment := range assignments {
		key, value, ok := strings.Cut(assignment, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("context %q: must be KEY=VALUE, as in mayfly:stage=prod", assignment)
		}
		context[key] = value
	}
	return context, nil
}
