// Package publishversion is the step that publishes a version of a Lambda
// function: its code, as it was released, for good.
package publishversion

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Name is the step's name.
const Name = "publishversion"

// Client is what the step needs of Lambda.
type Client interface {
	PublishVersion(context.Context, *lambda.PublishVersionInput, ...func(*lambda.Options)) (*lambda.PublishVersionOutput, error)
}

// Step publishes versions.
type Step struct {
	client Client
	store  sandbox.ReleaseStore
	ledger sandbox.Ledger
}

// New returns the step.
func New(client Client, store sandbox.ReleaseStore, ledger sandbox.Ledger) *Step {
	return &Step{client: client, store: store, ledger: ledger}
}

// Handle returns the flow's release with its version, which is of the
// release's code: Lambda refuses to publish other code. A second time it is the
// same version, for Lambda publishes none when nothing has changed since the
// last. The error ResourceConflictException, while an update of the function is
// under way, is to be tried again on.
func (s *Step) Handle(ctx context.Context, in events.RolloutFlow) (events.LambdaRollout, error) {
	ref, id, to := sandbox.RefOf(in.Sandbox), in.Release.ID, in.Release.Rollout
	if to == nil || to.Lambda == nil || to.Lambda.CodeSHA256 == "" {
		return events.LambdaRollout{}, fmt.Errorf("release %s has brought no code to a Lambda function", id)
	}
	if _, err := s.ledger.BeginReleaseStep(ctx, ref, id, Name); err != nil {
		return events.LambdaRollout{}, err
	}
	made := *to.Lambda
	out, err := s.client.PublishVersion(ctx, &lambda.PublishVersionInput{
		FunctionName: &made.Function, CodeSha256: &made.CodeSHA256, Description: aws.String("Mayfly release " + id + " of " + in.Sandbox.Name),
	})
	if err != nil {
		return events.LambdaRollout{}, fmt.Errorf("publish a version of function %s: %w", made.Function, err)
	}
	made.Version = aws.ToString(out.Version)
	return made, sandbox.NoteRollout(ctx, s.store, ref, id, events.Rollout{Target: events.TargetLambda, Lambda: &made})
}
