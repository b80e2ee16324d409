package lambda

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"sync"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// instance is one process of a function.
type instance struct {
	id     string
	cmd    *exec.Cmd
	work   chan *invocation
	exited chan struct{}
	// exit is why the process ended; it is set before exited is closed.
	exit error

	mu      sync.Mutex
	current *invocation
}

type invocation struct {
	ctx     context.Context
	id      string
	arn     string
	client  []byte // the caller's context as JSON; nil when there is none
	payload []byte
	done    chan answer
}

type answer struct {
	result []byte
	err    error
}

func (i *instance) alive() bool {
	select {
	case <-i.exited:
		return false
	default:
		return true
	}
}

func (i *instance) kill() {
	// The process may have ended already; either way it is gone.
	_ = i.cmd.Process.Kill()
}

// invoke waits until the process takes the invocation and answers it, and says
// whether it was taken. When ctx ends first the process is killed, as Lambda
// does after a timeout: it can't be told to stop.
func (i *instance) invoke(ctx context.Context, payload []byte) (result []byte, taken bool, err error) {
	call := &invocation{ctx: ctx, payload: payload, done: make(chan answer, 1)}
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		call.id, call.arn, call.client = lc.AwsRequestID, lc.InvokedFunctionArn, clientContext(lc)
	}
	select {
	case i.work <- call:
	case <-i.exited:
		return nil, false, i.exitError()
	case <-ctx.Done():
		i.kill()
		return nil, false, ctx.Err()
	}
	select {
	case a := <-call.done:
		return a.result, true, a.err
	case <-i.exited:
		return nil, true, i.exitError()
	case <-ctx.Done():
		i.kill()
		return nil, true, ctx.Err()
	}
}

func (i *instance) exitError() error {
	return &FunctionError{Type: "Runtime.ExitError", Message: fmt.Sprintf("%s: the process ended without an answer: %v", i.id, i.exit)}
}

// take makes call the one that the process is working on.
func (i *instance) take(call *invocation) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.current = call
}

// answered returns the call that the process is working on if it has this id,
// once.
func (i *instance) answered(id string) *invocation {
	i.mu.Lock()
	defer i.mu.Unlock()
	call := i.current
	if call == nil || call.id != id {
		return nil
	}
	i.current = nil
	return call
}

// clientContext is what the caller said of itself, as the Runtime API has it.
func clientContext(lc *lambdacontext.LambdaContext) []byte {
	about := lc.ClientContext
	if about.Client == (lambdacontext.ClientApplication{}) && about.Env == nil && about.Custom == nil {
		return nil
	}
	text, err := json.Marshal(about)
	if err != nil { // strings always marshal
		panic(err)
	}
	return text
}
