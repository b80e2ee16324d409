package local

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local/bus"
	"github.com/mayfly-dev/mayfly/local/ecr"
	"github.com/mayfly-dev/mayfly/local/lambda"
	"github.com/mayfly-dev/mayfly/local/sqs"
)

// executions starts executions of state machines.
type executions interface {
	StartExecution(ctx context.Context, in *sfn.StartExecutionInput, options ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error)
}

// targets are what event rules can call: state machines, functions and queues.
type targets struct {
	states    executions
	functions *lambda.Service
	queues    *sqs.Service
}

// The codes of errors that a dead letter tells of.
const (
	noResource  = "NO_RESOURCE"
	clientError = "SDK_CLIENT_ERROR"
)

// Deliver calls the target that an ARN names.
func (t targets) Deliver(ctx context.Context, d bus.Delivery) error {
	switch service, _, _ := strings.Cut(strings.TrimPrefix(d.TargetARN, "arn:aws:"), ":"); service {
	case "states":
		return t.start(ctx, d)
	case "lambda":
		return t.invoke(ctx, d)
	case "sqs":
		return t.send(d)
	default:
		return final(noResource, fmt.Errorf("%s: a target of the service %q is not part of this local cloud", d.TargetARN, service))
	}
}

func final(code string, err error) error { return &bus.TargetError{Code: code, Final: true, Err: err} }

// start starts an execution whose name derives from the delivery, so that one
// which is made twice, after a crash, is the same execution. AWS makes another
// one then; a duplicate made on purpose is another delivery, and starts another.
func (t targets) start(ctx context.Context, d bus.Delivery) error {
	_, err := t.states.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: &d.TargetARN, Name: aws.String(executionName(d)), Input: aws.String(string(d.Input)),
	})
	var (
		already *sfntypes.ExecutionAlreadyExists
		missing *sfntypes.StateMachineDoesNotExist
		going   *sfntypes.StateMachineDeleting
		badARN  *sfntypes.InvalidArn
		badJSON *sfntypes.InvalidExecutionInput
	)
	switch {
	case err == nil, errors.As(err, &already):
		return nil
	case errors.As(err, &missing), errors.As(err, &going):
		return final(noResource, err)
	case errors.As(err, &badARN), errors.As(err, &badJSON):
		return final(clientError, err)
	}
	return err
}

// executionName looks like the names that EventBridge makes: the event's ID, and
// another one of the delivery.
func executionName(d bus.Delivery) string {
	sum := sha256.Sum256([]byte(d.ID))
	return fmt.Sprintf("%.40s_%x-%x-%x-%x-%x", d.EventID, sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// invoke runs a function, and waits for it: one that fails is a target that
// fails.
func (t targets) invoke(ctx context.Context, d bus.Delivery) error {
	_, err := t.functions.Invoke(ctx, d.TargetARN, d.Input)
	var missing *lambda.NotFoundError
	if errors.As(err, &missing) {
		return final(noResource, err)
	}
	return err
}

func (t targets) send(d bus.Delivery) error {
	_, err := t.queues.Send(sqs.Name(d.TargetARN), string(d.Input), nil)
	if errors.Is(err, sqs.ErrNoQueue) {
		return final(noResource, fmt.Errorf("%s: %w", d.TargetARN, err))
	}
	return err
}

// deadLetters keeps the events that could not be delivered in queues, with the
// attributes that EventBridge gives them. A queue that is not there is made
// rather than an event dropped.
type deadLetters struct{ queues *sqs.Service }

// Keep puts a letter in the queue with an ARN.
func (q deadLetters) Keep(_ context.Context, queueARN string, letter bus.DeadLetter) error {
	name := sqs.Name(queueARN)
	if err := q.queues.Create(name); err != nil {
		return err
	}
	attributes := map[string]sqs.Attribute{}
	for key, value := range map[string]string{
		"RULE_ARN": letter.RuleARN, "TARGET_ARN": letter.TargetARN, "ERROR_CODE": letter.ErrorCode, "ERROR_MESSAGE": letter.ErrorMessage,
		"EXHAUSTED_RETRY_CONDITION": letter.Exhausted, "RETRY_ATTEMPTS": strconv.Itoa(letter.Retries),
	} {
		if value != "" {
			attributes[key] = sqs.Attribute{DataType: "String", StringValue: value}
		}
	}
	_, err := q.queues.Send(name, string(letter.Event), attributes)
	return err
}

// imageEvents tells the default bus what happened to images.
type imageEvents struct{ bus *bus.Service }

// Put puts an event of ECR's.
func (e imageEvents) Put(ctx context.Context, event ecr.Event) error {
	results, err := e.bus.Put(ctx, bus.Entry{
		ID: event.ID, Source: events.SourceECR, DetailType: event.DetailType, Detail: event.Detail, Resources: event.Resources, Time: event.Time,
	})
	if err == nil && results[0].ErrorCode != "" {
		err = fmt.Errorf("%s: %s", results[0].ErrorCode, results[0].ErrorMessage)
	}
	return err
}
