package jsonata

import (
	"context"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/dop251/goja"

	"github.com/mayfly-dev/mayfly/local/asl/intrinsic"
)

var (
	//go:embed jsonata-2.2.2/jsonata.min.js
	library string
	//go:embed prelude.js
	prelude string
)

// program is the library and the prelude, compiled once for every interpreter.
var program = sync.OnceValues(func() ([2]*goja.Program, error) {
	text, err := synchronous(library)
	if err != nil {
		return [2]*goja.Program{}, err
	}
	first, err := goja.Compile("jsonata.js", text, false)
	if err != nil {
		return [2]*goja.Program{}, fmt.Errorf("compile JSONata: %w", err)
	}
	second, err := goja.Compile("prelude.js", prelude, true)
	if err != nil {
		return [2]*goja.Program{}, fmt.Errorf("compile the prelude: %w", err)
	}
	return [2]*goja.Program{first, second}, nil
})

// synchronous makes plain functions of the library's asynchronous ones. They are
// asynchronous for functions that their users bring along, of which there are
// none here, and most of the time would go into promises. What it replaces is
// counted, so that another version of the library is looked at anew.
func synchronous(text string) (string, error) {
	for _, r := range []struct {
		old, with string
		times     int
	}{
		{"async function", "function", 43}, {"async(", "(", 3}, {"await Promise.all(", "(", 2}, {"await ", "", 101},
	} {
		if n := strings.Count(text, r.old); n != r.times {
			return "", fmt.Errorf("JSONata has %q %d times instead of %d", r.old, n, r.times)
		}
		text = strings.ReplaceAll(text, r.old, r.with)
	}
	return text, nil
}

// maxCallStack bounds JavaScript's own recursion, which deep nesting uses up.
const maxCallStack = 8000

// interpreter is one JavaScript runtime with the library in it. One goroutine
// at a time uses it.
type interpreter struct {
	vm                *goja.Runtime
	compile, evaluate goja.Callable
	env               Env
}

// pool keeps interpreters that are not in use. It is a cache: nothing that an
// expression does can be seen by the next.
type pool struct {
	mu   sync.Mutex
	free []*interpreter
}

var idle pool

func (p *pool) take() (*interpreter, error) {
	p.mu.Lock()
	if last := len(p.free) - 1; last >= 0 {
		r := p.free[last]
		p.free = p.free[:last]
		p.mu.Unlock()
		return r, nil
	}
	p.mu.Unlock()
	return newInterpreter()
}

func (p *pool) put(r *interpreter) {
	r.env = Env{}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) < 2*runtime.GOMAXPROCS(0) {
		p.free = append(p.free, r)
	}
}

func newInterpreter() (*interpreter, error) {
	programs, err := program()
	if err != nil {
		return nil, err
	}
	r := &interpreter{vm: goja.New()}
	r.vm.SetMaxCallStackSize(maxCallStack)
	r.vm.SetRandSource(func() float64 { return r.env.Random() })
	r.vm.SetTimeSource(func() time.Time {
		if r.env.Now == nil { // while compiling
			return time.Time{}
		}
		return r.env.Now()
	})
	if _, err := r.vm.RunProgram(programs[0]); err != nil {
		return nil, fmt.Errorf("load JSONata: %w", err)
	}
	start, err := r.vm.RunProgram(programs[1])
	if err != nil {
		return nil, fmt.Errorf("load the prelude: %w", err)
	}
	run, ok := goja.AssertFunction(start)
	if !ok {
		return nil, errors.New("the prelude is no function")
	}
	result, err := run(goja.Undefined(), r.vm.Get("jsonata"), r.vm.ToValue(r.host()))
	if err != nil {
		return nil, fmt.Errorf("start the prelude: %w", err)
	}
	object := result.ToObject(r.vm)
	r.compile, _ = goja.AssertFunction(object.Get("compile"))
	r.evaluate, ok = goja.AssertFunction(object.Get("evaluate"))
	if r.compile == nil || !ok {
		return nil, errors.New("the prelude lacks its functions")
	}
	return r, r.lock()
}

// lock takes away the ways from a value to its prototype, which others share,
// and to code that is made of a string.
func (r *interpreter) lock() error {
	_, err := r.vm.RunString(`(function () {
  for (const f of [function () {}, async function () {}, function* () {}]) delete Object.getPrototypeOf(f).constructor;
  for (const c of [Object, Array, String, Number, Boolean, Date, RegExp, Error, Promise, Map, Symbol]) delete c.prototype.constructor;
  delete Object.prototype.__proto__;
  delete globalThis.Function; delete globalThis.eval;
})()`)
	if err != nil {
		return fmt.Errorf("lock the interpreter: %w", err)
	}
	return nil
}

// host is what the prelude calls.
func (r *interpreter) host() map[string]any {
	return map[string]any{
		"regex": r.regex,
		"hash": func(text, algorithm string) string {
			digest, err := intrinsic.Hash(text, algorithm)
			if err != nil {
				r.throw(CodeArgument, "the algorithm is none of MD5, SHA-1, SHA-256, SHA-384 and SHA-512")
			}
			return digest
		},
		"random": func(seed int64) float64 {
			return rand.New(rand.NewPCG(uint64(seed), 0)).Float64() //nolint:gosec // a seeded number is no secret
		},
		"uuid":         func() string { return r.env.UUID() },
		"base64encode": func(text string) string { return base64.StdEncoding.EncodeToString(latin1(text)) },
		"base64decode": func(text string) string {
			decoded, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				r.throw(CodeArgument, "the string is no base64")
			}
			return fromLatin1(decoded)
		},
	}
}

// throw raises a JavaScript error of the kind that the library raises.
func (r *interpreter) throw(code, message string) {
	panic(r.vm.ToValue(map[string]any{"code": code, "message": message}))
}

// limit interrupts the interpreter when the time is up or ctx ends. Stop ends
// that, and says whether it happened; the interpreter must not be used then.
func (r *interpreter) limit(ctx context.Context) (stop func() error) {
	timer := time.AfterFunc(MaxTime, func() {
		r.vm.Interrupt(errTimeout())
	})
	ended := context.AfterFunc(ctx, func() { r.vm.Interrupt(ctx.Err()) })
	return func() error {
		inTime, going := timer.Stop(), ended()
		switch {
		case !inTime:
			return errTimeout()
		case !going:
			return fmt.Errorf("evaluate: %w", ctx.Err())
		}
		return nil
	}
}

// run evaluates and gives the interpreter back.
func (r *interpreter) run(ctx context.Context, env Env, text string, input any, bindings map[string]any) (json.RawMessage, error) {
	r.env = env
	stop := r.limit(ctx)
	result, err := r.evaluate(goja.Undefined(), r.vm.ToValue(text), r.vm.ToValue(input), r.vm.ToValue(bindings))
	if interrupted := stop(); interrupted != nil {
		return nil, interrupted
	}
	if err != nil {
		return nil, scriptError(err)
	}
	out := result.ToObject(r.vm)
	if err := r.failure(out); err != nil {
		defer idle.put(r)
		return nil, err
	}
	defer idle.put(r)
	value := out.Get("result")
	if value == nil || goja.IsUndefined(value) {
		return nil, &Error{Code: CodeUndefined, Message: "the expression returned nothing (undefined)", Position: -1}
	}
	return json.RawMessage(value.String()), nil
}

// failure reads what the prelude's failure wrote.
func (r *interpreter) failure(out *goja.Object) error {
	code := out.Get("code")
	if code == nil {
		return nil
	}
	failed := &Error{Code: code.String(), Message: out.Get("message").String(), Position: int(out.Get("position").ToInteger())}
	switch failed.Code {
	case CodeStack:
		return errStack()
	case CodeMemory:
		failed.Message = "Expression evaluation memory limit exceeded: Check for excessive memory usage"
	}
	return failed
}

// What AWS says of an expression that reaches a limit.
func errStack() *Error {
	return &Error{Code: CodeStack, Position: -1, Message: "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive."}
}

func errTimeout() *Error {
	return &Error{Code: CodeTimeout, Position: -1, Message: "Expression evaluation timeout: Check for infinite loop"}
}

// scriptError is an error that the prelude did not catch: the interpreter's own
// stack ran over.
func scriptError(err error) error {
	var overflow *goja.StackOverflowError
	if errors.As(err, &overflow) {
		return errStack()
	}
	return &Error{Code: CodeStack, Message: "the expression cannot be run: " + err.Error(), Position: -1}
}

// latin1 and fromLatin1 take each character for a byte, as JavaScript's base64
// functions do.
func latin1(text string) []byte {
	data := make([]byte, 0, len(text))
	for _, r := range text {
		data = append(data, byte(r)) //nolint:gosec // as JavaScript's "binary" encoding does
	}
	return data
}

func fromLatin1(data []byte) string {
	runes := make([]rune, len(data))
	for i, b := range data {
		runes[i] = rune(b)
	}
	return string(runes)
}
