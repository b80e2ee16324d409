// Package movealias is the step that points an alias of a Lambda function to
// the version of a release: from then on it is what callers get.
package movealias

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Name is the step's name.
const Name = "movealias"

// Client is what the step needs of Lambda.
type Client interface {
	GetAlias(context.Context, *lambda.GetAliasInput, ...func(*lambda.Options)) (*lambda.GetAliasOutput, error)
	CreateAlias(context.Context, *lambda.CreateAliasInput, ...func(*lambda.Options)) (*lambda.CreateAliasOutput, error)
	UpdateAlias(context.Context, *lambda.UpdateAliasInput, ...func(*lambda.Options)) (*lambda.UpdateAliasOutput, error)
}

// Step moves aliases.
type Step struct {
	client Client
	store  sandbox.ReleaseStore
	ledger sandbox.Ledger
}

// New returns the step.
func New(client Client, store sandbox.ReleaseStore, ledger sandbox.Ledger) *Step {
	return &Step{client: client, store: store, ledger: ledger}
}

// Handle points the alias to the version of the flow's release, for every
// call: weights that sent some of them to another version go. An alias that is
// not there is made. What it pointed to before is written down first.
//
// The errors PreconditionFailedException and ResourceConflictException, when
// somebody else has changed or made the alias since it was looked at, are to be
// tried again on.
func (s *Step) Handle(ctx context.Context, in events.RolloutFlow) (events.LambdaRollout, error) {
	ref, id, to := sandbox.RefOf(in.Sandbox), in.Release.ID, in.Release.Rollout
	if to == nil || to.Lambda == nil || to.Lambda.Version == "" {
		return events.LambdaRollout{}, fmt.Errorf("release %s has no version of a Lambda function", id)
	}
	if _, err := s.ledger.BeginReleaseStep(ctx, ref, id, Name); err != nil {
		return events.LambdaRollout{}, err
	}
	made := *to.Lambda
	alias, err := s.client.GetAlias(ctx, &lambda.GetAliasInput{FunctionName: &made.Function, Name: &made.Alias})
	absent := awserr.Is(err, "ResourceNotFoundException")
	if err != nil && !absent {
		return events.LambdaRollout{}, fmt.Errorf("look at alias %s of function %s: %w", made.Alias, made.Function, err)
	}
	if absent {
		_, err := s.client.CreateAlias(ctx, &lambda.CreateAliasInput{
			FunctionName: &made.Function, Name: &made.Alias, FunctionVersion: &made.Version,
			Description: aws.String("What is live of sandbox " + in.Sandbox.Name + ", by Mayfly"),
		})
		if err != nil {
			return events.LambdaRollout{}, fmt.Errorf("make alias %s of function %s: %w", made.Alias, made.Function, err)
		}
		return made, nil
	}
	there := aws.ToString(alias.FunctionVersion)
	if there == made.Version && weightless(alias.RoutingConfig) {
		return s.noted(ctx, ref, id, made) // an earlier try did it, or it was there
	}
	made.Before = there
	if err := sandbox.NoteRollout(ctx, s.store, ref, id, events.Rollout{Target: events.TargetLambda, Lambda: &made}); err != nil {
		return events.LambdaRollout{}, err
	}
	_, err = s.client.UpdateAlias(ctx, &lambda.UpdateAliasInput{
		FunctionName: &made.Function, Name: &made.Alias, FunctionVersion: &made.Version, RevisionId: alias.RevisionId,
		RoutingConfig: &types.AliasRoutingConfiguration{AdditionalVersionWeights: map[string]float64{}},
	})
	if err != nil {
		return events.LambdaRollout{}, fmt.Errorf("point alias %s of function %s to version %s: %w", made.Alias, made.Function, made.Version, err)
	}
	return made, nil
}

// noted returns what the record says: an earlier try has written down what was
// before.
func (s *Step) noted(ctx context.Context, ref sandbox.Ref, id string, made events.LambdaRollout) (events.LambdaRollout, error) {
	r, err := s.store.GetRelease(ctx, ref, id)
	if err != nil {
		return events.LambdaRollout{}, fmt.Errorf("read release %s: %w", id, err)
	}
	if r.Rollout != nil && r.Rollout.Lambda != nil {
		made.Before = r.Rollout.Lambda.Before
	}
	return made, nil
}

func weightless(routing *types.AliasRoutingConfiguration) bool {
	return routing == nil || len(routing.AdditionalVersionWeights) == 0
}
