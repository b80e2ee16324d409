package awaitservice_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/awaitservice"
	"github.com/mayfly-dev/mayfly/steptest"
)

type world struct {
	ecs   *steptest.ECS
	clock *steptest.Clock
	step  *awaitservice.Step
	flow  events.RolloutFlow
}

// begun is release r-1 to the service docs, whose second revision is being
// deployed.
func begun(t *testing.T) *world {
	t.Helper()
	w := &world{ecs: steptest.NewECS("web"), clock: &steptest.Clock{}}
	out, err := w.ecs.RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{Family: aws.String("docs"), ContainerDefinitions: w.ecs.Definitions[0].ContainerDefinitions})
	steptest.WantError(t, err, "")
	w.update(t, *out.TaskDefinition.TaskDefinitionArn)
	to := events.DeploySpec{Target: events.TargetECS, ECS: &events.ECSTarget{Cluster: "staging", Service: "docs"}}
	store, flow := steptest.BeginRollout(t, w.clock.Now, to, func(r *events.Rollout) {
		r.ECS.Before, r.ECS.TaskDefinition, r.ECS.Deployment = steptest.DefinitionPrefix+"docs:1", *out.TaskDefinition.TaskDefinitionArn, "ecs-svc/2"
	})
	w.flow = flow
	w.step = awaitservice.New(w.ecs, store, store.Ledger(), awaitservice.Options{GiveUp: time.Hour, Now: w.clock.Now})
	return w
}

func (w *world) update(t *testing.T, definition string) {
	t.Helper()
	_, err := w.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("staging"), Service: aws.String("docs"), TaskDefinition: &definition})
	steptest.WantError(t, err, "")
}

func TestADeploymentIsAwaited(t *testing.T) {
	w := begun(t)
	last := 0
	for range 40 {
		out, err := w.step.Handle(t.Context(), w.flow)
		steptest.WantError(t, err, "")
		if out.Settled || out.Seconds < last || out.Seconds < 5 || out.Seconds > 30 {
			t.Fatalf("awaited %+v after %d seconds", out, last)
		}
		last, w.flow.Awaited = out.Seconds, &out
	}
	w.ecs.End(types.DeploymentRolloutStateCompleted, "")
	out, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "")
	if !out.Settled {
		t.Errorf("awaited %+v", out)
	}
}

func TestADeploymentThatEndsOtherwiseFailsWithTheReason(t *testing.T) {
	const broken = "ECS deployment circuit breaker: tasks failed to start."
	for name, c := range map[string]struct {
		happens func(*testing.T, *world)
		why     []string
	}{
		"the circuit breaker": {func(_ *testing.T, w *world) { w.ecs.End(types.DeploymentRolloutStateFailed, broken) }, []string{"tasks failed to start; the service goes back to", "docs:1"}},
		"the circuit breaker, seen late": {func(_ *testing.T, w *world) {
			w.ecs.End(types.DeploymentRolloutStateFailed, broken)
			w.ecs.Forget()
		}, []string{"tasks failed to start", "docs:1 again"}},
		"the circuit breaker, without a word": {func(_ *testing.T, w *world) {
			w.ecs.End(types.DeploymentRolloutStateFailed, "")
			w.ecs.Forget()
			w.ecs.Services["docs"].Events = nil
		}, []string{"does not tell why", "docs:1 again"}},
		"a failure without a way back": {func(_ *testing.T, w *world) {
			w.ecs.Services["docs"].Deployments[0].RolloutState = types.DeploymentRolloutStateFailed
			w.ecs.Services["docs"].Deployments[0].Id = aws.String("ecs-svc/forced")
			w.ecs.Services["docs"].Deployments[0].RolloutStateReason = aws.String("no capacity")
		}, []string{"no capacity"}},
		"somebody else": {func(t *testing.T, w *world) {
			_, err := w.ecs.RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{Family: aws.String("docs")})
			steptest.WantError(t, err, "")
			w.update(t, steptest.DefinitionPrefix+"docs:3")
		}, []string{"somebody else", "docs:3"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := begun(t)
			c.happens(t, w)
			_, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, "RolloutFailed")
			for _, why := range append(c.why, "ecs:staging/docs") {
				if !strings.Contains(err.Error(), why) {
					t.Errorf("%v does not say %q", err, why)
				}
			}
		})
	}
}

func TestAForcedDeploymentOfTheSameRevisionCounts(t *testing.T) {
	w := begun(t)
	w.ecs.Services["docs"].Deployments[0].Id = aws.String("ecs-svc/forced")
	w.ecs.End(types.DeploymentRolloutStateCompleted, "")
	if out, err := w.step.Handle(t.Context(), w.flow); err != nil || !out.Settled {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestARollbackToWhatRunsIsComplete(t *testing.T) {
	w := begun(t)
	w.flow.Release.Rollout.ECS.Before = w.flow.Release.Rollout.ECS.TaskDefinition
	w.ecs.End(types.DeploymentRolloutStateCompleted, "")
	if out, err := w.step.Handle(t.Context(), w.flow); err != nil || !out.Settled {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestAServiceWithoutRolloutStatesIsCounted(t *testing.T) {
	w := begun(t)
	service := w.ecs.Services["docs"]
	service.Deployments = service.Deployments[:1]
	service.Deployments[0].RolloutState, service.Deployments[0].DesiredCount = "", 2
	if out, err := w.step.Handle(t.Context(), w.flow); err != nil || out.Settled {
		t.Errorf("with none of two running: %+v, %v", out, err)
	}
	service.Deployments[0].RunningCount = 2
	if out, err := w.step.Handle(t.Context(), w.flow); err != nil || !out.Settled {
		t.Errorf("with two of two running: %+v, %v", out, err)
	}
}

func TestWhatTakesTooLongIsPutBack(t *testing.T) {
	w := begun(t)
	w.clock.Passed = time.Hour + time.Second
	w.ecs.Fail("UpdateService", steptest.Refusal("ThrottlingException"))
	_, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "ThrottlingException")
	_, err = w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "RolloutFailed")
	if got := aws.ToString(w.ecs.Services["docs"].TaskDefinition); got != steptest.DefinitionPrefix+"docs:1" || !strings.Contains(err.Error(), "within 1h") {
		t.Errorf("the service runs %s: %v", got, err)
	}
}

func TestRefusalsKeepTheirNames(t *testing.T) {
	w := begun(t)
	for _, code := range []string{"ThrottlingException", "ClusterNotFoundException", "AccessDeniedException"} {
		w.ecs.Fail("DescribeServices", steptest.Refusal(code))
		_, err := w.step.Handle(t.Context(), w.flow)
		steptest.WantError(t, err, code)
	}
	delete(w.ecs.Services, "docs")
	_, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "ServiceNotFoundException")
	w.flow.Release.Rollout = nil
	_, err = w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, "Unclassified")
}
