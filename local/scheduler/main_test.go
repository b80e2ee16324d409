package scheduler_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"go.uber.org/goleak"

	local "github.com/mayfly-dev/mayfly/local/scheduler"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	machine = "arn:aws:states:us-east-1:000000000000:stateMachine:mayfly-nightly"
	role    = "arn:aws:iam::000000000000:role/scheduler"
	letters = "arn:aws:sqs:us-east-1:000000000000:letters"
)

// handed answers requests without a network, so that virtual time goes on.
type handed struct{ http.Handler }

func (h handed) Do(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), nil
}

// once answers the first request as if its answer had been lost.
type once struct {
	handed
	lost bool
}

func (o *once) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer, err := o.handed.Do(r)
	if !o.lost {
		o.lost = true
		return nil, errors.Join(err, io.ErrUnexpectedEOF)
	}
	return answer, err
}

func client(transport scheduler.HTTPClient) *scheduler.Client {
	return scheduler.New(scheduler.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://scheduler.test"), HTTPClient: transport,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer:     aws.NopRetryer{},
	})
}

// world is a service, what it has called, and a clock that can be set.
type world struct {
	t       *testing.T
	dir     string
	service *local.Service
	*scheduler.Client

	mu      sync.Mutex
	offset  time.Duration
	made    []local.Delivery
	buried  []map[string]string
	fail    func(local.Delivery) error
	waiting func(context.Context) // called in each delivery
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	w.open()
	t.Cleanup(w.close)
	return w
}

func (w *world) open() {
	w.t.Helper()
	var err error
	if w.service, err = local.New(local.Options{Dir: w.dir, Targets: w, DeadLetters: w, Now: w.now, Random: func() float64 { return 0.5 }}); err != nil {
		w.t.Fatal(err)
	}
	w.Client = client(handed{w.service})
}

func (w *world) close() {
	if err := w.service.Close(); err != nil {
		w.t.Error(err)
	}
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.offset)
}

// set sets the clock.
func (w *world) set(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.offset = time.Until(at)
}

func (w *world) Deliver(ctx context.Context, d local.Delivery) error {
	w.mu.Lock()
	w.made = append(w.made, d)
	fail, waiting := w.fail, w.waiting
	w.mu.Unlock()
	if waiting != nil {
		waiting(ctx)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if fail != nil {
		return fail(d)
	}
	return nil
}

func (w *world) Keep(_ context.Context, queueARN, body string, attributes map[string]string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	attributes["queue"], attributes["body"] = queueARN, body
	w.buried = append(w.buried, attributes)
	return nil
}

// runs are the times for which targets were called.
func (w *world) runs() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	times := []string{}
	for _, d := range w.made {
		times = append(times, d.Scheduled.Format("02 15:04"))
	}
	return times
}

// nightly is a schedule that the tests change.
func nightly(change ...func(*scheduler.CreateScheduleInput)) *scheduler.CreateScheduleInput {
	in := &scheduler.CreateScheduleInput{
		Name: aws.String("nightly"), ScheduleExpression: aws.String("cron(0 3 * * ? *)"), ScheduleExpressionTimezone: aws.String("Europe/Berlin"),
		FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
		Target:             &types.Target{Arn: aws.String(machine), RoleArn: aws.String(role)},
	}
	for _, c := range change {
		c(in)
	}
	return in
}

func (w *world) create(change ...func(*scheduler.CreateScheduleInput)) {
	w.t.Helper()
	if _, err := w.CreateSchedule(w.t.Context(), nightly(change...)); err != nil {
		w.t.Fatal(err)
	}
}
