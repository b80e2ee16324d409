// Package updateservice is the step that lets a service of ECS run the
// revision of a release.
package updateservice

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Name is the step's name.
const Name = "updateservice"

// Client is what the step needs of ECS.
type Client interface {
	ecs.DescribeServicesAPIClient
	UpdateService(context.Context, *ecs.UpdateServiceInput, ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error)
}

// Step updates services.
type Step struct {
	client Client
	store  sandbox.ReleaseStore
	ledger sandbox.Ledger
}

// New returns the step.
func New(client Client, store sandbox.ReleaseStore, ledger sandbox.Ledger) *Step {
	return &Step{client: client, store: store, ledger: ledger}
}

// Handle returns the flow's release with the deployment that runs its
// revision. A service that is told to run it already is not told again. What
// the service says about deployments stays, its alarms included, but for the
// circuit breaker, which is switched on, with the way back: what does not come
// to run is replaced by what ran before.
func (s *Step) Handle(ctx context.Context, in events.RolloutFlow) (events.ECSRollout, error) {
	ref, id, to := sandbox.RefOf(in.Sandbox), in.Release.ID, in.Release.Rollout
	if to == nil || to.ECS == nil || to.ECS.TaskDefinition == "" {
		return events.ECSRollout{}, fmt.Errorf("release %s has no task definition", id)
	}
	if _, err := s.ledger.BeginReleaseStep(ctx, ref, id, Name); err != nil {
		return events.ECSRollout{}, err
	}
	made := *to.ECS
	out, err := s.client.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &made.Cluster, Services: []string{made.Service}})
	if err == nil && len(out.Services) == 0 {
		err = &types.ServiceNotFoundException{Message: aws.String("the service is gone")}
	}
	if err != nil {
		return events.ECSRollout{}, fmt.Errorf("describe service %s of cluster %s: %w", made.Service, made.Cluster, err)
	}
	service := out.Services[0]
	if aws.ToString(service.TaskDefinition) != made.TaskDefinition {
		updated, err := s.client.UpdateService(ctx, &ecs.UpdateServiceInput{
			Cluster: &made.Cluster, Service: &made.Service, TaskDefinition: &made.TaskDefinition,
			DeploymentConfiguration: guarded(service.DeploymentConfiguration),
		})
		if err != nil {
			return events.ECSRollout{}, fmt.Errorf("update service %s of cluster %s: %w", made.Service, made.Cluster, err)
		}
		if updated.Service != nil {
			service = *updated.Service
		}
	}
	for i := range service.Deployments {
		if d := &service.Deployments[i]; aws.ToString(d.Status) == "PRIMARY" && aws.ToString(d.TaskDefinition) == made.TaskDefinition {
			made.Deployment = aws.ToString(d.Id)
		}
	}
	return made, sandbox.NoteRollout(ctx, s.store, ref, id, events.Rollout{Target: events.TargetECS, ECS: &made})
}

// guarded returns how a service is deployed, with the circuit breaker on. ECS
// takes the configuration as a whole: what is left out would be reset.
func guarded(is *types.DeploymentConfiguration) *types.DeploymentConfiguration {
	config := types.DeploymentConfiguration{}
	if is != nil {
		config = *is
	}
	config.DeploymentCircuitBreaker = &types.DeploymentCircuitBreaker{Enable: true, Rollback: true}
	return &config
}
