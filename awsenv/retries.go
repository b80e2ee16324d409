package awsenv

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/mayfly-dev/mayfly/metric"
)

// CountRetries makes a client count the requests that it sends again, in the
// metrics of the run that it works for. It is for the APIOptions of an
// aws.Config. It asks for no other middleware: where requests are signed and
// not sent, there is none for retries.
func CountRetries(stack *middleware.Stack) error {
	attempts := middleware.InitializeMiddlewareFunc("CountAttempts", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		return next.HandleInitialize(middleware.WithStackValue(ctx, attemptsKey{}, new(int)), in)
	})
	if err := stack.Initialize.Add(attempts, middleware.Before); err != nil {
		return err
	}
	// What is in the step Deserialize runs once for each attempt.
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("CountRetries", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
		if sent, ok := middleware.GetStackValue(ctx, attemptsKey{}).(*int); ok {
			if *sent++; *sent > 1 {
				metric.Add(ctx, metric.Retries, 1)
			}
		}
		return next.HandleDeserialize(ctx, in)
	}), middleware.Before)
}

type attemptsKey struct{}
