// Package awaitfunction is the step that looks whether a Lambda function is
// ready for what a release does next: its new code, to be published, or its
// published version, to be pointed to.
package awaitfunction

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Name is the step's name.
const Name = "awaitfunction"

// Step looks at functions.
type Step struct {
	client  lambda.GetFunctionConfigurationAPIClient
	store   sandbox.ReleaseStore
	ledger  sandbox.Ledger
	options Options
}

// Options says how long the step waits.
type Options struct {
	// GiveUp is how long a release may take before it fails.
	GiveUp time.Duration
	Now    func() time.Time
}

// New returns the step.
func New(client lambda.GetFunctionConfigurationAPIClient, store sandbox.ReleaseStore, ledger sandbox.Ledger, options Options) *Step {
	return &Step{client: client, store: store, ledger: ledger, options: options}
}

// Handle says whether the version of the flow's release is there, or its code
// before it has a version, and how long to wait before looking again. It
// returns a *sandbox.RolloutError with Lambda's reason when the code was not
// taken, when somebody else has changed it, or when it takes too long, and a
// *sandbox.TargetError when a version to go back to is gone.
func (s *Step) Handle(ctx context.Context, in events.RolloutFlow) (events.Awaited, error) {
	ref, id, to := sandbox.RefOf(in.Sandbox), in.Release.ID, in.Release.Rollout
	if to == nil || to.Lambda == nil {
		return events.Awaited{}, fmt.Errorf("release %s does not go to a Lambda function", id)
	}
	if _, err := s.ledger.BeginReleaseStep(ctx, ref, id, Name); err != nil {
		return events.Awaited{}, err
	}
	r, err := s.store.GetRelease(ctx, ref, id)
	if err != nil {
		return events.Awaited{}, fmt.Errorf("read release %s: %w", id, err)
	}
	made, ask := to.Lambda, &lambda.GetFunctionConfigurationInput{FunctionName: &to.Lambda.Function}
	if made.Version != "" {
		ask.Qualifier = &made.Version
	}
	config, err := s.client.GetFunctionConfiguration(ctx, ask)
	if awserr.Is(err, "ResourceNotFoundException") && made.Version != "" {
		return events.Awaited{}, &sandbox.TargetError{
			Destination: r.Destination(), Why: fmt.Sprintf("version %s is gone; release its image again: mayfly release %s --image %s", made.Version, in.Sandbox.Name, r.Image.Digest),
		}
	}
	if err != nil {
		return events.Awaited{}, fmt.Errorf("look at function %s: %w", made.Function, err)
	}
	settled, failed := look(config, *made)
	if failed == "" && !settled && s.options.Now().Sub(r.CreatedAt) > s.options.GiveUp {
		failed = fmt.Sprintf("it was not ready within %s", s.options.GiveUp)
	}
	if failed != "" {
		return events.Awaited{}, &sandbox.RolloutError{Destination: r.Destination(), Why: failed + "; the alias stays where it was"}
	}
	looks := 1
	if in.Awaited != nil {
		looks += in.Awaited.Looks
	}
	return events.Awaited{Settled: settled, Seconds: min(1+looks, 15), Looks: looks}, nil
}

// look says whether a function, or its version, is ready, or why it is not and
// will not be. A version that was not called for long is Inactive, and wakes
// when it is called.
func look(config *lambda.GetFunctionConfigurationOutput, made events.LambdaRollout) (settled bool, failed string) {
	switch {
	case config.State == types.StateFailed:
		return false, fmt.Sprintf("Lambda could not make it ready (%s: %s)", config.StateReasonCode, aws.ToString(config.StateReason))
	case made.Version != "":
		return config.State != types.StatePending, ""
	case config.LastUpdateStatus == types.LastUpdateStatusFailed:
		return false, fmt.Sprintf("Lambda did not take the image (%s: %s)", config.LastUpdateStatusReasonCode, aws.ToString(config.LastUpdateStatusReason))
	case config.LastUpdateStatus == types.LastUpdateStatusInProgress, config.State == types.StatePending:
		return false, ""
	case aws.ToString(config.CodeSha256) != made.CodeSHA256:
		return false, "somebody else has changed the function's code meanwhile"
	}
	return true, ""
}
