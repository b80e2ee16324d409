package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
)

// InProcess returns a function that runs handle in this process, with the same
// encoding that the Lambda runtime gives it. Handle is what lambda.Start takes.
func InProcess(handle any) Function { return inProcess{handle} }

type inProcess struct{ handle any }

// Invoke runs the handler. A panic is the function's failure, not this
// process's: on AWS it would end one function instance.
func (f inProcess) Invoke(ctx context.Context, payload []byte) (result []byte, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			result, err = nil, &FunctionError{Type: "Runtime.Panic", Message: fmt.Sprint(cause)}
		}
	}()
	// A handler of its own for each call: the runtime library's hands out the
	// buffer of its answer and takes it back for the next one, which on Lambda
	// comes only after the answer was sent.
	result, err = lambda.NewHandler(f.handle).Invoke(ctx, payload)
	if err == nil {
		return result, nil
	}
	var named messages.InvokeResponse_Error
	if errors.As(err, &named) {
		return nil, decodeError(encoded(named))
	}
	return nil, &FunctionError{Type: typeName(err), Message: err.Error()}
}

// typeName names an error as the Lambda runtime for Go does: by its outermost
// type. That is the one place where the type's name is the fact wanted.
func typeName(err error) string {
	t := reflect.TypeOf(err)
	if t.Kind() == reflect.Pointer {
		return t.Elem().Name()
	}
	return t.Name()
}

// encoded is the JSON that a bootstrap posts for an error.
func encoded(named messages.InvokeResponse_Error) []byte {
	text, err := json.Marshal(named)
	if err != nil { // strings always marshal
		panic(err)
	}
	return text
}
