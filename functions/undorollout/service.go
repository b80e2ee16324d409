package undorollout

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
)

// Services is what the step needs of ECS.
type Services interface {
	ecs.DescribeServicesAPIClient
	UpdateService(context.Context, *ecs.UpdateServiceInput, ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error)
}

// service puts a service back to the revision that it ran before, if it is told
// to run the release's still: the circuit breaker, or somebody else, may have
// been faster. The record knows that revision before the service is changed, so
// that a change whose reply was lost is undone, too.
func (s *Step) service(ctx context.Context, in events.RolloutFlow, made events.ECSRollout) (events.Undone, error) {
	if made.TaskDefinition == "" || made.Before == "" || made.Before == made.TaskDefinition {
		return events.Undone{}, nil // it failed before anything was changed, or there is no other
	}
	what := fmt.Sprintf("service %s of cluster %s", made.Service, made.Cluster)
	out, err := s.services.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &made.Cluster, Services: []string{made.Service}})
	if awserr.Is(err, "ClusterNotFoundException") || awserr.Is(err, "ServiceNotFoundException") {
		return events.Undone{}, nil
	}
	if err != nil {
		return events.Undone{}, fmt.Errorf("describe %s: %w", what, err)
	}
	if len(out.Services) == 0 || aws.ToString(out.Services[0].Status) != "ACTIVE" || aws.ToString(out.Services[0].TaskDefinition) != made.TaskDefinition {
		return events.Undone{}, nil
	}
	_, err = s.services.UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster: &made.Cluster, Service: &made.Service, TaskDefinition: &made.Before, DeploymentConfiguration: out.Services[0].DeploymentConfiguration,
	})
	if err != nil {
		return events.Undone{}, fmt.Errorf("put %s back to %s: %w", what, made.Before, err)
	}
	return events.Undone{Undone: true}, s.tell(ctx, in, what+" is to run "+made.Before+" again")
}
