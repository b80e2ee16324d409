package e2e_test

import (
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ebtypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local"
)

// nights is a cloud whose clock can be set, so that its nights come when they
// are wanted.
type nights struct {
	*cloud
	ahead atomic.Int64 // nanoseconds
}

func startNights(t *testing.T) *nights {
	t.Helper()
	n := &nights{}
	n.cloud = start(t, func(config *local.Config) {
		config.Night = "03:00"
		config.Now = func() time.Time { return time.Now().Add(time.Duration(n.ahead.Load())) }
	})
	return n
}

func (n *nights) now() time.Time { return time.Now().Add(time.Duration(n.ahead.Load())) }

// next sets the clock to the next 03:00, waits until the scheduler's night is
// over, and returns it.
func (n *nights) next(t *testing.T) events.Night {
	t.Helper()
	now := n.now().UTC()
	three := time.Date(now.Year(), now.Month(), now.Day(), 3, 0, 0, 0, time.UTC)
	if !three.After(now) {
		three = three.AddDate(0, 0, 1)
	}
	n.ahead.Add(int64(three.Sub(now)))
	// The scheduler looks at the clock each minute, and whenever a schedule is made.
	if _, err := n.scheduler().CreateSchedule(t.Context(), &scheduler.CreateScheduleInput{
		Name: aws.String("look-" + three.Format("20060102")), ScheduleExpression: aws.String("rate(1 day)"), State: types.ScheduleStateDisabled,
		FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
		Target:             &types.Target{Arn: aws.String("arn:aws:states:us-east-1:000000000000:stateMachine:none"), RoleArn: aws.String(role)},
	}); err != nil {
		t.Fatal(err)
	}
	var found events.Night
	eventually(t, "the night of "+three.Format(time.DateOnly), func() (bool, error) {
		var list events.NightList
		if err := n.api(t.Context(), "GET", "/v1/nights?limit=1", nil, &list); err != nil || len(list.Nights) == 0 {
			return false, err
		}
		found = list.Nights[0]
		return !found.StartedAt.Before(three) && (found.Status == events.NightStatusDone || found.Status == events.NightStatusBroken), nil
	})
	if found.Status != events.NightStatusDone || found.By != "schedule" || len(found.Troubles) > 0 {
		t.Errorf("the night is %+v", found)
	}
	return found
}

// TestOneIdleSandboxNothingLeft: the nights warn of it, put it to sleep and tear
// it down, while one that is used, and one that is pinned, stay as they are.
func TestOneIdleSandboxNothingLeft(t *testing.T) {
	if local.Functions(*functionsFlag) == local.Process {
		t.Skip("bootstraps go by the machine's clock, and the nights here by another")
	}
	n := startNights(t)
	notices, err := n.sqs().CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("notices")})
	if err != nil {
		t.Fatal(err)
	}
	// The stack's own rule, but for its target.
	n.rule(t, "notices", `{"source": ["mayfly"], "detail-type": ["Sandbox Warned", "Mayfly Budget", "Mayfly Night"], "detail": {"stage": ["local"]}}`, ebtypes.Target{
		Arn: aws.String("arn:aws:sqs:" + local.Region + ":" + local.Account + ":notices"), InputPath: aws.String("$.detail.message"),
	})
	used := n.create(t, events.CreateSandbox{Name: "used"})
	n.release(t, "used", site())
	n.create(t, events.CreateSandbox{Name: "pinned"})
	if err := n.api(t.Context(), "POST", "/v1/sandboxes/pinned/pin", events.Reason{Reason: "the demo"}, nil); err != nil {
		t.Fatal(err)
	}
	before := n.inventory(t)
	n.create(t, events.CreateSandbox{Name: "idle", SleepFor: "24h"})

	var life []string
	for range 10 {
		n.ahead.Add(int64(time.Hour))
		n.shows(t, used.URL, "<h1>")
		night := n.next(t)
		var decided events.DecisionPage
		if err := n.api(t.Context(), "GET", "/v1/nights/"+night.ID+"/decisions", nil, &decided); err != nil {
			t.Fatal(err)
		}
		for _, d := range decided.Decisions {
			if d.Name != "idle" || d.Reason == "" || d.Outcome != "noted" && d.Outcome != "ended" {
				t.Errorf("decided %+v", d)
			}
			life = append(life, string(d.Act))
		}
		if after := n.inventory(t); len(life) > 0 && life[len(life)-1] == "teardown" {
			if !maps.Equal(before, after) {
				t.Errorf("left behind: before %v, after %v", before, after)
			}
			break
		}
	}
	if got := strings.Join(life, " "); got != "warn sleep teardown" {
		t.Errorf("it went %s", got)
	}
	if err := n.events.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	told, err := n.sqs().ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: notices.QueueUrl, MaxNumberOfMessages: 10})
	if err != nil || len(told.Messages) != 1 || !strings.HasPrefix(*told.Messages[0].Body, `"sandbox idle: it falls asleep on `) {
		t.Errorf("told %+v, %v", told, err)
	}
	for _, name := range []string{"used", "pinned"} {
		var s events.SandboxState
		if err := n.api(t.Context(), "GET", "/v1/sandboxes/"+name, nil, &s); err != nil || s.Phase != events.PhaseReady || !s.WarnedAt.IsZero() {
			t.Errorf("%s is %s, warned %v: %v", name, s.Phase, s.WarnedAt, err)
		}
		if s.LastActivity.At.IsZero() || s.LastActivity.ReadAt.IsZero() {
			t.Errorf("the last activity of %s is %+v", name, s.LastActivity)
		}
	}
}

// TestANightThatIsAskedFor: at any time, and one at a time.
func TestANightThatIsAskedFor(t *testing.T) {
	c := start(t, nil)
	var plan events.DecisionPage
	c.create(t, events.CreateSandbox{Name: "hello"})
	if err := c.api(t.Context(), "GET", "/v1/nights/tonight", nil, &plan); err != nil || len(plan.Decisions) != 1 || plan.Decisions[0].Act != events.DecisionActKeep {
		t.Fatalf("planned %+v, %v", plan, err)
	}
	var first, second events.NightBegun
	for _, begun := range []*events.NightBegun{&first, &second} {
		if err := c.api(t.Context(), "POST", "/v1/nights", nil, begun); err != nil {
			t.Fatal(err)
		}
	}
	var list events.NightList
	eventually(t, "the night", func() (bool, error) {
		if err := c.api(t.Context(), "GET", "/v1/nights", nil, &list); err != nil || len(list.Nights) == 0 {
			return false, err
		}
		for _, n := range list.Nights {
			if n.Status != events.NightStatusDone {
				return false, nil
			}
		}
		return true, nil
	})
	if n := list.Nights[0]; n.Counts.Seen != 1 || n.Counts.Kept != 1 || n.Execution != first.Execution && n.Execution != second.Execution {
		t.Errorf("the night is %+v", n)
	}
}
