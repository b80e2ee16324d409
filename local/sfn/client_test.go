package sfn_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/journal"
	"github.com/mayfly-dev/mayfly/local/lambda"
	"github.com/mayfly-dev/mayfly/local/sfn"
)

const role = "arn:aws:iam::000000000000:role/states"

// functions is an Invoker over Go functions.
type functions map[string]func(ctx context.Context, payload []byte) ([]byte, error)

type missing struct{ function string }

func (m missing) Error() string     { return "Function not found: " + m.function }
func (m missing) ErrorName() string { return "Lambda.ResourceNotFoundException" }

func (f functions) Invoke(ctx context.Context, arn string, payload []byte) ([]byte, error) {
	call, ok := f[arn]
	if !ok {
		return nil, missing{arn}
	}
	return call(ctx, payload)
}

func functionARN(name string) string { return "arn:aws:lambda:us-east-1:000000000000:function:" + name }

// cloud is a service with a client of AWS's own SDK, over a folder that outlives it.
type cloud struct {
	*api.Client
	service *sfn.Service
	close   func()
	made    int // machines of single tasks
}

func start(t testing.TB, dir string, lambda sfn.Invoker, change ...func(*sfn.Options)) *cloud {
	t.Helper()
	t.Setenv("AWS_CA_BUNDLE", "")
	log, err := journal.Open(filepath.Join(dir, "journal"), journal.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	options := sfn.Options{
		Dir: filepath.Join(dir, "states"), Lambda: lambda,
		Engine: func(tasks asl.TaskRunner) (*asl.Engine, error) {
			return asl.New(asl.Options{Tasks: tasks, Journal: log})
		},
	}
	for _, edit := range change {
		edit(&options)
	}
	service, err := sfn.New(options)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(service)
	var once sync.Once
	c := &cloud{service: service}
	c.close = func() {
		once.Do(func() {
			server.CloseClientConnections()
			server.Close()
			if err := service.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(c.close)
	c.Client = api.New(api.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(server.URL), HTTPClient: server.Client(), RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
		EndpointResolverV2: nil,
	}, func(o *api.Options) {
		// StartSyncExecution is sent to "sync-" in front of the host on AWS.
		o.APIOptions = append(o.APIOptions, disableHostPrefix)
	})
	return c
}

func (c *cloud) create(t testing.TB, name, definition string, change ...func(*api.CreateStateMachineInput)) string {
	t.Helper()
	in := &api.CreateStateMachineInput{Name: &name, Definition: &definition, RoleArn: aws.String(role)}
	for _, edit := range change {
		edit(in)
	}
	out, err := c.CreateStateMachine(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return *out.StateMachineArn
}

func express(in *api.CreateStateMachineInput) { in.Type = types.StateMachineTypeExpress }

func (c *cloud) run(t testing.TB, machine, name, input string) string {
	t.Helper()
	in := &api.StartExecutionInput{StateMachineArn: &machine, Input: &input}
	if name != "" {
		in.Name = &name
	}
	out, err := c.StartExecution(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return *out.ExecutionArn
}

// finish waits until an execution has ended and describes it.
func (c *cloud) finish(t *testing.T, execution string) *api.DescribeExecutionOutput {
	t.Helper()
	if _, err := c.service.Engine().Wait(t.Context(), execution); err != nil {
		t.Fatal(err)
	}
	out, err := c.DescribeExecution(t.Context(), &api.DescribeExecutionInput{ExecutionArn: &execution})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// until waits for an event of a running execution.
func (c *cloud) until(t *testing.T, execution, event string) {
	t.Helper()
	for {
		events, err := c.service.Engine().Events(execution)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(events, func(e asl.Event) bool { return e.Type == event }) {
			return
		}
		if t.Context().Err() != nil {
			t.Fatalf("no %s in %s", event, execution)
		}
		runtime.Gosched()
	}
}

// refused asserts that err is AWS's error of that code.
func refused(t *testing.T, what string, err error, code string) {
	t.Helper()
	var refusal smithy.APIError
	if !errors.As(err, &refusal) || refusal.ErrorCode() != code || refusal.ErrorMessage() == "" {
		t.Errorf("%s: error %v, want %s", what, err, code)
	}
}

const passing = `{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"},"B":{"Type":"Succeed"}}}`

func task(resource, more string) string {
	return fmt.Sprintf(`{"StartAt":"T","States":{"T":{"Type":"Task","Resource":%q,"End":true%s}}}`, resource, more)
}

func (i invoker) Find(arn string) error { return i.functions.Find(arn) }

// invoker is the local Lambda as Step Functions calls it.
type invoker struct{ functions *lambda.Service }

func (i invoker) Invoke(ctx context.Context, arn string, payload []byte) ([]byte, error) {
	result, err := i.functions.Invoke(ctx, arn, payload)
	var failed *lambda.FunctionError
	if errors.As(err, &failed) {
		return nil, &sfn.FunctionError{ErrorType: failed.Type, ErrorMessage: failed.Message, Payload: failed.Payload()}
	}
	return result, err
}
