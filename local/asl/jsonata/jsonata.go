// Package jsonata evaluates JSONata expressions as the Amazon States Language
// has them: with AWS's functions $partition, $range, $hash, $random, $uuid and
// $parse, and without $eval.
//
// The JSONata is the reference implementation, npm's jsonata 2.2.2, run by a
// JavaScript interpreter in this process. Interpreters are made when they are
// first needed and used again. An expression gets a limited time, and its
// strings, arrays and recursion are bounded, so that a hostile one fails.
//
// Simple expressions need no interpreter: see [Expr.EvalDirect]. What that gives
// is held to what the interpreter gives, by random expressions.
package jsonata

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dop251/goja"
)

// ErrorName is the States Language's name of every *Error.
const ErrorName = "States.QueryEvaluationError"

// MaxTime is how long one evaluation may take. It is far above what an
// expression over a 256 KiB document needs.
const MaxTime = 3 * time.Second

// Codes of failures that are not JSONata's own.
const (
	CodeStack     = "Stack"     // recursion is too deep
	CodeMemory    = "Memory"    // a value is too large
	CodeTimeout   = "Timeout"   // it took longer than MaxTime
	CodeArgument  = "Argument"  // one of AWS's functions refuses an argument
	CodeType      = "Type"      // the result is no JSON
	CodeUndefined = "Undefined" // there is no result
)

// Error is an expression that cannot be compiled or evaluated.
type Error struct {
	// Code is JSONata's own ("S0201", "T2001"), or one of the constants here.
	Code    string
	Message string
	// Position is the offset in the expression, -1 where none is known.
	Position int
}

// Error says what is wrong and where.
func (e *Error) Error() string {
	if e.Position < 0 {
		return e.Message
	}
	return fmt.Sprintf("%s (at position %d)", e.Message, e.Position)
}

// ErrorName returns "States.QueryEvaluationError".
func (e *Error) ErrorName() string { return ErrorName }

// IsUndefined reports whether err says that an expression gave nothing at all,
// which is not null.
func IsUndefined(err error) bool {
	var failed *Error
	return errors.As(err, &failed) && failed.Code == CodeUndefined
}

// Env is what an evaluation gets from outside, beside its input.
type Env struct {
	// Now is the time that $now and $millis tell.
	Now func() time.Time
	// Random returns a number from 0 up to, not including, 1.
	Random func() float64
	// UUID returns a random UUID, version 4.
	UUID func() string
}

// Expr is a compiled expression. It is immutable and safe for concurrent use.
type Expr struct {
	text                      string
	names, free, states, bare []string
	// direct is what Go evaluates by itself; nil when it does not.
	direct term
	refs   []Ref
	// parts are the members of $states, and of these, that it can see; nil for all.
	parts [][]string
}

// Compile checks the expression, given without "{%" and "%}". The error is an
// *Error.
func Compile(text string) (*Expr, error) {
	r, err := idle.take()
	if err != nil {
		return nil, err
	}
	stop := r.limit(context.Background())
	result, err := r.compile(goja.Undefined(), r.vm.ToValue(text))
	if interrupted := stop(); interrupted != nil {
		return nil, interrupted
	}
	if err != nil {
		return nil, scriptError(err)
	}
	defer idle.put(r)
	object := result.ToObject(r.vm)
	if err := r.failure(object); err != nil {
		return nil, err
	}
	e := &Expr{text: text}
	for name, to := range map[string]*[]string{"names": &e.names, "free": &e.free, "states": &e.states, "bare": &e.bare} {
		if err := r.vm.ExportTo(object.Get(name), to); err != nil {
			return nil, fmt.Errorf("%s of %q: %w", name, text, err)
		}
	}
	var parts []string
	if err := r.vm.ExportTo(object.Get("parts"), &parts); err != nil {
		return nil, fmt.Errorf("parts of %q: %w", text, err)
	}
	e.parts = make([][]string, len(parts))
	for i, part := range parts {
		if json.Unmarshal([]byte(part), &e.parts[i]) != nil {
			e.parts = nil // it sees all
			break
		}
	}
	if ast := object.Get("ast"); ast != nil && !goja.IsUndefined(ast) {
		e.compileDirect(ast.String())
	}
	return e, nil
}

// String returns the text as it was given to Compile.
func (e *Expr) String() string { return e.text }

// Variables returns the names, without "$", that the expression mentions: of
// bindings, of JSONata's functions and of its own variables.
func (e *Expr) Variables() []string { return e.names }

// Free returns those of its variables that somebody else must have assigned:
// neither $states, nor a function, nor bound within the expression.
func (e *Expr) Free() []string { return e.free }

// States returns the members of $states that it reads: "input", "context".
func (e *Expr) States() []string { return e.states }

// Parts returns the members of $states that the expression can see, each with
// one of its own members when it sees no other: ["input", "orders"]. all is set
// when it can see the whole.
func (e *Expr) Parts() (parts [][]string, all bool) { return e.parts, e.parts == nil }

// Bare returns what it reads from a document of its own at its top level, which
// AWS refuses: "name", "*", "$".
func (e *Expr) Bare() []string { return e.bare }

// Eval evaluates the expression and returns a value of encoding/json's kinds.
// The input is what "$" and plain names refer to; AWS gives none, which is nil.
// A binding is anything that can be marshalled, or JSON as json.RawMessage. The
// error is an *Error, or ctx's.
func (e *Expr) Eval(ctx context.Context, env Env, input any, bindings map[string]any) (any, error) {
	text, err := e.EvalJSON(ctx, env, input, bindings)
	if err != nil {
		return nil, err
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return nil, fmt.Errorf("decode the result of %q: %w", e.text, err)
	}
	return value, nil
}

// EvalJSON is Eval with the result as JSON, its members in the order in which
// the expression made them.
func (e *Expr) EvalJSON(ctx context.Context, env Env, input any, bindings map[string]any) (json.RawMessage, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("evaluate %q: %w", e.text, err)
	}
	texts, err := e.marshal(bindings)
	if err != nil {
		return nil, err
	}
	document, err := marshalInput(input)
	if err != nil {
		return nil, err
	}
	r, err := idle.take()
	if err != nil {
		return nil, err
	}
	return r.run(ctx, env, e.text, document, texts)
}

// marshal encodes the bindings that the expression mentions.
func (e *Expr) marshal(bindings map[string]any) (map[string]any, error) {
	texts := make(map[string]any, len(bindings))
	for _, name := range e.names {
		value, ok := bindings[name]
		if !ok {
			continue
		}
		text, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("binding %q: %w", name, err)
		}
		texts[name] = string(text)
	}
	return texts, nil
}

func marshalInput(input any) (any, error) {
	if input == nil {
		return nil, nil
	}
	text, err := json.Marshal(input)
	if err != nil {
		return nil, fmt.Errorf("input: %w", err)
	}
	return string(text), nil
}
