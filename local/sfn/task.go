package sfn

import (
	"context"
	"fmt"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// integration is the ARN of an optimized or AWS SDK integration taken apart:
// "arn:aws:states:::SERVICE:ACTION.PATTERN".
type integration struct {
	service string // "lambda", "aws-sdk:dynamodb"
	action  string // "invoke"
	pattern string // "", "sync", "sync:2" or "waitForTaskToken"
}

const integrationPrefix = "arn:aws:states:::"

func parseIntegration(resource string) (integration, bool) {
	rest, ok := strings.CutPrefix(resource, integrationPrefix)
	if !ok {
		return integration{}, false
	}
	rest, pattern, _ := strings.Cut(rest, ".")
	at := strings.LastIndexByte(rest, ':')
	if at < 0 {
		return integration{}, false
	}
	return integration{service: rest[:at], action: rest[at+1:], pattern: pattern}, true
}

// RunTask does the work of a Task state: a Lambda function by its ARN, or an
// integration. It implements asl.TaskRunner.
func (s *Service) RunTask(ctx context.Context, t asl.Task) ([]byte, error) {
	select {
	case <-s.ready:
	case <-ctx.Done():
		return nil, fmt.Errorf("run %s: %w", t.Resource, ctx.Err())
	}
	if mocked, ok := s.mocks.Load(t.MachineARN); ok {
		return mocked.(*mock).answer() //nolint:forcetypeassert // nothing else is in it
	}
	if strings.HasPrefix(t.Resource, "arn:aws:lambda:") {
		return s.invoke(ctx, t.Resource, t.Input)
	}
	if i, ok := parseIntegration(t.Resource); ok {
		switch {
		case i.service == "lambda" && i.action == "invoke" && i.pattern != "sync":
			return s.lambdaInvoke(ctx, t.Input)
		case i.service == "states" && i.action == "startExecution":
			return s.nestedExecution(ctx, t, i.pattern)
		}
		target := optimized(i.service, i.action)
		if name, ok := strings.CutPrefix(i.service, "aws-sdk:"); ok {
			target = sdkService(name)
		}
		if target != nil && (i.pattern == "" || i.pattern == "waitForTaskToken") && i.action != "" {
			return s.callAWS(ctx, target, i.action, t.Input)
		}
	}
	return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: fmt.Sprintf("the resource %s is not available here", t.Resource)}
}
