package sfn

import (
	"context"
	"fmt"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// RunTask does the work of a Task state: a Lambda function by its ARN, or an
// integration. It implements asl.TaskRunner.
func (s *Service) RunTask(ctx context.Context, t asl.Task) ([]byte, error) {
	select {
	case <-s.ready:
	case <-ctx.Done():
		return nil, fmt.Errorf("run %s: %w", t.Resource, ctx.Err())
	}
	if strings.HasPrefix(t.Resource, "arn:aws:lambda:") {
		if err := s.allowed(t, t.Resource, "lambda:InvokeFunction"); err != nil {
			return nil, err
		}
		return s.invoke(ctx, t.Resource, t.Input)
	}
	i, ok := parseIntegration(t.Resource)
	if !ok {
		return nil, unavailable(t.Resource)
	}
	if name, sdk := i.sdk(); sdk {
		return s.callSDK(ctx, i, name, t)
	}
	switch i.service + ":" + i.action {
	case "lambda:invoke":
		return s.lambdaInvoke(ctx, t)
	case "states:startExecution":
		return s.nestedExecution(ctx, t, i.pattern)
	case "dynamodb:getItem", "dynamodb:putItem", "dynamodb:updateItem", "dynamodb:deleteItem":
		return s.callOptimized(ctx, i, t.Input, olderDynamoDB)
	case "sqs:sendMessage":
		return s.callOptimized(ctx, i, t.Input, olderSQS)
	case "events:putEvents":
		return s.putEvents(ctx, i, t)
	case "sns:publish":
		return s.publish(ctx, t.Input)
	}
	return nil, unavailable(t.Resource)
}

// unavailable is how a task fails that AWS would do and the local cloud cannot.
func unavailable(what string) *asl.TaskError {
	return &asl.TaskError{Name: asl.ErrorRuntime, Cause: what + " is not available in the local cloud"}
}
