package steptest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// ECS is a cluster named staging with services, and the task definitions that
// they run. A deployment stays in progress until a test lets it end.
type ECS struct {
	Faults

	// Outcome, when set, ends each deployment once it was looked at: how, and why.
	Outcome func(image string) (types.DeploymentRolloutState, string)

	mu          sync.Mutex
	Services    map[string]*types.Service
	Definitions []*Definition
	deployments int
	looked      string
}

// Definition is a revision of a task definition, with its tags.
type Definition struct {
	types.TaskDefinition
	Tags []types.Tag
}

// DefinitionPrefix is what the ARNs of task definitions begin with.
const DefinitionPrefix = "arn:aws:ecs:us-east-1:000000000000:task-definition/"

// NewECS returns a cluster whose service docs runs the first revision of the
// task definition docs, which has the containers named.
func NewECS(containers ...string) *ECS {
	f := &ECS{Services: map[string]*types.Service{}}
	in := &ecs.RegisterTaskDefinitionInput{
		Family: aws.String("docs"), Cpu: aws.String("256"), NetworkMode: types.NetworkModeAwsvpc, TaskRoleArn: aws.String("arn:aws:iam::000000000000:role/docs"),
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("web")}},
	}
	for _, name := range containers {
		in.ContainerDefinitions = append(in.ContainerDefinitions, types.ContainerDefinition{Name: &name, Image: aws.String("old/" + name), Environment: []types.KeyValuePair{{Name: aws.String("A"), Value: aws.String("1")}}})
	}
	arn := f.register(in)
	f.Services["docs"] = &types.Service{
		ServiceName: aws.String("docs"), Status: aws.String("ACTIVE"), TaskDefinition: &arn,
		DeploymentConfiguration: &types.DeploymentConfiguration{
			MaximumPercent: aws.Int32(150), Alarms: &types.DeploymentAlarms{AlarmNames: []string{"errors"}, Enable: true, Rollback: true},
		},
	}
	f.deploy(f.Services["docs"], arn)
	f.End(types.DeploymentRolloutStateCompleted, "")
	return f
}

// End lets the deployment of service docs that is in progress end. When it
// failed, the service goes back to the one before, as the circuit breaker does.
func (f *ECS) End(state types.DeploymentRolloutState, reason string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.end(state, reason)
}

func (f *ECS) end(state types.DeploymentRolloutState, reason string) {
	service := f.Services["docs"]
	primary := &service.Deployments[0]
	primary.RolloutState, primary.RolloutStateReason = state, &reason
	if state != types.DeploymentRolloutStateFailed {
		service.Deployments = service.Deployments[:1]
		return
	}
	before := aws.ToString(service.Deployments[1].TaskDefinition)
	service.Events = append([]types.ServiceEvent{{Message: aws.String("(service docs) (deployment " + *primary.Id + ") deployment failed: " + reason)}}, service.Events...)
	f.deploy(service, before)
}

// Forget takes all deployments of service docs but the newest away, as ECS does
// once their tasks are gone.
func (f *ECS) Forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.Services["docs"].Deployments = f.Services["docs"].Deployments[:1]
}

func (f *ECS) deploy(service *types.Service, arn string) {
	for i := range service.Deployments {
		service.Deployments[i].Status = aws.String("ACTIVE")
	}
	f.deployments++
	service.TaskDefinition = &arn
	service.Deployments = append([]types.Deployment{{
		Id: aws.String(fmt.Sprintf("ecs-svc/%d", f.deployments)), Status: aws.String("PRIMARY"), TaskDefinition: &arn, RolloutState: types.DeploymentRolloutStateInProgress,
	}}, service.Deployments...)
}

func (f *ECS) find(cluster, service *string) (*types.Service, error) {
	if aws.ToString(cluster) != "staging" {
		return nil, &types.ClusterNotFoundException{Message: aws.String("Cluster not found.")}
	}
	return f.Services[aws.ToString(service)], nil
}

// DescribeServices tells of one service; one that is not there is a failure in
// the answer, not an error.
func (f *ECS) DescribeServices(_ context.Context, in *ecs.DescribeServicesInput, _ ...func(*ecs.Options)) (*ecs.DescribeServicesOutput, error) {
	return call(&f.Faults, "DescribeServices", func() (*ecs.DescribeServicesOutput, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		found, err := f.find(in.Cluster, &in.Services[0])
		if err != nil {
			return nil, err
		}
		if found == nil {
			return &ecs.DescribeServicesOutput{Failures: []types.Failure{{Reason: aws.String("MISSING")}}}, nil
		}
		primary := found.Deployments[0]
		if f.Outcome != nil && primary.RolloutState == types.DeploymentRolloutStateInProgress && f.looked == *primary.Id {
			f.end(f.Outcome(aws.ToString(f.definition(*primary.TaskDefinition).ContainerDefinitions[0].Image)))
		}
		f.looked = *primary.Id
		told := *found
		told.Deployments, told.Events = slices.Clone(found.Deployments), slices.Clone(found.Events)
		return &ecs.DescribeServicesOutput{Services: []types.Service{told}}, nil
	})
}

// UpdateService begins a deployment when the task definition changes.
func (f *ECS) UpdateService(_ context.Context, in *ecs.UpdateServiceInput, _ ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error) {
	return call(&f.Faults, "UpdateService", func() (*ecs.UpdateServiceOutput, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		service, err := f.find(in.Cluster, in.Service)
		switch {
		case err != nil:
			return nil, err
		case service == nil:
			return nil, &types.ServiceNotFoundException{Message: aws.String("Service not found.")}
		case aws.ToString(service.Status) != "ACTIVE":
			return nil, &types.ServiceNotActiveException{Message: aws.String("Service was not ACTIVE.")}
		}
		if d := f.definition(*in.TaskDefinition); d == nil || d.Status != types.TaskDefinitionStatusActive {
			return nil, &types.ClientException{Message: aws.String("TaskDefinition is inactive")}
		}
		service.DeploymentConfiguration = in.DeploymentConfiguration
		if *in.TaskDefinition != aws.ToString(service.TaskDefinition) {
			f.deploy(service, *in.TaskDefinition)
		}
		told := *service
		told.Deployments = slices.Clone(service.Deployments)
		return &ecs.UpdateServiceOutput{Service: &told}, nil
	})
}

func (f *ECS) definition(arn string) *Definition {
	for _, d := range f.Definitions {
		if aws.ToString(d.TaskDefinitionArn) == arn {
			return d
		}
	}
	return nil
}

// ListTaskDefinitions lists the active revisions of a family, newest first,
// two on a page.
func (f *ECS) ListTaskDefinitions(_ context.Context, in *ecs.ListTaskDefinitionsInput, _ ...func(*ecs.Options)) (*ecs.ListTaskDefinitionsOutput, error) {
	return call(&f.Faults, "ListTaskDefinitions", func() (*ecs.ListTaskDefinitionsOutput, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		var arns []string
		for _, d := range slices.Backward(f.Definitions) {
			if arn := *d.TaskDefinitionArn; d.Status == types.TaskDefinitionStatusActive && strings.HasPrefix(arn, DefinitionPrefix+*in.FamilyPrefix+":") {
				arns = append(arns, arn)
			}
		}
		if in.NextToken != nil {
			arns = arns[slices.Index(arns, *in.NextToken):]
		}
		out := &ecs.ListTaskDefinitionsOutput{TaskDefinitionArns: arns}
		if len(arns) > 2 {
			out.TaskDefinitionArns, out.NextToken = arns[:2], &arns[2]
		}
		return out, nil
	})
}

// DescribeTaskDefinition tells of a revision, an inactive one too.
func (f *ECS) DescribeTaskDefinition(_ context.Context, in *ecs.DescribeTaskDefinitionInput, _ ...func(*ecs.Options)) (*ecs.DescribeTaskDefinitionOutput, error) {
	return call(&f.Faults, "DescribeTaskDefinition", func() (*ecs.DescribeTaskDefinitionOutput, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		d := f.definition(*in.TaskDefinition)
		if d == nil {
			return nil, &types.ClientException{Message: aws.String("Unable to describe task definition.")}
		}
		told := d.TaskDefinition
		return &ecs.DescribeTaskDefinitionOutput{TaskDefinition: &told, Tags: d.Tags}, nil
	})
}

// RegisterTaskDefinition makes the next revision of a family.
func (f *ECS) RegisterTaskDefinition(_ context.Context, in *ecs.RegisterTaskDefinitionInput, _ ...func(*ecs.Options)) (*ecs.RegisterTaskDefinitionOutput, error) {
	return call(&f.Faults, "RegisterTaskDefinition", func() (*ecs.RegisterTaskDefinitionOutput, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		told := f.definition(f.register(in)).TaskDefinition
		return &ecs.RegisterTaskDefinitionOutput{TaskDefinition: &told}, nil
	})
}

func (f *ECS) register(in *ecs.RegisterTaskDefinitionInput) string {
	revision := 1
	for _, d := range f.Definitions {
		if *d.Family == *in.Family {
			revision = int(d.Revision) + 1
		}
	}
	arn := fmt.Sprintf("%s%s:%d", DefinitionPrefix, *in.Family, revision)
	f.Definitions = append(f.Definitions, &Definition{Tags: in.Tags, TaskDefinition: types.TaskDefinition{
		TaskDefinitionArn: &arn, Family: in.Family, Revision: int32(revision), Status: types.TaskDefinitionStatusActive,
		ContainerDefinitions: in.ContainerDefinitions, Cpu: in.Cpu, NetworkMode: in.NetworkMode, TaskRoleArn: in.TaskRoleArn,
	}})
	return arn
}
