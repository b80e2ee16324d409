package scheduler_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	local "github.com/mayfly-dev/mayfly/local/scheduler"
)

// pass lets virtual time go by.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func expect(t *testing.T, w *world, want ...string) {
	t.Helper()
	got := w.runs()
	slices.Sort(got) // those of one moment go side by side
	if !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("ran at %v, want %v", got, want)
	}
}

func rate(text string) func(*scheduler.CreateScheduleInput) {
	return func(in *scheduler.CreateScheduleInput) {
		in.ScheduleExpression, in.ScheduleExpressionTimezone = &text, nil
	}
}

// Virtual time begins at midnight UTC, 2000-01-01, a Saturday: 01:00 in Berlin.

func TestEachNightOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.service.Start()
		w.create()
		pass(2*time.Hour - time.Second)
		expect(t, w)
		pass(time.Second)
		expect(t, w, "01 02:00")
		pass(48 * time.Hour)
		expect(t, w, "01 02:00", "02 02:00", "03 02:00")
		d := w.made[0]
		if d.TargetARN != machine || d.RoleARN != role || d.Attempt != 1 || d.ScheduleARN != "arn:aws:scheduler:us-east-1:000000000000:schedule/default/nightly" ||
			!strings.Contains(string(d.Input), `"source":"aws.scheduler"`) {
			t.Errorf("called with %+v, %s", d, d.Input)
		}
	})
}

// TestNightsOnWhichTheClocksChange: no run lost, none doubled.
func TestNightsOnWhichTheClocksChange(t *testing.T) {
	for _, eve := range []string{"2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z"} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			noon, err := time.Parse(time.RFC3339, eve)
			if err != nil {
				t.Fatal(err)
			}
			w.set(noon)
			w.create()
			w.service.Start()
			pass(48 * time.Hour)
			berlin, err := time.LoadLocation("Europe/Berlin")
			if err != nil {
				t.Fatal(err)
			}
			if len(w.made) != 2 {
				t.Fatalf("after %s: ran at %v", eve, w.runs())
			}
			for i, d := range w.made {
				if got, want := d.Scheduled.In(berlin), noon.AddDate(0, 0, i+1); got.Hour() != 3 || got.Day() != want.Day() {
					t.Errorf("after %s: ran at %v", eve, got)
				}
			}
		})
	}
}

// TestRunsThatWereMissed: the last one is made up, once; late ones are all made.
func TestRunsThatWereMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.create()
		pass(75 * time.Hour) // off for three nights
		w.service.Start()
		synctest.Wait()
		expect(t, w, "04 02:00")
		pass(24 * time.Hour)
		expect(t, w, "04 02:00", "05 02:00")
	})
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.create(rate("rate(4 minutes)"))
		pass(30 * 24 * time.Hour)
		pass(13 * time.Minute)
		w.service.Start()
		synctest.Wait()
		expect(t, w, "31 00:00", "31 00:04", "31 00:08", "31 00:12")
	})
}

func TestAClockThatJumps(t *testing.T) {
	for name, tc := range map[string]struct {
		to   string
		then time.Duration
		want []string // after the run at "02 02:00"
	}{
		"forward over a run":        {"2000-01-03T12:00:00Z", time.Hour, []string{"03 02:00"}},
		"forward by a minute":       {"2000-01-02T10:01:00Z", 24 * time.Hour, []string{"03 02:00"}},
		"back over a run":           {"2000-01-02T01:00:00Z", 25*time.Hour + time.Minute, []string{"03 02:00"}},
		"back by a month":           {"1999-12-01T12:00:00Z", 24 * time.Hour, []string{"02 02:00"}},
		"forward by thirty years":   {"2030-01-01T00:00:00Z", time.Hour, []string{"31 02:00"}},
		"back to before it was set": {"1999-01-01T01:00:00Z", 3 * time.Hour, []string{"01 02:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				pass(24 * time.Hour)
				w.create()
				w.service.Start()
				pass(10 * time.Hour)
				expect(t, w, "02 02:00")
				at, err := time.Parse(time.RFC3339, tc.to)
				if err != nil {
					t.Fatal(err)
				}
				// Winter in Berlin in all of these; one in UTC would be the same.
				w.set(at)
				pass(tc.then)
				if tc.to[:4] == "2030" { // 2029-12-31 at 03:00 in Berlin is the last before
					expect(t, w, "02 02:00", "31 02:00")
					return
				}
				expect(t, w, append([]string{"02 02:00"}, tc.want...)...)
			})
		})
	}
}

func TestRetriesAndDeadLetters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.service.Start()
		w.fail = func(d local.Delivery) error {
			if d.Attempt < 3 {
				return errors.New("throttled")
			}
			return nil
		}
		w.create(rate("rate(1 day)"))
		pass(time.Minute)
		expect(t, w, "01 00:00", "01 00:00", "01 00:00")
		if w.made[0].ID != w.made[2].ID || w.made[2].Attempt != 3 {
			t.Errorf("tried %+v", w.made)
		}
	})
	policy := func(age, attempts int32) func(*scheduler.CreateScheduleInput) {
		return func(in *scheduler.CreateScheduleInput) {
			rate("rate(10 days)")(in)
			in.Target.Input = aws.String(`{"at":"<aws.scheduler.scheduled-time>","try":"<aws.scheduler.attempt-number>"}`)
			in.Target.RetryPolicy = &types.RetryPolicy{MaximumEventAgeInSeconds: &age, MaximumRetryAttempts: &attempts}
			in.Target.DeadLetterConfig = &types.DeadLetterConfig{Arn: aws.String(letters)}
		}
	}
	for name, tc := range map[string]struct {
		policy          func(*scheduler.CreateScheduleInput)
		fail            error
		code, exhausted string
		tries           int
	}{
		"attempts":  {policy(86400, 2), errors.New("no"), "SDK_CLIENT_ERROR", "MaximumRetryAttempts", 3},
		"age":       {policy(60, 185), errors.New("no"), "SDK_CLIENT_ERROR", "MaximumEventAgeInSeconds", 7},
		"no use":    {policy(86400, 185), &local.TargetError{Code: "NO_RESOURCE", Final: true, Err: errors.New("gone")}, "NO_RESOURCE", "", 1},
		"wrapped":   {policy(86400, 185), fmt.Errorf("call: %w", &local.TargetError{Code: "NO_PERMISSIONS", Final: true, Err: errors.New("no")}), "NO_PERMISSIONS", "", 1},
		"none":      {policy(86400, 0), errors.New("no"), "SDK_CLIENT_ERROR", "MaximumRetryAttempts", 1},
		"all of it": {policy(86400, 185), errors.New("no"), "SDK_CLIENT_ERROR", "MaximumRetryAttempts", 186},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.service.Start()
				w.fail = func(local.Delivery) error { return tc.fail }
				w.create(tc.policy)
				pass(25 * time.Hour)
				if len(w.made) != tc.tries || len(w.buried) != 1 {
					t.Fatalf("tried %d times, want %d; buried %v", len(w.made), tc.tries, w.buried)
				}
				got := w.buried[0]
				if got["ERROR_CODE"] != tc.code || got["EXHAUSTED_RETRY_CONDITION"] != tc.exhausted || got["RETRY_ATTEMPTS"] != fmt.Sprint(tc.tries-1) || got["queue"] != letters ||
					got["body"] != fmt.Sprintf(`{"at":"2000-01-01T00:00:00Z","try":"%d"}`, tc.tries) {
					t.Errorf("buried %v", got)
				}
			})
		})
	}
}

func TestDatesWindowsAndStates(t *testing.T) {
	day := func(n int) *time.Time { return aws.Time(time.Date(2000, 1, n, 12, 0, 0, 0, time.UTC)) }
	for name, tc := range map[string]struct {
		change func(*scheduler.CreateScheduleInput)
		want   []string
		gone   bool
	}{
		"between its dates": {func(in *scheduler.CreateScheduleInput) { in.StartDate, in.EndDate = day(2), day(4) }, []string{"03 02:00", "04 02:00"}, false},
		"and gone after them": {func(in *scheduler.CreateScheduleInput) {
			in.StartDate, in.EndDate, in.ActionAfterCompletion = day(2), day(4), types.ActionAfterCompletionDelete
		}, []string{"03 02:00", "04 02:00"}, true},
		"a rate from its start": {func(in *scheduler.CreateScheduleInput) {
			in.ScheduleExpression, in.StartDate = aws.String("rate(2 days)"), day(1)
		}, []string{"01 12:00", "03 12:00", "05 12:00"}, false},
		"disabled": {func(in *scheduler.CreateScheduleInput) { in.State = types.ScheduleStateDisabled }, nil, false},
		"once, and gone": {func(in *scheduler.CreateScheduleInput) {
			in.ScheduleExpression, in.ActionAfterCompletion = aws.String("at(2000-01-02T12:30:00)"), types.ActionAfterCompletionDelete
		}, []string{"02 11:30"}, true},
		"once, and kept": {func(in *scheduler.CreateScheduleInput) { in.ScheduleExpression = aws.String("at(2000-01-02T12:30:00)") }, []string{"02 11:30"}, false},
		"too late":       {func(in *scheduler.CreateScheduleInput) { in.ScheduleExpression = aws.String("at(1999-01-02T12:30:00)") }, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.service.Start()
				w.create(tc.change)
				pass(5 * 24 * time.Hour)
				expect(t, w, tc.want...)
				_, err := w.GetSchedule(t.Context(), &scheduler.GetScheduleInput{Name: aws.String("nightly")})
				var missing *types.ResourceNotFoundException
				if errors.As(err, &missing) != tc.gone {
					t.Errorf("afterwards: %v", err)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.service.Start()
		w.create(func(in *scheduler.CreateScheduleInput) {
			in.FlexibleTimeWindow = &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeFlexible, MaximumWindowInMinutes: aws.Int32(60)}
		})
		pass(2*time.Hour + 29*time.Minute)
		expect(t, w)
		pass(time.Minute) // half the window, as Random says
		expect(t, w, "01 02:00")
	})
}

// TestARunSurvivesItsProcess: what was under way is tried again, with its id.
func TestARunSurvivesItsProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.create()
		w.waiting = func(ctx context.Context) { <-ctx.Done() }
		w.service.Start()
		pass(2 * time.Hour)
		w.close()
		w.waiting = nil
		pass(time.Hour)
		w.open()
		w.service.Start()
		pass(time.Hour)
		expect(t, w, "01 02:00", "01 02:00")
		if w.made[0].ID != w.made[1].ID || w.made[1].Attempt != 1 {
			t.Errorf("tried %+v", w.made)
		}
	})
}

// TestASlowTargetHoldsUpNoOther: up to what may be under way at a time.
func TestASlowTargetHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.service.Start()
		for i := range 40 {
			w.create(rate("rate(1 day)"), func(in *scheduler.CreateScheduleInput) { in.Name = aws.String(fmt.Sprintf("s%d", i)) })
		}
		w.mu.Lock()
		w.waiting = func(context.Context) { time.Sleep(time.Minute) }
		w.mu.Unlock()
		pass(24*time.Hour + time.Second)
		if n := len(w.runs()); n != 40+16 {
			t.Errorf("%d runs, want 40 of the first day and 16 of the second", n)
		}
		pass(3 * time.Minute)
		seen := map[string]int{}
		for _, d := range w.made {
			seen[d.ID]++
		}
		if len(w.made) != 80 || len(seen) != 80 {
			t.Errorf("%d runs, %d of them different", len(w.made), len(seen))
		}
	})
}
