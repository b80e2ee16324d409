// Package invocation is what surrounds each run of a function: its errors get
// the names by which state machines retry and catch them, and one line of log
// says what the run was about, how long it took and how it ended. On AWS the
// same line carries the run's metrics, in CloudWatch's embedded format.
//
// A line has nothing of what a function was handed or answered: no content, no
// payload, no key, and of a URL only what is before its query.
package invocation

import (
	"context"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/metric"
)

// Subject is a step's input, which can say what the run is about.
type Subject interface{ Subject() events.Subject }

// Options say where runs are told of.
type Options struct {
	// Log gets one line for each run: at level info when it succeeded or failed
	// in a way that the flow knows by name, warn when it failed otherwise, and
	// error when a person must look (awserr.IsFault).
	Log *slog.Logger
	// Metrics gets what each run measured. Nil embeds it in the line, which a
	// slog.JSONHandler must write then.
	Metrics func([]metric.Datum)
	// Now is the clock.
	Now func() time.Time
}

// OnLambda returns the options of a function on Lambda: JSON to standard
// output, which Lambda reads.
func OnLambda() Options {
	return Options{Log: slog.New(slog.NewJSONHandler(os.Stdout, nil)), Now: time.Now}
}

// Start runs a step on Lambda. It does not return.
func Start[In Subject, Out any](handle func(context.Context, In) (Out, error)) {
	lambda.Start(Handler(OnLambda(), handle))
}

// Handler wraps a step's handler; lambda.Start and lambda.NewHandler take what
// it returns.
func Handler[In Subject, Out any](o Options, handle func(context.Context, In) (Out, error)) func(context.Context, In) (Out, error) {
	observe := Observer(o)
	return func(ctx context.Context, in In) (out Out, err error) {
		err = observe(ctx, in.Subject(), func(ctx context.Context) error {
			out, err = handle(ctx, in)
			return err
		})
		return out, answer(err)
	}
}

// answer returns err as a function answers it. Lambda's runtime logs what is
// answered, and Step Functions keeps it, so that the text of errors that are
// not Mayfly's own, which may have a signed URL in it, is redacted.
func answer(err error) error {
	if err == nil || awserr.IsNamed(err) {
		return awserr.Answer(err)
	}
	return messages.InvokeResponse_Error{Type: awserr.Name(err), Message: redact(err.Error())}
}

// Observer returns a function that does something as one run and tells of it.
// It returns the error of what it did.
func Observer(o Options) func(ctx context.Context, about events.Subject, do func(context.Context) error) error {
	var warm atomic.Bool
	return func(ctx context.Context, about events.Subject, do func(context.Context) error) error {
		r := run{options: o, about: about, cold: !warm.Swap(true), began: o.Now()}
		r.read(ctx)
		ended := false
		defer func() {
			if !ended { // a panic passes through, to whoever runs the function
				r.end(ctx, panicked{})
			}
		}()
		err := do(metric.With(ctx, &r.measured))
		ended = true
		r.end(ctx, err)
		return err
	}
}

// panicked stands for what a run panicked with. Its own text may have
// anything in it; Lambda answers it, with where it was.
type panicked struct{}

func (panicked) Error() string     { return "the step panicked" }
func (panicked) ErrorName() string { return "Runtime.Panic" }
