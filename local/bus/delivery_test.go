package bus_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mayfly-dev/mayfly/local/bus"
)

// local is a service without a network, for tests in a bubble of time.
type local struct {
	*bus.Service
	target  *target
	letters *letters
	options bus.Options
	began   time.Time
}

func open(t *testing.T, change ...func(*bus.Options)) *local {
	t.Helper()
	l := &local{target: &target{}, letters: &letters{}, began: time.Now()}
	l.options = bus.Options{Dir: t.TempDir(), Targets: l.target, DeadLetters: l.letters, NoSync: true}
	for _, edit := range change {
		edit(&l.options)
	}
	l.reopen(t)
	return l
}

// reopen makes the service anew, as after the process had ended.
func (l *local) reopen(t *testing.T) {
	t.Helper()
	var err error
	if l.Service, err = bus.New(l.options); err != nil {
		t.Fatal(err)
	}
	l.Start()
}

func (l *local) close(t *testing.T) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// do calls an operation of the API.
func (l *local) do(t testing.TB, operation, body string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "AWSEvents."+operation)
	w := httptest.NewRecorder()
	l.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: %s", operation, w.Body)
	}
}

// rule makes a rule for every event, with targets given as JSON.
func (l *local) rule(t *testing.T, targets ...string) {
	t.Helper()
	l.do(t, "PutRule", `{"Name": "r", "EventPattern": "{\"account\": [{\"exists\": true}]}"}`)
	l.do(t, "PutTargets", `{"Rule": "r", "Targets": [`+strings.Join(targets, ",")+`]}`)
}

// put puts an event whose detail is a number, and returns its ID.
func (l *local) put(t *testing.T, n int) string {
	t.Helper()
	results, err := l.Put(t.Context(), bus.Entry{Source: "app", DetailType: "t", Detail: fmt.Appendf(nil, `{"n": %d}`, n)})
	if err != nil || results[0].ErrorCode != "" {
		t.Fatalf("put: %v, %v", results, err)
	}
	return results[0].EventID
}

func to(name, more string) string {
	return fmt.Sprintf(`{"Id": %q, "Arn": %q, "DeadLetterConfig": {"Arn": %q}%s}`, name, arn("lambda", "function:"+name), arn("sqs", "dead"), more)
}

var errDown = errors.New("the target is down")

func TestAFailingTargetIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		l := open(t, func(o *bus.Options) { o.Random = func() float64 { return 1 } })
		defer l.close(t)
		var observed []string
		l.target.fail = func(d bus.Delivery) error {
			at = append(at, time.Since(l.began))
			observed = append(observed, fmt.Sprint(d.Attempt, d.ID == l.target.got[0].ID))
			if d.Attempt < 5 {
				return errDown
			}
			return nil
		}
		l.rule(t, to("f", ""))
		l.put(t, 1)
		if err := l.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := []time.Duration{0, time.Second, 3 * time.Second, 7 * time.Second, 15 * time.Second}; !reflect.DeepEqual(at, want) {
			t.Errorf("tried after %v, want %v", at, want)
		}
		if want := []string{"1 true", "2 true", "3 true", "4 true", "5 true"}; !reflect.DeepEqual(observed, want) {
			t.Errorf("attempts %q", observed)
		}
		if len(l.letters.kept) != 0 {
			t.Errorf("dead letters %+v", l.letters.kept)
		}
	})
}

func TestATargetIsGivenUp(t *testing.T) {
	final := &bus.TargetError{Code: "NO_RESOURCE", Final: true, Err: errors.New("no such function")}
	for name, row := range map[string]struct {
		policy    string
		fail      error
		random    float64
		tries     int
		code      string
		exhausted string
	}{
		"after 185 retries, when they come fast":  {"", errDown, 0, 186, "SDK_CLIENT_ERROR", "MaximumRetryAttempts"},
		"after a day, when they come slowly":      {"", errDown, 1, 153, "SDK_CLIENT_ERROR", "MaximumEventAgeInSeconds"},
		"at once, without retries":                {`, "RetryPolicy": {"MaximumRetryAttempts": 0}`, errDown, 1, 1, "SDK_CLIENT_ERROR", "MaximumRetryAttempts"},
		"after as many as it has":                 {`, "RetryPolicy": {"MaximumRetryAttempts": 3}`, errDown, 1, 4, "SDK_CLIENT_ERROR", "MaximumRetryAttempts"},
		"after a minute":                          {`, "RetryPolicy": {"MaximumEventAgeInSeconds": 60}`, errDown, 1, 6, "SDK_CLIENT_ERROR", "MaximumEventAgeInSeconds"},
		"at once, when trying again is of no use": {"", fmt.Errorf("invoke: %w", final), 1, 1, "NO_RESOURCE", ""},
		"with the target's own code":              {`, "RetryPolicy": {"MaximumRetryAttempts": 1}`, &bus.TargetError{Code: "THROTTLED", Err: errDown}, 1, 2, "THROTTLED", "MaximumRetryAttempts"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := open(t, func(o *bus.Options) { o.Random = func() float64 { return row.random } })
				defer l.close(t)
				l.target.fail = func(bus.Delivery) error { return row.fail }
				l.rule(t, to("f", row.policy+`, "InputPath": "$.detail"`))
				id := l.put(t, 7)
				if err := l.Idle(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := len(l.target.got); got != row.tries {
					t.Errorf("tried %d times, want %d", got, row.tries)
				}
				if len(l.letters.kept) != 1 || l.letters.to[0] != arn("sqs", "dead") {
					t.Fatalf("dead letters %+v to %q", l.letters.kept, l.letters.to)
				}
				letter := l.letters.kept[0]
				var event struct {
					ID     string
					Detail struct{ N int }
				}
				if err := json.Unmarshal(letter.Event, &event); err != nil || event.ID != id || event.Detail.N != 7 {
					t.Errorf("dead event %s: %v", letter.Event, err)
				}
				letter.Event = nil
				want := bus.DeadLetter{
					ID: id + "/0/default/r/f", RuleARN: arn("events", "rule/r"), TargetARN: arn("lambda", "function:f"), ErrorCode: row.code,
					ErrorMessage: errDown.Error(), Exhausted: row.exhausted, Retries: row.tries - 1,
				}
				if row.exhausted == "" {
					want.ErrorMessage = "no such function"
				}
				if !reflect.DeepEqual(letter, want) {
					t.Errorf("dead letter %+v\nwant %+v", letter, want)
				}
			})
		})
	}
}

func TestAnInputThatCannotBeMadeIsDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t)
		defer l.close(t)
		l.rule(t, to("f", `, "InputPath": "$.detail.missing"`))
		l.put(t, 1)
		if err := l.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(l.target.got) != 0 || len(l.letters.kept) != 1 || l.letters.kept[0].ErrorCode != "INVALID_JSON" {
			t.Errorf("delivered %+v, dead %+v", l.target.got, l.letters.kept)
		}
	})
}

func TestADeadLetterIsKeptInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t)
		defer l.close(t)
		l.target.fail = func(bus.Delivery) error { return &bus.TargetError{Code: "X", Final: true, Err: errDown} }
		l.letters.fail = errors.New("the queue is full")
		l.rule(t, to("f", ""), fmt.Sprintf(`{"Id": "dropped", "Arn": %q}`, arn("lambda", "function:g")))
		l.put(t, 1)
		synctest.Wait()
		if l.Pending() != 1 {
			t.Errorf("%d pending", l.Pending())
		}
		if err := l.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(l.letters.kept) != 1 || len(l.target.got) != 2 {
			t.Errorf("dead letters %+v, deliveries %+v", l.letters.kept, l.target.got)
		}
	})
}

func TestWhatIsPendingSurvives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t, func(o *bus.Options) { o.Random = func() float64 { return 1 } })
		l.target.fail = func(d bus.Delivery) error {
			if strings.HasSuffix(d.TargetARN, ":down") {
				return errDown
			}
			return nil
		}
		l.rule(t, to("up", ""), to("down", `, "RetryPolicy": {"MaximumRetryAttempts": 3}`))
		id := l.put(t, 1)
		time.Sleep(1500 * time.Millisecond) // two attempts
		l.close(t)
		if len(l.target.got) != 3 || l.Pending() != 1 {
			t.Fatalf("%d calls, %d pending before the restart", len(l.target.got), l.Pending())
		}
		if _, err := l.Put(t.Context(), bus.Entry{Source: "app", DetailType: "t", Detail: []byte("{}")}); err == nil {
			t.Error("a closed bus took an event")
		}
		l.reopen(t)
		defer l.close(t)
		if err := l.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
		var attempts []int
		for _, d := range l.target.got {
			if strings.HasSuffix(d.TargetARN, ":down") {
				attempts = append(attempts, d.Attempt)
			}
		}
		if len(l.target.got) != 5 || !reflect.DeepEqual(attempts, []int{1, 2, 3, 4}) || l.target.got[4].EventID != id {
			t.Errorf("attempts %v of %d calls", attempts, len(l.target.got))
		}
		if time.Since(l.began) != 7*time.Second {
			t.Errorf("given up after %v", time.Since(l.began))
		}
		if len(l.letters.kept) != 1 || l.letters.kept[0].Retries != 3 {
			t.Errorf("dead letters %+v", l.letters.kept)
		}
	})
}

func TestStopCancelsAnAttemptThatDoesNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t)
		hang := true
		targets := targetFunc(func(ctx context.Context, d bus.Delivery) error {
			if hang {
				<-ctx.Done()
				return ctx.Err()
			}
			if d.Attempt != 1 {
				t.Errorf("attempt %d", d.Attempt)
			}
			return nil
		})
		l.close(t)
		l.options.Targets = targets
		l.reopen(t)
		l.rule(t, to("f", ""))
		l.put(t, 1)
		synctest.Wait()
		l.Stop()
		l.put(t, 2) // still taken
		l.Stop()
		l.Start() // a stopped bus stays stopped
		synctest.Wait()
		if l.Pending() != 2 {
			t.Errorf("%d pending", l.Pending())
		}
		l.close(t)
		l.close(t)
		hang = false
		l.reopen(t)
		defer l.close(t)
		if err := l.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

type targetFunc func(context.Context, bus.Delivery) error

func (f targetFunc) Deliver(ctx context.Context, d bus.Delivery) error { return f(ctx, d) }

func TestNothingIsDeliveredBeforeStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &target{}
		service, err := bus.New(bus.Options{Dir: t.TempDir(), Targets: target, NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		l := &local{Service: service, target: target}
		defer l.close(t)
		l.rule(t, to("f", ""))
		l.put(t, 1)
		synctest.Wait()
		if len(target.got) != 0 || l.Pending() != 1 {
			t.Errorf("%d delivered, %d pending", len(target.got), l.Pending())
		}
		l.Start()
		l.Start()
		if err := l.Idle(t.Context()); err != nil || len(target.got) != 1 {
			t.Errorf("%d delivered, %v", len(target.got), err)
		}
	})
}

// A target that hangs keeps no other one waiting, and is not called without end.
func TestTargetsDoNotWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t)
		hanging, most, free := 0, 0, make(chan struct{})
		l.target.fail = func(d bus.Delivery) error {
			if !strings.HasSuffix(d.TargetARN, ":hangs") {
				return nil
			}
			l.target.mu.Lock()
			hanging++
			most = max(most, hanging)
			l.target.mu.Unlock()
			<-free
			l.target.mu.Lock()
			hanging--
			l.target.mu.Unlock()
			return nil
		}
		defer l.close(t)
		l.rule(t, to("hangs", ""), to("works", ""))
		for i := range 40 {
			l.put(t, i)
		}
		synctest.Wait()
		works := 0
		for _, d := range l.target.deliveries() {
			if strings.HasSuffix(d.TargetARN, ":works") {
				works++
			}
		}
		if works != 40 || most != 16 || l.Pending() != 40 {
			t.Errorf("%d delivered beside %d that hang, %d pending", works, most, l.Pending())
		}
		close(free)
		if err := l.Idle(t.Context()); err != nil || most != 16 {
			t.Errorf("%d at once, %v", most, err)
		}
	})
}

func TestIdleEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t)
		defer l.close(t)
		l.target.fail = func(bus.Delivery) error { return errDown }
		l.rule(t, to("f", ""))
		l.put(t, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := l.Idle(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

// The journal is rewritten as it grows, and holds what is pending throughout.
func TestTheJournalIsCompacted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t)
		l.target.fail = func(d bus.Delivery) error {
			if strings.HasSuffix(d.TargetARN, ":down") {
				return errDown
			}
			return nil
		}
		l.do(t, "PutRule", `{"Name": "few", "EventPattern": "{\"detail\": {\"few\": [1]}}"}`)
		l.do(t, "PutTargets", `{"Rule": "few", "Targets": [`+to("down", "")+`]}`)
		l.rule(t, to("up", ""))
		detail := `{"few": %d, "pad": "` + strings.Repeat("x", 200_000) + `"}`
		want := map[string]bool{}
		for i := range 60 {
			few := 0
			if i%20 == 0 {
				few = 1
			}
			results, err := l.Put(t.Context(), bus.Entry{Source: "app", DetailType: "t", Detail: fmt.Appendf(nil, detail, few)})
			if err != nil {
				t.Fatal(err)
			}
			if few == 1 {
				want[results[0].EventID] = true
			}
			synctest.Wait()
		}
		l.close(t)
		if size := folderSize(t, l.options.Dir+"/deliveries"); size > 8<<20 {
			t.Errorf("the journal has %d bytes of 16 MB that were written", size)
		}
		l.target.got = nil
		l.target.fail = nil
		l.reopen(t)
		defer l.close(t)
		if err := l.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, d := range l.target.got {
			if strings.HasSuffix(d.TargetARN, ":down") {
				got[d.EventID] = true
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("delivered %v after the restart, want %v", got, want)
		}
	})
}

// A service that puts an event again, since it does not know that it is in the
// journal, gives it the same ID.
func TestAnEventPutAgainIsTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t)
		defer l.close(t)
		l.target.fail = func(d bus.Delivery) error {
			if d.Attempt == 1 {
				return errDown
			}
			return nil
		}
		l.rule(t, to("f", ""))
		for range 3 {
			results, err := l.Put(t.Context(), bus.Entry{ID: "mine", Source: "app", DetailType: "t", Detail: []byte("{}")})
			if err != nil || results[0].EventID != "mine" {
				t.Fatalf("%v, %v", results, err)
			}
			synctest.Wait()
		}
		if err := l.Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(l.target.got) != 2 || !strings.Contains(string(l.target.got[1].Input), `"id":"mine"`) {
			t.Errorf("delivered %+v", l.target.got)
		}
	})
}
