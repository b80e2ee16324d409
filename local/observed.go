package local

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/invocation"
	"github.com/mayfly-dev/mayfly/local/lambda"
	"github.com/mayfly-dev/mayfly/metric"
)

// observed is a function in this process whose runs are measured as they are on
// AWS. How one ended is in its execution's history and needs no line of a log.
type observed struct {
	lambda.Function
	arn     string
	observe func(context.Context, events.Subject, func(context.Context) error) error
}

func newObserved(function lambda.Function, arn string, measured func([]metric.Datum)) observed {
	return observed{function, arn, invocation.Observer(invocation.Options{
		Log: slog.New(slog.DiscardHandler), Metrics: measured, Now: time.Now,
	})}
}

// Invoke runs the function.
func (o observed) Invoke(ctx context.Context, payload []byte) (result []byte, err error) {
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{InvokedFunctionArn: o.arn})
	err = o.observe(ctx, events.Subject{}, func(ctx context.Context) error {
		result, err = o.Function.Invoke(ctx, payload)
		return err
	})
	return result, err
}
