// Package intrinsic parses and evaluates the intrinsic functions of the Amazon
// States Language, such as
//
//	States.Format('Hello {}', States.ArrayGetItem($.names, 0))
//
// with AWS's rules, limits and failures. Values are those of encoding/json:
// map[string]any, []any, string, float64 or json.Number, bool and nil. What is
// random and what comes from the state is handed in by an Env.
package intrinsic

import (
	"fmt"

	"github.com/mayfly-dev/mayfly/local/asl/jsonpath"
)

// Limits that AWS documents.
const (
	// MaxFunctions is how many functions one field may nest.
	MaxFunctions = 10
	// MaxCharacters is how long a text may be that is encoded or hashed.
	MaxCharacters = 10_000
	// MaxRange is how many elements States.ArrayRange makes.
	MaxRange = 1_000
)

// maxSize bounds what one function returns, in bytes of JSON, about four times
// the largest payload.
const maxSize = 1 << 20

// ErrorName is the States Language's name of every *Error.
const ErrorName = "States.IntrinsicFailure"

// Error is the failure of a function; a state machine sees it as
// States.IntrinsicFailure.
type Error struct {
	Function string // as it is written, "States.Format"
	Reason   string
}

// Error says which function failed and why.
func (e *Error) Error() string {
	return fmt.Sprintf("the function %s failed: %s", e.Function, e.Reason)
}

// ErrorName returns "States.IntrinsicFailure".
func (e *Error) ErrorName() string { return ErrorName }

func failf(format string, args ...any) error {
	return &Error{Reason: fmt.Sprintf(format, args...)}
}

// SyntaxError is a text that is no intrinsic function.
type SyntaxError struct {
	Text   string
	Offset int // byte offset of the offending character
	Reason string
}

// Error describes where and why the text is refused.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("invalid intrinsic function %q at position %d: %s", e.Text, e.Offset, e.Reason)
}

// Env is what an evaluation gets from outside.
type Env struct {
	// Path returns the value that a path names. Its error is returned as it is.
	Path func(*jsonpath.Ref) (any, error)
	// Random returns a number from 0 up to, not including, 1.
	Random func() float64
	// UUID returns a random UUID, version 4.
	UUID func() string
}

// Expr is a parsed function call. It is immutable and safe for concurrent use.
type Expr struct {
	text string
	call *call
}

// String returns the text as it was given to Parse.
func (e *Expr) String() string { return e.text }

// Refs returns the paths that the expression reads, in order of their writing.
func (e *Expr) Refs() []*jsonpath.Ref { return e.call.refs(nil) }

// Eval evaluates the call. The error is an *Error, or Env.Path's own.
func (e *Expr) Eval(env Env) (any, error) { return e.call.eval(&env) }

// argument is a literal, a path or a nested call.
type argument interface {
	eval(env *Env) (any, error)
	refs(list []*jsonpath.Ref) []*jsonpath.Ref
}

type (
	literal struct{ value any }
	// quoted is a string literal. States.Format needs it as it was written, to
	// tell "{}" from "\{}".
	quoted struct{ raw, text string }
	ref    struct{ path *jsonpath.Ref }
	call   struct {
		name     string
		function function
		args     []argument
	}
)

func (l literal) eval(*Env) (any, error) { return l.value, nil }
func (q quoted) eval(*Env) (any, error)  { return q.text, nil }
func (r ref) eval(env *Env) (any, error) { return env.Path(r.path) }

func (l literal) refs(list []*jsonpath.Ref) []*jsonpath.Ref { return list }
func (q quoted) refs(list []*jsonpath.Ref) []*jsonpath.Ref  { return list }
func (r ref) refs(list []*jsonpath.Ref) []*jsonpath.Ref     { return append(list, r.path) }

func (c *call) refs(list []*jsonpath.Ref) []*jsonpath.Ref {
	for _, arg := range c.args {
		list = arg.refs(list)
	}
	return list
}

func (c *call) eval(env *Env) (any, error) {
	values := make([]any, len(c.args))
	for i, arg := range c.args {
		value, err := arg.eval(env)
		if err != nil {
			return nil, err
		}
		if q, ok := arg.(quoted); ok && i == 0 && c.name == "States.Format" {
			value = q.raw
		}
		values[i] = value
	}
	result, err := c.function.call(env, values)
	if failed, ok := err.(*Error); ok { //nolint:errorlint // functions return it unwrapped
		failed.Function = c.name
		return nil, failed
	}
	if err != nil {
		return nil, err
	}
	if size(result, maxSize) > maxSize {
		return nil, &Error{c.name, fmt.Sprintf("the result is over %d bytes", maxSize)}
	}
	return result, nil
}
