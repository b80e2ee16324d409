// Package registertaskdefinition is the step that makes the revision of a task
// definition that a release runs: what the service runs now, with the image of
// the release in one container.
package registertaskdefinition

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Name is the step's name.
const Name = "registertaskdefinition"

// Client is what the step needs of ECS.
type Client interface {
	ecs.DescribeServicesAPIClient
	Definitions
	RegisterTaskDefinition(context.Context, *ecs.RegisterTaskDefinitionInput, ...func(*ecs.Options)) (*ecs.RegisterTaskDefinitionOutput, error)
}

// Step registers task definitions.
type Step struct {
	client Client
	store  sandbox.ReleaseStore
	ledger sandbox.Ledger
}

// New returns the step.
func New(client Client, store sandbox.ReleaseStore, ledger sandbox.Ledger) *Step {
	return &Step{client: client, store: store, ledger: ledger}
}

// Handle returns the flow's release with the revision that it runs and the one
// that the service ran before. A second time it finds the revision that it made
// the first time. A rollback runs the very revision of the release that it
// brings back; when that was deregistered since, one like it is made.
//
// It returns a *sandbox.TargetError when the service is not one that revisions
// can be given to, or when its container can't be told.
func (s *Step) Handle(ctx context.Context, in events.RolloutFlow) (events.ECSRollout, error) {
	ref, id := sandbox.RefOf(in.Sandbox), in.Release.ID
	box, err := s.ledger.BeginReleaseStep(ctx, ref, id, Name)
	if err != nil {
		return events.ECSRollout{}, err
	}
	r, err := s.store.GetRelease(ctx, ref, id)
	if err != nil {
		return events.ECSRollout{}, fmt.Errorf("read release %s: %w", id, err)
	}
	if r.Rollout == nil || r.Rollout.ECS == nil {
		return events.ECSRollout{}, fmt.Errorf("release %s does not go to a service of ECS", id)
	}
	made := *r.Rollout.ECS
	if made.Before != "" {
		return made, nil // an earlier try came to its end, and its reply was lost
	}
	image, err := box.ImageURI(r.Image)
	if err != nil {
		return events.ECSRollout{}, err
	}
	if made.Before, err = s.running(ctx, &r, made.ECSTarget); err != nil {
		return events.ECSRollout{}, err
	}
	if made.TaskDefinition, err = s.revision(ctx, &r, made, image); err != nil {
		return events.ECSRollout{}, err
	}
	err = sandbox.NoteRollout(ctx, s.store, ref, id, events.Rollout{Target: events.TargetECS, ECS: &made})
	return made, err
}

// running returns the ARN of the revision that the service runs now.
func (s *Step) running(ctx context.Context, r *sandbox.Release, target events.ECSTarget) (string, error) {
	out, err := s.client.DescribeServices(ctx, &ecs.DescribeServicesInput{Cluster: &target.Cluster, Services: []string{target.Service}})
	if err != nil {
		return "", fmt.Errorf("describe service %s of cluster %s: %w", target.Service, target.Cluster, err)
	}
	refused := func(why string) (string, error) {
		return "", &sandbox.TargetError{Destination: r.Destination(), Why: why}
	}
	if len(out.Services) == 0 {
		return refused("ECS has no such service in this cluster")
	}
	service := out.Services[0]
	if status := aws.ToString(service.Status); status != "ACTIVE" {
		return refused("the service is " + status + ", and only an ACTIVE one is deployed to")
	}
	if c := service.DeploymentController; c != nil && c.Type != "" && c.Type != types.DeploymentControllerTypeEcs {
		return refused(fmt.Sprintf("its deployments are controlled by %s; make the service with ECS's own controller", c.Type))
	}
	return aws.ToString(service.TaskDefinition), nil
}

// revision returns the ARN of the revision that the release runs.
func (s *Step) revision(ctx context.Context, r *sandbox.Release, made events.ECSRollout, image string) (string, error) {
	from := made.Before
	if made.TaskDefinition != "" {
		there, err := s.describe(ctx, made.TaskDefinition)
		switch {
		case err == nil && there.TaskDefinition.Status == types.TaskDefinitionStatusActive:
			return made.TaskDefinition, nil
		case err == nil:
			from = made.TaskDefinition
		case !awserr.Is(err, "ClientException"): // "Unable to describe task definition": it was deleted
			return "", err
		}
	}
	if found, err := of(ctx, s.client, r.ID, made.Before); err != nil || found != "" {
		return found, err
	}
	like, err := s.describe(ctx, from)
	if err != nil {
		return "", err
	}
	in, err := with(like, r, made.Container, image)
	if err != nil {
		return "", err
	}
	out, err := s.client.RegisterTaskDefinition(ctx, in)
	if err != nil {
		return "", fmt.Errorf("register a revision of task definition %s: %w", aws.ToString(in.Family), err)
	}
	if out.TaskDefinition == nil {
		return "", errors.New("ECS registered a task definition and does not tell which")
	}
	return aws.ToString(out.TaskDefinition.TaskDefinitionArn), nil
}

func (s *Step) describe(ctx context.Context, arn string) (*ecs.DescribeTaskDefinitionOutput, error) {
	return describe(ctx, s.client, arn)
}
