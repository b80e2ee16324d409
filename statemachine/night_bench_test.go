package statemachine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/beginnight"
	"github.com/mayfly-dev/mayfly/functions/decidenight"
	"github.com/mayfly-dev/mayfly/functions/endnight"
	"github.com/mayfly-dev/mayfly/functions/settlenight"
	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/notice"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

// The model of CloudFront's API: so many calls in a second, as many at once, and
// how long a change takes to spread. AWS publishes none of these; the last one was
// measured.
const (
	apiRate   = 60
	sweepRate = 7 // sandboxes begun in a second: each asks CloudFront seven times
)

// sweep is an installation of many idle sandboxes. It runs the real definitions
// and the real steps of the night; those of the teardown are modelled by the
// calls that they make to CloudFront.
type sweep struct {
	clock  *asl.VirtualClock
	engine *asl.Engine
	store  *steptest.Store
	nights *steptest.Nights
	steps  map[string]func(context.Context, []byte) ([]byte, error)
	parsed map[string]*asl.Machine

	mu        sync.Mutex
	tokens    float64
	last      time.Time
	throttled int
	calls     int
}

// asks takes a token for each call to CloudFront, or is refused.
func (s *sweep) asks(calls int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	s.tokens = min(s.tokens+now.Sub(s.last).Seconds()*apiRate, apiRate)
	s.last = now
	if s.tokens < float64(calls) {
		s.throttled++
		return &asl.TaskError{Name: "Throttling", Cause: "Rate exceeded"}
	}
	s.tokens -= float64(calls)
	s.calls += calls
	return nil
}

// idle says that nobody has used anything.
type idle struct{ clock *asl.VirtualClock }

func (nobody idle) Read(_ context.Context, subjects []activity.Subject, since time.Time) []activity.Activity {
	all := make([]activity.Activity, len(subjects))
	for i, s := range subjects {
		all[i] = activity.Activity{Last: s.Known, Since: since, Until: nobody.clock.Now()}
	}
	return all
}

func newSweep(b *testing.B, n int) *sweep {
	b.Helper()
	now := time.Date(2026, 7, 1, 3, 0, 0, 0, time.UTC)
	s := &sweep{clock: asl.NewVirtualClock(now), nights: steptest.NewNights(), tokens: apiRate, last: now, parsed: map[string]*asl.Machine{}}
	boxes := make([]sandbox.Sandbox, n)
	for i := range boxes {
		box := steptest.New(now.Add(-60 * 24 * time.Hour))
		box.ID, box.Name, box.Phase = fmt.Sprintf("id%05d", i), fmt.Sprintf("s%05d", i), sandbox.PhaseSleeping
		box.Spec = sandbox.Defaults(box.Spec)
		box.AsleepSince, box.WarnedAt = now.Add(-9*24*time.Hour), now.Add(-2*24*time.Hour)
		box.Resources = map[sandbox.Kind]sandbox.Resource{sandbox.KindDistribution: {Kind: sandbox.KindDistribution, ID: "E" + box.ID, Status: sandbox.StatusMade}}
		boxes[i] = box
	}
	s.store = steptest.NewStore(s.clock.Now, boxes...)
	planner := night.Planner{Sandboxes: s.store, Uses: idle{s.clock}, Now: s.clock.Now}
	s.steps = map[string]func(context.Context, []byte) ([]byte, error){
		"beginnight":  step(beginnight.New(nil, s.nights, s.clock.Now).Handle),
		"decidenight": step(decidenight.New(planner, s.store, s.nights, decidenight.Options{Sleep: arnOf("sleep"), Teardown: arnOf("teardown"), Page: decidenight.Page, Interval: time.Second / sweepRate, Now: s.clock.Now}).Handle),
		"settlenight": step(settlenight.New(s.store, s.nights, settlenight.Options{Every: time.Minute, GiveUp: 3 * time.Hour, Now: s.clock.Now}).Handle),
		"endnight":    step(endnight.New(s.nights, notice.Teller{}, s.clock.Now).Handle),

		"beginteardown":       s.model(0, `{"distribution":{"id":"E1"}}`),
		"disabledistribution": s.model(2, `{"id":"E1","deployed":false,"waitSeconds":170}`),
		"awaitdistribution":   s.model(1, `{"id":"E1","deployed":true,"waitSeconds":0}`),
		"deletedistribution":  s.model(2, `{}`),
		"deleteoai":           s.model(2, `{}`),
		"emptybucket":         s.model(0, `{"done":true}`),
		"forget":              s.forget,
		"record":              s.model(0, `{"phase":"failed"}`),
	}
	var err error
	if s.engine, err = asl.New(asl.Options{Tasks: s, Clock: s.clock, Jitter: func() float64 { return 0.5 }}); err != nil {
		b.Fatal(err)
	}
	for _, name := range []string{"nightly", "teardown"} {
		s.parsed[name] = bind(b, name)
	}
	return s
}

// model is a step that takes half a second and so many calls to CloudFront.
func (s *sweep) model(calls int, answer string) func(context.Context, []byte) ([]byte, error) {
	return func(ctx context.Context, _ []byte) ([]byte, error) {
		if err := s.clock.Sleep(ctx, 500*time.Millisecond); err != nil {
			return nil, err
		}
		return []byte(answer), s.asks(calls)
	}
}

func (s *sweep) forget(ctx context.Context, input []byte) ([]byte, error) {
	var flow events.Flow
	if err := json.Unmarshal(input, &flow); err != nil {
		return nil, err
	}
	return []byte(`{}`), s.store.Remove(ctx, sandbox.RefOf(flow.Sandbox))
}

// RunTask runs a step, or starts an execution.
func (s *sweep) RunTask(ctx context.Context, task asl.Task) ([]byte, error) {
	if name, ok := strings.CutPrefix(task.Resource, functionPrefix); ok {
		do, ok := s.steps[name]
		if !ok { // another step of the teardown, which asks CloudFront nothing
			do = s.model(0, `{}`)
		}
		answer, err := do(ctx, task.Input)
		if err != nil {
			var known *asl.TaskError
			if !errors.As(err, &known) {
				err = &asl.TaskError{Name: "States.TaskFailed", Cause: err.Error()}
			}
			return nil, err
		}
		return answer, nil
	}
	var in struct {
		StateMachineArn, Name string
		Input                 json.RawMessage
	}
	if err := json.Unmarshal(task.Input, &in); err != nil {
		return nil, err
	}
	name := in.StateMachineArn[strings.LastIndex(in.StateMachineArn, "-")+1:]
	if s.parsed[name] == nil { // the orphans, of which there are none
		return []byte(`{"Status":"SUCCEEDED","Output":{"found":{"orphans":0,"proven":0,"gone":0}}}`), nil
	}
	started, err := s.engine.Start(ctx, asl.StartInput{Machine: s.parsed[name], MachineARN: in.StateMachineArn, Name: in.Name, Input: in.Input})
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]string{"ExecutionArn": started.ExecutionARN})
}

// BenchmarkNight sweeps 10,000 sandboxes that slept long enough, under the model
// of CloudFront, in virtual time: the figures but the first are of that.
func BenchmarkNight(b *testing.B) {
	const n = 10_000
	for b.Loop() {
		s := newSweep(b, n)
		began := s.clock.Now()
		started, err := s.engine.Start(b.Context(), asl.StartInput{Machine: s.parsed["nightly"], MachineARN: arnOf("nightly"), Name: "night", Input: []byte(`{}`)})
		if err != nil {
			b.Fatal(err)
		}
		result, err := s.engine.Wait(b.Context(), started.ExecutionARN)
		if err != nil || result.Status != asl.StatusSucceeded {
			b.Fatalf("the night ended %s: %s, %s, %v", result.Status, result.Error, result.Cause, err)
		}
		nights, _, err := s.nights.ListNights(b.Context(), sandbox.Page{Limit: 1})
		if err != nil || len(nights) != 1 || nights[0].Counts.Teardown != n || nights[0].Counts.Ended != n {
			b.Fatalf("the night is %+v, %v", nights, err)
		}
		b.ReportMetric(s.clock.Now().Sub(began).Minutes(), "virtual-min/night")
		b.ReportMetric(float64(s.calls), "calls/night")
		b.ReportMetric(float64(s.throttled), "throttled/night")
		if err := s.engine.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
