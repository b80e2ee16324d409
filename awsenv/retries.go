package awsenv

import (
	"context"

	"github.com/aws/smithy-go/middleware"

	"github.com/mayfly-dev/mayfly/metric"
)

// CountRetries makes a client count the requests that it sends again, in the
// metrics of the run that it works for. It is for the APIOptions of an
// aws.Config.
func CountRetries(stack *middleware.Stack) error {
	attempts := middleware.InitializeMiddlewareFunc("CountAttempts", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		return next.HandleInitialize(middleware.WithStackValue(ctx, attemptsKey{}, new(int)), in)
	})
	if err := stack.Initialize.Add(attempts, middleware.Before); err != nil {
		return err
	}
	// After "Retry" a middleware runs once for each attempt.
	return stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("CountRetries", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
		if sent, ok := middleware.GetStackValue(ctx, attemptsKey{}).(*int); ok {
			if *sent++; *sent > 1 {
				metric.Add(ctx, metric.Retries, 1)
			}
		}
		return next.HandleFinalize(ctx, in)
	}), "Retry", middleware.After)
}

type attemptsKey struct{}
