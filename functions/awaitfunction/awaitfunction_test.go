package awaitfunction_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/awaitfunction"
	"github.com/mayfly-dev/mayfly/steptest"
)

// begun is release r-1 to the function docs, which has its code or, when one is
// given, a version.
func begun(t *testing.T, version string) (*steptest.Lambda, *steptest.Clock, *awaitfunction.Step, events.RolloutFlow) {
	t.Helper()
	f, clock := steptest.NewLambda(steptest.ServiceURI), &steptest.Clock{}
	f.Versions = []string{"a", "b"}
	to := events.DeploySpec{Target: events.TargetLambda, Lambda: &events.LambdaTarget{Function: "docs"}}
	store, flow := steptest.BeginRollout(t, clock.Now, to, func(r *events.Rollout) {
		r.Lambda.Version, r.Lambda.CodeSHA256 = version, aws.ToString(f.Config.CodeSha256)
	})
	return f, clock, awaitfunction.New(f, store, store.Ledger(), awaitfunction.Options{GiveUp: 15 * time.Minute, Now: clock.Now}), flow
}

func TestAFunctionIsAwaited(t *testing.T) {
	for name, c := range map[string]struct {
		version string
		is      func(*steptest.Lambda)
		settled bool
	}{
		"new code":                 {"", func(*steptest.Lambda) {}, true},
		"code that is being taken": {"", func(f *steptest.Lambda) { f.Config.LastUpdateStatus = types.LastUpdateStatusInProgress }, false},
		"a function that is new":   {"", func(f *steptest.Lambda) { f.Config.State = types.StatePending }, false},
		"a version":                {"2", func(*steptest.Lambda) {}, true},
		"a version in the making":  {"2", func(f *steptest.Lambda) { f.Pending = true }, false},
		"a version that sleeps":    {"2", func(f *steptest.Lambda) { f.Config.State = types.StateInactive }, true},
		"a version of other code":  {"1", func(f *steptest.Lambda) { f.Config.CodeSha256 = aws.String("other") }, true},
	} {
		f, _, step, flow := begun(t, c.version)
		c.is(f)
		out, err := step.Handle(t.Context(), flow)
		steptest.WantError(t, err, "")
		if out.Settled != c.settled || !c.settled && (out.Seconds < 1 || out.Seconds > 15) {
			t.Errorf("%s: %+v", name, out)
		}
		if !c.settled {
			flow.Awaited = &out
			if again, err := step.Handle(t.Context(), flow); err != nil || again.Seconds <= out.Seconds || again.Looks != 2 {
				t.Errorf("%s, again: %+v, %v", name, again, err)
			}
		}
	}
}

func TestWhatLambdaDoesNotTakeFailsWithTheReason(t *testing.T) {
	for name, c := range map[string]struct {
		version   string
		is        func(*steptest.Lambda, *steptest.Clock)
		want, why string
	}{
		"an image that it can't use": {"", func(f *steptest.Lambda, _ *steptest.Clock) {
			f.Config.LastUpdateStatus, f.Config.LastUpdateStatusReasonCode = types.LastUpdateStatusFailed, types.LastUpdateStatusReasonCodeInvalidImage
			f.Config.LastUpdateStatusReason = aws.String("no entrypoint")
		}, "RolloutFailed", "InvalidImage: no entrypoint"},
		"a function that failed": {"", func(f *steptest.Lambda, _ *steptest.Clock) {
			f.Config.State, f.Config.StateReason = types.StateFailed, aws.String("subnet is full")
		}, "RolloutFailed", "subnet is full"},
		"code of somebody else":  {"", func(f *steptest.Lambda, _ *steptest.Clock) { f.Config.CodeSha256 = aws.String("other") }, "RolloutFailed", "somebody else"},
		"a version that failed":  {"2", func(f *steptest.Lambda, _ *steptest.Clock) { f.Config.State = types.StateFailed }, "RolloutFailed", "stays where it was"},
		"a version that is gone": {"1", func(f *steptest.Lambda, _ *steptest.Clock) { f.Gone["1"] = true }, "TargetRefused", "mayfly release docs --image sha256:1"},
		"a function that is gone": {"", func(f *steptest.Lambda, _ *steptest.Clock) {
			f.Fail("GetFunctionConfiguration", steptest.Refusal("ResourceNotFoundException"))
		}, "ResourceNotFoundException", "docs"},
		"too long": {"", func(f *steptest.Lambda, c *steptest.Clock) {
			f.Config.LastUpdateStatus, c.Passed = types.LastUpdateStatusInProgress, 15*time.Minute+time.Second
		}, "RolloutFailed", "within 15m"},
	} {
		f, clock, step, flow := begun(t, c.version)
		c.is(f, clock)
		_, err := step.Handle(t.Context(), flow)
		steptest.WantError(t, err, c.want)
		if !strings.Contains(err.Error(), c.why) {
			t.Errorf("%s: %v does not say %q", name, err, c.why)
		}
	}
}

func TestRefusalsKeepTheirNames(t *testing.T) {
	f, _, step, flow := begun(t, "")
	for _, code := range []string{"TooManyRequestsException", "ServiceException", "AccessDeniedException"} {
		f.Fail("GetFunctionConfiguration", steptest.Refusal(code))
		_, err := step.Handle(t.Context(), flow)
		steptest.WantError(t, err, code)
	}
	flow.Release.Rollout = nil
	_, err := step.Handle(t.Context(), flow)
	steptest.WantError(t, err, "Unclassified")
}
