// Package updatefunctioncode is the step that gives a Lambda function the
// image of a release as its code. Nobody sees it yet: the function's alias
// stays on the version that it points to.
package updatefunctioncode

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Name is the step's name.
const Name = "updatefunctioncode"

// Client is what the step needs of Lambda.
type Client interface {
	lambda.GetFunctionAPIClient
	UpdateFunctionCode(context.Context, *lambda.UpdateFunctionCodeInput, ...func(*lambda.Options)) (*lambda.UpdateFunctionCodeOutput, error)
}

// Images is what the step needs of ECR.
type Images interface {
	BatchGetImage(context.Context, *ecr.BatchGetImageInput, ...func(*ecr.Options)) (*ecr.BatchGetImageOutput, error)
}

// Step updates the code of functions.
type Step struct {
	client Client
	images Images
	store  sandbox.ReleaseStore
	ledger sandbox.Ledger
}

// New returns the step.
func New(client Client, images Images, store sandbox.ReleaseStore, ledger sandbox.Ledger) *Step {
	return &Step{client: client, images: images, store: store, ledger: ledger}
}

// Handle returns the flow's release with the digest of its code. Lambda takes
// an image for one platform alone, so of an image for several the one for the
// function's architecture is given to it. A function that has the image already
// is not given it again.
//
// It returns a *sandbox.TargetError when the function is not made for images,
// or when the image has nothing for it. The error ResourceConflictException,
// while another update of the function is under way, is to be tried again on.
func (s *Step) Handle(ctx context.Context, in events.RolloutFlow) (events.LambdaRollout, error) {
	ref, id, to := sandbox.RefOf(in.Sandbox), in.Release.ID, in.Release.Rollout
	if to == nil || to.Lambda == nil {
		return events.LambdaRollout{}, fmt.Errorf("release %s does not go to a Lambda function", id)
	}
	box, err := s.ledger.BeginReleaseStep(ctx, ref, id, Name)
	if err != nil {
		return events.LambdaRollout{}, err
	}
	r, err := s.store.GetRelease(ctx, ref, id)
	if err != nil {
		return events.LambdaRollout{}, fmt.Errorf("read release %s: %w", id, err)
	}
	made := *to.Lambda
	there, err := s.function(ctx, &r, made.Function)
	if err != nil {
		return events.LambdaRollout{}, err
	}
	image := r.Image
	if image.Digest, err = s.forPlatform(ctx, &r, architecture(there.Configuration)); err != nil {
		return events.LambdaRollout{}, err
	}
	uri, err := box.ImageURI(image)
	if err != nil {
		return events.LambdaRollout{}, err
	}
	if there.Code != nil && aws.ToString(there.Code.ImageUri) == uri && there.Configuration.LastUpdateStatus != types.LastUpdateStatusFailed {
		made.CodeSHA256 = aws.ToString(there.Configuration.CodeSha256)
	} else {
		out, err := s.client.UpdateFunctionCode(ctx, &lambda.UpdateFunctionCodeInput{FunctionName: &made.Function, ImageUri: &uri})
		if err != nil {
			return events.LambdaRollout{}, fmt.Errorf("update the code of function %s: %w", made.Function, err)
		}
		made.CodeSHA256 = aws.ToString(out.CodeSha256)
	}
	return made, sandbox.NoteRollout(ctx, s.store, ref, id, events.Rollout{Target: events.TargetLambda, Lambda: &made})
}

func (s *Step) function(ctx context.Context, r *sandbox.Release, name string) (*lambda.GetFunctionOutput, error) {
	refused := func(why string) error { return &sandbox.TargetError{Destination: r.Destination(), Why: why} }
	out, err := s.client.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &name})
	switch {
	case awserr.Is(err, "ResourceNotFoundException"):
		return nil, refused("Lambda has no such function; make it first, with package type Image")
	case err == nil && out.Configuration == nil:
		err = errors.New("its configuration is not told")
	}
	if err != nil {
		return nil, fmt.Errorf("look at function %s: %w", name, err)
	}
	if out.Configuration.PackageType != types.PackageTypeImage {
		return nil, refused(fmt.Sprintf("its package type is %s, which Lambda never changes; make a function with package type Image", out.Configuration.PackageType))
	}
	return out, nil
}

// architecture returns a function's as images name it.
func architecture(config *types.FunctionConfiguration) string {
	for _, one := range config.Architectures {
		if one == types.ArchitectureArm64 {
			return "arm64"
		}
	}
	return "amd64" // x86_64, which is Lambda's default
}
