// Package awaitservice is the step that looks whether a service of ECS runs
// what was released to it.
package awaitservice

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Name is the step's name.
const Name = "awaitservice"

// Client is what the step needs of ECS.
type Client interface {
	ecs.DescribeServicesAPIClient
	UpdateService(context.Context, *ecs.UpdateServiceInput, ...func(*ecs.Options)) (*ecs.UpdateServiceOutput, error)
}

// Step looks at services.
type Step struct {
	client  Client
	store   sandbox.ReleaseStore
	ledger  sandbox.Ledger
	options Options
}

// Options says how long the step waits.
type Options struct {
	// GiveUp is how long a release may take before the service is put back.
	GiveUp time.Duration
	Now    func() time.Time
}

// New returns the step.
func New(client Client, store sandbox.ReleaseStore, ledger sandbox.Ledger, options Options) *Step {
	return &Step{client: client, store: store, ledger: ledger, options: options}
}

// Handle says whether the deployment of the flow's release is complete, and how
// long to wait before looking again. It returns a *sandbox.RolloutError with
// ECS's reason when it failed, when the service runs something else by now, or
// when it took too long: the service is put back to what it ran before then.
func (s *Step) Handle(ctx context.Context, in events.RolloutFlow) (events.Awaited, error) {
	ref, id, to := sandbox.RefOf(in.Sandbox), in.Release.ID, in.Release.Rollout
	if to == nil || to.ECS == nil {
		return events.Awaited{}, fmt.Errorf("release %s does not go to a service of ECS", id)
	}
	if _, err := s.ledger.BeginReleaseStep(ctx, ref, id, Name); err != nil {
		return events.Awaited{}, err
	}
	r, err := s.store.GetRelease(ctx, ref, id)
	if err != nil {
		return events.Awaited{}, fmt.Errorf("read release %s: %w", id, err)
	}
	made := *to.ECS
	out, err := s.client.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &made.Cluster, Services: []string{made.Service}})
	if err == nil && len(out.Services) == 0 {
		err = &types.ServiceNotFoundException{Message: aws.String("the service is gone")}
	}
	if err != nil {
		return events.Awaited{}, fmt.Errorf("describe service %s of cluster %s: %w", made.Service, made.Cluster, err)
	}
	service := &out.Services[0]
	settled, failed := look(service, made)
	switch {
	case failed != "":
		return events.Awaited{}, &sandbox.RolloutError{Destination: r.Destination(), Why: failed}
	case settled:
		return events.Awaited{Settled: true}, nil
	case s.options.Now().Sub(r.CreatedAt) > s.options.GiveUp:
		return events.Awaited{}, s.giveUp(ctx, service, &r, made)
	}
	looks := 1
	if in.Awaited != nil {
		looks += in.Awaited.Looks
	}
	return events.Awaited{Seconds: min(4+looks, 30), Looks: looks}, nil
}

// look says whether a release runs, or why it does not and will not.
func look(service *types.Service, made events.ECSRollout) (settled bool, failed string) {
	var primary *types.Deployment
	for i := range service.Deployments {
		d := &service.Deployments[i]
		if aws.ToString(d.Status) == "PRIMARY" {
			primary = d
		}
		if made.Deployment != "" && aws.ToString(d.Id) == made.Deployment && d.RolloutState == types.DeploymentRolloutStateFailed {
			return false, reason(aws.ToString(d.RolloutStateReason)) + "; the service goes back to " + made.Before
		}
	}
	switch runs := aws.ToString(service.TaskDefinition); {
	case primary == nil:
		return false, ""
	case runs == made.Before && made.Before != made.TaskDefinition:
		return false, reason(told(service, made.Deployment)) + "; the service runs " + made.Before + " again"
	case runs != made.TaskDefinition:
		return false, "somebody else has told the service to run " + runs
	case primary.RolloutState == types.DeploymentRolloutStateFailed:
		return false, reason(aws.ToString(primary.RolloutStateReason))
	case primary.RolloutState == "": // as of services that are older than rollout states
		return len(service.Deployments) == 1 && primary.RunningCount == primary.DesiredCount, ""
	}
	return primary.RolloutState == types.DeploymentRolloutStateCompleted, ""
}

func reason(text string) string {
	if text == "" {
		return "the deployment failed, and ECS does not tell why"
	}
	return strings.TrimSuffix(text, ".")
}

// told returns what ECS said about a deployment that failed and is gone from
// the service.
func told(service *types.Service, deployment string) string {
	for _, event := range service.Events { // the newest first
		if message := aws.ToString(event.Message); deployment != "" && strings.Contains(message, deployment) && strings.Contains(message, "failed") {
			return message
		}
	}
	return ""
}

// giveUp puts the service back to what it ran before, and says so.
func (s *Step) giveUp(ctx context.Context, service *types.Service, r *sandbox.Release, made events.ECSRollout) error {
	late := &sandbox.RolloutError{Destination: r.Destination(), Why: fmt.Sprintf("it did not come to run %s within %s", made.TaskDefinition, s.options.GiveUp)}
	if made.Before == "" || made.Before == made.TaskDefinition {
		return late
	}
	_, err := s.client.UpdateService(ctx, &ecs.UpdateServiceInput{
		Cluster: &made.Cluster, Service: &made.Service, TaskDefinition: &made.Before, DeploymentConfiguration: service.DeploymentConfiguration,
	})
	if err != nil {
		return fmt.Errorf("put service %s of cluster %s back to %s: %w", made.Service, made.Cluster, made.Before, err)
	}
	late.Why += "; the service goes back to " + made.Before
	return late
}
