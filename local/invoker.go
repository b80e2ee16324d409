package local

import (
	"context"
	"errors"

	"github.com/mayfly-dev/mayfly/local/lambda"
	"github.com/mayfly-dev/mayfly/local/sfn"
)

// invoker is Lambda as Step Functions calls it.
type invoker struct{ functions *lambda.Service }

// Invoke runs a function; what a function answered as its error keeps its name.
func (i invoker) Invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	result, err := i.functions.Invoke(ctx, function, payload)
	var failed *lambda.FunctionError
	if errors.As(err, &failed) {
		return nil, &sfn.FunctionError{ErrorType: failed.Type, ErrorMessage: failed.Message, Payload: failed.Payload()}
	}
	return result, err
}

// Find says whether a function is there, without calling it.
func (i invoker) Find(function string) error { return i.functions.Find(function) }
