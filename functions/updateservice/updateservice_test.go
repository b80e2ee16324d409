package updateservice_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/updateservice"
	"github.com/mayfly-dev/mayfly/steptest"
)

// begun is release r-1 to the service docs, whose second revision is there.
func begun(t *testing.T) (*steptest.ECS, *steptest.Store, *updateservice.Step, events.RolloutFlow) {
	t.Helper()
	f := steptest.NewECS("web")
	out, err := f.RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{Family: aws.String("docs"), ContainerDefinitions: f.Definitions[0].ContainerDefinitions})
	steptest.WantError(t, err, "")
	to := events.DeploySpec{Target: events.TargetECS, ECS: &events.ECSTarget{Cluster: "staging", Service: "docs"}}
	store, flow := steptest.BeginRollout(t, new(steptest.Clock).Now, to, func(r *events.Rollout) {
		r.ECS.Before, r.ECS.TaskDefinition = steptest.DefinitionPrefix+"docs:1", *out.TaskDefinition.TaskDefinitionArn
	})
	return f, store, updateservice.New(f, store, store.Ledger()), flow
}

func TestTheServiceIsToldOnce(t *testing.T) {
	f, store, step, flow := begun(t)
	f.LoseReply("UpdateService")
	_, err := step.Handle(t.Context(), flow)
	steptest.WantError(t, err, "NetworkError")
	for range 2 {
		made, err := step.Handle(t.Context(), flow)
		steptest.WantError(t, err, "")
		if made.Deployment != "ecs-svc/2" || f.Count("UpdateService") != 1 || *store.Rollout(t).ECS != made {
			t.Errorf("made %+v by %d calls; the record says %+v", made, f.Count("UpdateService"), store.Rollout(t).ECS)
		}
	}
}

func TestTheCircuitBreakerIsOnAndTheRestStays(t *testing.T) {
	f, _, step, flow := begun(t)
	_, err := step.Handle(t.Context(), flow)
	steptest.WantError(t, err, "")
	config := f.Services["docs"].DeploymentConfiguration
	if breaker := config.DeploymentCircuitBreaker; breaker == nil || !breaker.Enable || !breaker.Rollback {
		t.Errorf("the circuit breaker is %+v", breaker)
	}
	if aws.ToInt32(config.MaximumPercent) != 150 || config.Alarms == nil || config.Alarms.AlarmNames[0] != "errors" {
		t.Errorf("the configuration is %+v", config)
	}
}

func TestRefusalsKeepTheirNames(t *testing.T) {
	for operation, codes := range map[string][]string{
		"DescribeServices": {"ThrottlingException", "ClusterNotFoundException"},
		"UpdateService":    {"ServiceNotActiveException", "ServiceNotFoundException", "PlatformTaskDefinitionIncompatibilityException", "AccessDeniedException"},
	} {
		for _, code := range codes {
			f, _, step, flow := begun(t)
			f.Fail(operation, steptest.Refusal(code))
			_, err := step.Handle(t.Context(), flow)
			steptest.WantError(t, err, code)
		}
	}
	f, _, step, flow := begun(t)
	f.Services["docs"].Status = aws.String("INACTIVE")
	_, err := step.Handle(t.Context(), flow)
	steptest.WantError(t, err, "ServiceNotActiveException")
	delete(f.Services, "docs")
	_, err = step.Handle(t.Context(), flow)
	steptest.WantError(t, err, "ServiceNotFoundException")
	flow.Release.Rollout = nil
	_, err = step.Handle(t.Context(), flow)
	steptest.WantError(t, err, "Unclassified")
}
