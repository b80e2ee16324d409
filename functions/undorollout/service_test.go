package undorollout_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/undorollout"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const before, after = steptest.DefinitionPrefix + "docs:1", steptest.DefinitionPrefix + "docs:2"

// services is release r-1 to the service docs, which is told to run its second
// revision and is not seen to.
type services struct {
	ecs   *steptest.ECS
	store *steptest.Store
	flow  events.RolloutFlow
	step  *undorollout.Step
}

func newServices(t *testing.T) *services {
	t.Helper()
	w := &services{ecs: steptest.NewECS("web")}
	w.register(t)
	w.run(t, after)
	to := events.DeploySpec{Target: events.TargetECS, ECS: &events.ECSTarget{Cluster: "staging", Service: "docs"}}
	w.store, w.flow = steptest.BeginRollout(t, (&steptest.Clock{}).Now, to, func(r *events.Rollout) {
		r.ECS.Before, r.ECS.TaskDefinition = before, after
	})
	w.step = undorollout.New(nil, w.ecs, w.store.Ledger(), w.store)
	return w
}

// register makes another revision like the first.
func (w *services) register(t *testing.T) {
	t.Helper()
	_, err := w.ecs.RegisterTaskDefinition(t.Context(), &ecs.RegisterTaskDefinitionInput{Family: aws.String("docs"), ContainerDefinitions: w.ecs.Definitions[0].ContainerDefinitions})
	steptest.WantError(t, err, "")
}

func (w *services) run(t *testing.T, definition string) {
	t.Helper()
	_, err := w.ecs.UpdateService(t.Context(), &ecs.UpdateServiceInput{Cluster: aws.String("staging"), Service: aws.String("docs"), TaskDefinition: &definition, DeploymentConfiguration: w.ecs.Services["docs"].DeploymentConfiguration})
	steptest.WantError(t, err, "")
}

func (w *services) runs() string { return aws.ToString(w.ecs.Services["docs"].TaskDefinition) }

func TestAServiceIsPutBackOnce(t *testing.T) {
	w := newServices(t)
	alarms := w.ecs.Services["docs"].DeploymentConfiguration.Alarms
	for _, undone := range []bool{true, false} {
		got, err := w.step.Handle(t.Context(), w.flow)
		steptest.WantError(t, err, "")
		if got.Undone != undone || w.runs() != before {
			t.Errorf("undone %v, runs %s", got.Undone, w.runs())
		}
	}
	if now := w.ecs.Services["docs"].DeploymentConfiguration.Alarms; now == nil || len(now.AlarmNames) != len(alarms.AlarmNames) {
		t.Errorf("its alarms are %+v, were %+v", now, alarms)
	}
	log := w.store.Log()
	if told := log[len(log)-1]; !strings.Contains(told.Message, "service docs of cluster staging is to run "+before+" again") || told.Release != "r-1" {
		t.Errorf("told %+v", told)
	}
}

func TestAServiceThatIsElsewhereIsLeft(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(*testing.T, *services)
		runs    string
	}{
		"somebody else changed it":    {func(t *testing.T, w *services) { w.register(t); w.run(t, steptest.DefinitionPrefix+"docs:3") }, steptest.DefinitionPrefix + "docs:3"},
		"the circuit breaker did":     {func(_ *testing.T, w *services) { w.ecs.End(types.DeploymentRolloutStateFailed, "no") }, before},
		"it drains":                   {func(_ *testing.T, w *services) { w.ecs.Services["docs"].Status = aws.String("DRAINING") }, after},
		"nothing was made":            {func(_ *testing.T, w *services) { w.flow.Release.Rollout.ECS.TaskDefinition = "" }, after},
		"a rollback to what runs":     {func(_ *testing.T, w *services) { w.flow.Release.Rollout.ECS.Before = after }, after},
		"the cluster is gone":         {func(_ *testing.T, w *services) { w.flow.Release.Rollout.ECS.Cluster = "other" }, after},
		"the service is gone":         {func(_ *testing.T, w *services) { w.flow.Release.Rollout.ECS.Service = "other" }, after},
		"only what came after failed": {func(t *testing.T, w *services) { w.live(t) }, after},
	} {
		t.Run(name, func(t *testing.T) {
			w := newServices(t)
			c.happens(t, w)
			asked := w.ecs.Count("UpdateService")
			got, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, "")
			if got.Undone || w.runs() != c.runs || w.ecs.Count("UpdateService") != asked {
				t.Errorf("undone %v, runs %s", got.Undone, w.runs())
			}
		})
	}
}

func (w *services) live(t *testing.T) {
	t.Helper()
	r, err := w.store.GetRelease(t.Context(), sandbox.Ref{}, "r-1")
	steptest.WantError(t, err, "")
	r.Status = sandbox.ReleaseLive
	steptest.WantError(t, w.store.PutRelease(t.Context(), sandbox.Ref{}, r), "")
}

func TestWhatECSRefusesKeepsItsName(t *testing.T) {
	for _, call := range []string{"DescribeServices", "UpdateService"} {
		w := newServices(t)
		w.ecs.Fail(call, steptest.Refusal("ServerException"))
		_, err := w.step.Handle(t.Context(), w.flow)
		steptest.WantError(t, err, "ServerException")
		_, err = w.step.Handle(t.Context(), w.flow)
		if steptest.WantError(t, err, ""); w.runs() != before {
			t.Errorf("after %s failed once it runs %s", call, w.runs())
		}
	}
}
