package bus_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	api "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/local/bus"
)

const account = "000000000000"

func arn(service, resource string) string {
	return "arn:aws:" + service + ":us-east-1:" + account + ":" + resource
}

// target is a set of targets that notes what it gets, and fails as it is told.
type target struct {
	mu    sync.Mutex
	got   []bus.Delivery
	fail  func(bus.Delivery) error
	begun chan struct{} // when set, is told of each call
}

func (t *target) Deliver(_ context.Context, d bus.Delivery) error {
	t.mu.Lock()
	t.got = append(t.got, d)
	fail := t.fail
	t.mu.Unlock()
	if t.begun != nil {
		t.begun <- struct{}{}
	}
	if fail != nil {
		return fail(d)
	}
	return nil
}

func (t *target) deliveries() []bus.Delivery {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]bus.Delivery{}, t.got...)
}

// letters is a set of dead-letter queues.
type letters struct {
	mu   sync.Mutex
	kept []bus.DeadLetter
	to   []string
	fail error
}

func (l *letters) Keep(_ context.Context, queue string, letter bus.DeadLetter) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		err := l.fail
		l.fail = nil
		return err
	}
	l.kept, l.to = append(l.kept, letter), append(l.to, queue)
	return nil
}

// driver is a service with a client of AWS's own SDK.
type driver struct {
	*api.Client
	service *bus.Service
	target  *target
	letters *letters
}

func start(t *testing.T, change ...func(*bus.Options)) *driver {
	t.Helper()
	t.Setenv("AWS_CA_BUNDLE", "")
	e := &driver{target: &target{}, letters: &letters{}}
	options := bus.Options{Dir: t.TempDir(), Targets: e.target, DeadLetters: e.letters, NoSync: true}
	for _, edit := range change {
		edit(&options)
	}
	var err error
	if e.service, err = bus.New(options); err != nil {
		t.Fatal(err)
	}
	e.service.Start()
	server := httptest.NewServer(e.service)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		if err := e.service.Close(); err != nil {
			t.Error(err)
		}
	})
	e.Client = api.New(api.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(server.URL), HTTPClient: server.Client(), RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
	return e
}

// rule makes a rule with targets.
func (e *driver) rule(t *testing.T, busName, name, pattern string, targets ...types.Target) {
	t.Helper()
	in := &api.PutRuleInput{Name: &name, EventPattern: &pattern}
	to := &api.PutTargetsInput{Rule: &name, Targets: targets}
	if busName != "" {
		in.EventBusName, to.EventBusName = &busName, &busName
	}
	if _, err := e.PutRule(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if len(targets) == 0 {
		return
	}
	if _, err := e.PutTargets(t.Context(), to); err != nil {
		t.Fatal(err)
	}
}

func (e *driver) put(t *testing.T, entries ...types.PutEventsRequestEntry) *api.PutEventsOutput {
	t.Helper()
	out, err := e.PutEvents(t.Context(), &api.PutEventsInput{Entries: entries})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// idle waits until everything is delivered.
func (e *driver) idle(t *testing.T) {
	t.Helper()
	if err := e.service.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func entry(source, detailType, detail string) types.PutEventsRequestEntry {
	return types.PutEventsRequestEntry{Source: &source, DetailType: &detailType, Detail: &detail}
}

func function(id string) types.Target {
	return types.Target{Id: &id, Arn: aws.String(arn("lambda", "function:"+id))}
}

// refused asserts that err is AWS's error with that code and a message that has
// the text.
func refused(t *testing.T, what string, err error, code, text string) {
	t.Helper()
	var refusal smithy.APIError
	if !errors.As(err, &refusal) || refusal.ErrorCode() != code || refusal.ErrorMessage() == "" || !strings.Contains(refusal.ErrorMessage(), text) {
		t.Errorf("%s: error %v, want %s: %s", what, err, code, text)
	}
}
