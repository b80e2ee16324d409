package registertaskdefinition_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/registertaskdefinition"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

type world struct {
	ecs   *steptest.ECS
	store *steptest.Store
	flow  events.RolloutFlow
	step  *registertaskdefinition.Step
}

// begun is release r-1 to the service docs, whose task definition has the
// containers named.
func begun(t *testing.T, target events.ECSTarget, change func(*events.Rollout), containers ...string) *world {
	t.Helper()
	w := &world{ecs: steptest.NewECS(containers...)}
	w.store, w.flow = steptest.BeginRollout(t, new(steptest.Clock).Now, events.DeploySpec{Target: events.TargetECS, ECS: &target}, change)
	w.step = registertaskdefinition.New(w.ecs, w.store, w.store.Ledger())
	return w
}

func asItIs(*events.Rollout) {}

func docs(container string) events.ECSTarget {
	return events.ECSTarget{Cluster: "staging", Service: "docs", Container: container}
}

func arn(revision string) string { return steptest.DefinitionPrefix + "docs:" + revision }

func (w *world) run(t *testing.T, want string) events.ECSRollout {
	t.Helper()
	made, err := w.step.Handle(t.Context(), w.flow)
	steptest.WantError(t, err, want)
	return made
}

func TestARevisionIsWhatRunsWithTheImage(t *testing.T) {
	w := begun(t, docs("web"), asItIs, "proxy", "web")
	made := w.run(t, "")
	if made.TaskDefinition != arn("2") || made.Before != arn("1") || made.Container != "web" || len(w.ecs.Definitions) != 2 {
		t.Fatalf("made %+v", made)
	}
	one, two := w.ecs.Definitions[0], w.ecs.Definitions[1]
	if got := aws.ToString(two.ContainerDefinitions[1].Image); got != steptest.ServiceURI {
		t.Errorf("the container runs %s", got)
	}
	if aws.ToString(one.ContainerDefinitions[1].Image) != "old/web" || aws.ToString(two.ContainerDefinitions[0].Image) != "old/proxy" ||
		len(two.ContainerDefinitions[1].Environment) != 1 || aws.ToString(two.Cpu) != "256" || two.NetworkMode != types.NetworkModeAwsvpc || aws.ToString(two.TaskRoleArn) == "" {
		t.Errorf("more than the image has changed: %+v", two.TaskDefinition)
	}
	tags := map[string]string{}
	for _, tag := range two.Tags {
		tags[*tag.Key] = *tag.Value
	}
	if tags["team"] != "web" || tags["mayfly:release"] != "r-1" {
		t.Errorf("tags %v", tags)
	}
	if got := w.store.Rollout(t).ECS; *got != made {
		t.Errorf("the record says %+v", got)
	}
}

func TestASecondTryFindsTheRevision(t *testing.T) {
	for _, lost := range []string{"RegisterTaskDefinition", "PutRelease"} {
		w := begun(t, docs(""), asItIs, "web")
		if lost == "PutRelease" {
			w.store.LoseReply(lost)
		} else {
			w.ecs.LoseReply(lost)
		}
		w.run(t, "NetworkError")
		for range 2 {
			if made := w.run(t, ""); made.TaskDefinition != arn("2") || made.Before != arn("1") || len(w.ecs.Definitions) != 2 {
				t.Errorf("after the reply of %s was lost: %+v, %d revisions", lost, made, len(w.ecs.Definitions))
			}
		}
	}
}

func TestRevisionsOfOthersAreLeftAlone(t *testing.T) {
	w := begun(t, docs(""), asItIs, "web")
	for range 5 { // somebody registers revisions that the service does not run
		other := *w.ecs.Definitions[0]
		other.TaskDefinitionArn = aws.String(arn(string(rune('2' + len(w.ecs.Definitions) - 1))))
		other.Revision = int32(len(w.ecs.Definitions) + 1)
		w.ecs.Definitions = append(w.ecs.Definitions, &other)
	}
	if made := w.run(t, ""); made.TaskDefinition != arn("7") || made.Before != arn("1") {
		t.Errorf("made %+v", made)
	}
}

func TestARollbackRunsTheRevisionOfBefore(t *testing.T) {
	back := func(r *events.Rollout) { r.ECS.TaskDefinition = arn("1") }
	w := begun(t, docs(""), back, "web")
	if made := w.run(t, ""); made.TaskDefinition != arn("1") || len(w.ecs.Definitions) != 1 {
		t.Errorf("made %+v", made)
	}
	// One that was deregistered is made again; of one that was deleted, what runs
	// is taken instead, with the image.
	w = begun(t, docs(""), back, "web")
	w.ecs.Definitions[0].Status = types.TaskDefinitionStatusInactive
	if made := w.run(t, ""); made.TaskDefinition != arn("2") || aws.ToString(w.ecs.Definitions[1].ContainerDefinitions[0].Image) != steptest.ServiceURI {
		t.Errorf("made %+v", made)
	}
	w = begun(t, docs(""), func(r *events.Rollout) { r.ECS.TaskDefinition = arn("0") }, "web")
	if made := w.run(t, ""); made.TaskDefinition != arn("2") {
		t.Errorf("made %+v", made)
	}
}

func TestAServiceThatCantBeDeployedToIsLeftAlone(t *testing.T) {
	for name, c := range map[string]struct {
		target     events.ECSTarget
		containers []string
		change     func(*types.Service)
		want, why  string
	}{
		"no cluster":            {events.ECSTarget{Cluster: "other", Service: "docs"}, []string{"web"}, nil, "ClusterNotFoundException", "cluster other"},
		"no service":            {events.ECSTarget{Cluster: "staging", Service: "other"}, []string{"web"}, nil, "TargetRefused", "no such service"},
		"a service that drains": {docs(""), []string{"web"}, func(s *types.Service) { s.Status = aws.String("DRAINING") }, "TargetRefused", "DRAINING"},
		"another controller": {docs(""), []string{"web"}, func(s *types.Service) {
			s.DeploymentController = &types.DeploymentController{Type: types.DeploymentControllerTypeCodeDeploy}
		}, "TargetRefused", "CODE_DEPLOY"},
		"several containers":   {docs(""), []string{"proxy", "web"}, nil, "TargetRefused", "name one of proxy, web"},
		"no such container":    {docs("app"), []string{"proxy", "web"}, nil, "TargetRefused", `no container "app", but proxy, web`},
		"a strange definition": {docs(""), []string{"web"}, func(s *types.Service) { s.TaskDefinition = aws.String("docs") }, "Unclassified", "no ARN"},
	} {
		t.Run(name, func(t *testing.T) {
			w := begun(t, c.target, asItIs, c.containers...)
			if c.change != nil {
				c.change(w.ecs.Services["docs"])
			}
			_, err := w.step.Handle(t.Context(), w.flow)
			steptest.WantError(t, err, c.want)
			if !strings.Contains(err.Error(), c.why) || len(w.ecs.Definitions) != 1 {
				t.Errorf("%v; %d revisions", err, len(w.ecs.Definitions))
			}
		})
	}
}

func TestRefusalsKeepTheirNames(t *testing.T) {
	for operation, code := range map[string]string{
		"DescribeServices": "ThrottlingException", "ListTaskDefinitions": "ServerException", "DescribeTaskDefinition": "AccessDeniedException", "RegisterTaskDefinition": "ClientException",
	} {
		w := begun(t, docs(""), asItIs, "web")
		w.ecs.Fail(operation, steptest.Refusal(code))
		w.run(t, code)
		w.run(t, "")
	}
}

func TestAReleaseThatLostTheLockChangesNothing(t *testing.T) {
	w := begun(t, docs(""), asItIs, "web")
	r, err := w.store.GetRelease(t.Context(), sandbox.Ref{}, "r-1")
	steptest.WantError(t, err, "")
	r.Status = sandbox.ReleaseFailed
	steptest.WantError(t, sandbox.EndRelease(t.Context(), w.store, sandbox.RefOf(w.flow.Sandbox), r), "")
	w.run(t, "ReleaseLost")
	if calls := w.ecs.Calls(); len(calls) != 0 {
		t.Errorf("calls %v", calls)
	}
}
