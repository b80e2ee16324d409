package awssdk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// Check says what keeps parameters from starting the operation: members that
// it does not have, and required ones that are not there. Of a template it
// looks at what is known already.
func (o *Operation) Check(parameters json.RawMessage, template Template) Faults {
	input := reflect.New(o.input)
	r := reader{names: o.names, template: template}
	r.into(input.Elem(), parameters, "")
	if len(r.dynamic) == 1 && r.dynamic[0] == "" {
		return nil // nothing is known yet
	}
	checker := reflect.ValueOf(services[o.service].checker())
	out := checker.MethodByName(o.name).Call([]reflect.Value{reflect.ValueOf(context.Background()), input})
	err, _ := out[1].Interface().(error)
	return append(r.faults, missing(err, o.names, r.dynamic)...)
}

// errChecked ends a request that the client has found to be complete.
var errChecked = errors.New("checked")

// checkOnly ends every operation after its client has looked at the input.
func checkOnly(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("CheckOnly", //nolint:wrapcheck // says itself what it is
		func(context.Context, middleware.InitializeInput, middleware.InitializeHandler) (out middleware.InitializeOutput, _ middleware.Metadata, err error) {
			return out, middleware.Metadata{}, errChecked
		}), middleware.After)
}

// missing turns a client's complaints about its input into AWS's words, but for
// what is under a path whose value is not known yet.
func missing(err error, names naming, dynamic []string) Faults {
	var invalid smithy.InvalidParamsError
	if !errors.As(err, &invalid) {
		return nil
	}
	var faults Faults
	for _, complaint := range invalid.Errs() {
		var about smithy.InvalidParamError
		if !errors.As(complaint, &about) {
			continue
		}
		_, path, _ := strings.Cut(about.Field(), ".") // the operation's name is in front
		if !within(path, dynamic) {
			faults = append(faults, fmt.Sprintf("The field '%s' is required but was missing", lastName(path, names)))
		}
	}
	return faults
}

func within(path string, dynamic []string) bool {
	for _, place := range dynamic {
		if path == place || strings.HasPrefix(path, place+".") || strings.HasPrefix(path, place+"[") {
			return true
		}
	}
	return false
}

// lastName is what the member at the end of a path is called.
func lastName(path string, names naming) string {
	path, _, _ = strings.Cut(path[strings.LastIndexByte(path, '.')+1:], "[")
	return names.member(path)
}
