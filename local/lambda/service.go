// Package lambda is AWS Lambda on one machine: a registry of functions that
// run in this process, or as the bootstrap binaries that go to AWS, over the
// Lambda Runtime API. Either way a function gets the same JSON and its errors
// the same names.
package lambda

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// Function is something that can be invoked with a JSON payload. A failing
// function returns a *FunctionError.
type Function interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// Options are what a Service needs.
type Options struct {
	// Timeout is how long an invocation may take; zero means Lambda's longest,
	// 15 minutes.
	Timeout time.Duration
	// RequestID returns a new request id for each invocation.
	RequestID func() string
	// Observe, when set, is told of every invocation that ended.
	Observe func(Invocation)
}

// Invocation is what Observe is told.
type Invocation struct {
	Function  string
	RequestID string
	Took      time.Duration
	Err       error
}

// maxTimeout is Lambda's longest function timeout.
const maxTimeout = 15 * time.Minute

// Service holds the functions of one account and region.
type Service struct {
	options   Options
	mu        sync.RWMutex
	functions map[string]Function
}

// New returns a service without functions.
func New(options Options) *Service {
	if options.Timeout == 0 {
		options.Timeout = maxTimeout
	}
	return &Service{options: options, functions: make(map[string]Function)}
}

// Register makes function known under name; a later one replaces it.
func (s *Service) Register(name string, function Function) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.functions[name] = function
}

// Names returns the names of all functions, sorted.
func (s *Service) Names() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.functions))
}

// ARN returns the ARN of the function called name.
func ARN(region, account, name string) string {
	return "arn:aws:lambda:" + region + ":" + account + ":function:" + name
}

// Find returns a *NotFoundError when there is no function of that ARN or name.
func (s *Service) Find(function string) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if _, ok := s.functions[functionName(function)]; !ok {
		return &NotFoundError{Function: function}
	}
	return nil
}

// Invoke runs a function and waits for its answer. The function is named by
// its ARN, with or without a qualifier, or by its name alone. It gets the client
// context of a LambdaContext that ctx has. Invoke returns a *NotFoundError when there is none, and a *FunctionError when it failed.
func (s *Service) Invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	name := functionName(function)
	s.mu.RLock()
	run, ok := s.functions[name]
	s.mu.RUnlock()
	if !ok {
		return nil, &NotFoundError{Function: function}
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.Timeout)
	defer cancel()
	id := s.options.RequestID()
	call := &lambdacontext.LambdaContext{AwsRequestID: id, InvokedFunctionArn: function}
	if given, ok := lambdacontext.FromContext(ctx); ok {
		call.ClientContext = given.ClientContext
	}
	ctx = lambdacontext.NewContext(ctx, call)
	start := time.Now()
	result, err := run.Invoke(ctx, payload)
	if err != nil {
		err = s.classify(ctx, id, err)
	}
	if s.options.Observe != nil {
		s.options.Observe(Invocation{Function: name, RequestID: id, Took: time.Since(start), Err: err})
	}
	return result, err
}

// classify turns a timeout into the error that Lambda gives for it.
func (s *Service) classify(ctx context.Context, id string, err error) error {
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return &FunctionError{
			Type:    "Sandbox.Timedout",
			Message: fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", id, s.options.Timeout.Seconds()),
		}
	}
	return err
}

// functionName returns the name in arn:aws:lambda:REGION:ACCOUNT:function:NAME
// or NAME, either with an optional :QUALIFIER.
func functionName(function string) string {
	const marker = ":function:"
	if i := strings.Index(function, marker); i >= 0 {
		function = function[i+len(marker):]
	}
	name, _, _ := strings.Cut(function, ":")
	return name
}
