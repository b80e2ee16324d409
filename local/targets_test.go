package local

import (
	"context"
	"errors"
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/local/bus"
	"github.com/mayfly-dev/mayfly/local/ecr"
	"github.com/mayfly-dev/mayfly/local/lambda"
	"github.com/mayfly-dev/mayfly/local/sqs"
)

// starter notes what it is asked to start, and answers with an error.
type starter struct {
	got []sfn.StartExecutionInput
	err error
}

func (s *starter) StartExecution(_ context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	s.got = append(s.got, *in)
	return &sfn.StartExecutionOutput{}, s.err
}

type function func() error

func (f function) Invoke(context.Context, []byte) ([]byte, error) { return nil, f() }

func newQueues(t *testing.T) *sqs.Service {
	t.Helper()
	queues, err := sqs.New(sqs.Options{Dir: t.TempDir(), NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := queues.Close(); err != nil {
			t.Error(err)
		}
	})
	return queues
}

// What trying again is of use for is told apart from what it is not.
func TestTargetsTellErrorsApart(t *testing.T) {
	const (
		machine = "arn:aws:states:us-east-1:000000000000:stateMachine:m"
		known   = "arn:aws:lambda:us-east-1:000000000000:function:known"
	)
	for name, row := range map[string]struct {
		arn         string
		states, run error
		failed      bool
		final       bool
		code        string
	}{
		"an execution":            {arn: machine},
		"started already":         {arn: machine, states: &sfntypes.ExecutionAlreadyExists{}},
		"no machine":              {arn: machine, states: &sfntypes.StateMachineDoesNotExist{}, failed: true, final: true, code: "NO_RESOURCE"},
		"a machine that goes":     {arn: machine, states: &sfntypes.StateMachineDeleting{}, failed: true, final: true, code: "NO_RESOURCE"},
		"a bad ARN":               {arn: machine, states: &sfntypes.InvalidArn{}, failed: true, final: true, code: "SDK_CLIENT_ERROR"},
		"a bad input":             {arn: machine, states: &sfntypes.InvalidExecutionInput{}, failed: true, final: true, code: "SDK_CLIENT_ERROR"},
		"too many executions":     {arn: machine, states: &sfntypes.ExecutionLimitExceeded{}, failed: true},
		"throttled":               {arn: machine, states: &smithy.GenericAPIError{Code: "ThrottlingException"}, failed: true},
		"out of reach":            {arn: machine, states: errors.New("connection refused"), failed: true},
		"a function":              {arn: known},
		"a function that fails":   {arn: known, run: &lambda.FunctionError{Type: "Error", Message: "no"}, failed: true},
		"no function":             {arn: known + "-not", failed: true, final: true, code: "NO_RESOURCE"},
		"a queue":                 {arn: "arn:aws:sqs:us-east-1:000000000000:q"},
		"no queue":                {arn: "arn:aws:sqs:us-east-1:000000000000:other", failed: true, final: true, code: "NO_RESOURCE"},
		"a service of AWS's only": {arn: "arn:aws:sns:us-east-1:000000000000:topic", failed: true, final: true, code: "NO_RESOURCE"},
	} {
		t.Run(name, func(t *testing.T) {
			functions := lambda.New(lambda.Options{RequestID: func() string { return "id" }})
			functions.Register("known", function(func() error { return row.run }))
			queues := newQueues(t)
			if err := queues.Create("q"); err != nil {
				t.Fatal(err)
			}
			err := targets{&starter{err: row.states}, functions, queues}.Deliver(t.Context(), bus.Delivery{ID: "d", EventID: "e", TargetARN: row.arn, Input: []byte("{}")})
			var told *bus.TargetError
			if (err != nil) != row.failed || errors.As(err, &told) != row.final || told != nil && (!told.Final || told.Code != row.code) {
				t.Errorf("error %v, want one: %v, final: %v", err, row.failed, row.final)
			}
		})
	}
}

// The same delivery is the same execution; another one of the same event is not.
func TestExecutionsAreNamedByTheirDelivery(t *testing.T) {
	states := &starter{}
	called := targets{states: states}
	for _, id := range []string{"one", "one", "two"} {
		if err := called.Deliver(t.Context(), bus.Delivery{ID: id, EventID: "13cde686-328b-6117-af20-0e5566167482", TargetARN: "arn:aws:states:x", Input: []byte(`{"a":1}`)}); err != nil {
			t.Fatal(err)
		}
	}
	names := []string{*states.got[0].Name, *states.got[1].Name, *states.got[2].Name}
	if names[0] != names[1] || names[0] == names[2] || aws.ToString(states.got[0].Input) != `{"a":1}` {
		t.Errorf("names %q", names)
	}
	if !regexp.MustCompile(`^13cde686-328b-6117-af20-0e5566167482_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(names[0]) {
		t.Errorf("name %q", names[0])
	}
}

func TestDeadLettersMakeTheirQueue(t *testing.T) {
	queues := newQueues(t)
	letter := bus.DeadLetter{Event: []byte(`{"id":"e"}`), RuleARN: "rule", TargetARN: "target", ErrorCode: "NO_RESOURCE", ErrorMessage: "gone", Retries: 3}
	for range 2 {
		if err := (deadLetters{queues}).Keep(t.Context(), "arn:aws:sqs:us-east-1:000000000000:dead", letter); err != nil {
			t.Fatal(err)
		}
	}
	all, err := queues.Messages("dead")
	if err != nil || len(all) != 2 || all[0].Body != `{"id":"e"}` || all[0].Attributes["RETRY_ATTEMPTS"].StringValue != "3" || all[0].Attributes["ERROR_CODE"].StringValue != "NO_RESOURCE" {
		t.Errorf("letters %+v, %v", all, err)
	}
	if _, there := all[0].Attributes["EXHAUSTED_RETRY_CONDITION"]; there {
		t.Error("a final error exhausted nothing")
	}
	if err := (deadLetters{queues}).Keep(t.Context(), "arn:aws:sqs:us-east-1:000000000000:no way", letter); err == nil {
		t.Error("a queue of a bad name was made")
	}
}

func TestEventsOfImagesKeepTheirID(t *testing.T) {
	service, err := bus.New(bus.Options{Dir: t.TempDir(), NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	to := imageEvents{service}
	if err := to.Put(t.Context(), ecr.Event{ID: "e", DetailType: "ECR Image Action", Detail: []byte(`{}`)}); err != nil {
		t.Error(err)
	}
	if err := to.Put(t.Context(), ecr.Event{ID: "e", DetailType: "ECR Image Action", Detail: []byte(`text`)}); err == nil {
		t.Error("an event without a detail was taken")
	}
}
