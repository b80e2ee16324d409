// Package deleteoai is the step that deletes a sandbox's Origin Access
// Identity or Origin Access Control, once no distribution names it.
package deleteoai

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find"
	"github.com/mayfly-dev/mayfly/find/distributions"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "deleteoai"

// Client is what the step needs of CloudFront: two calls for each kind.
type Client interface {
	GetCloudFrontOriginAccessIdentity(context.Context, *cloudfront.GetCloudFrontOriginAccessIdentityInput, ...func(*cloudfront.Options)) (*cloudfront.GetCloudFrontOriginAccessIdentityOutput, error)
	DeleteCloudFrontOriginAccessIdentity(context.Context, *cloudfront.DeleteCloudFrontOriginAccessIdentityInput, ...func(*cloudfront.Options)) (*cloudfront.DeleteCloudFrontOriginAccessIdentityOutput, error)

	GetOriginAccessControl(context.Context, *cloudfront.GetOriginAccessControlInput, ...func(*cloudfront.Options)) (*cloudfront.GetOriginAccessControlOutput, error)
	DeleteOriginAccessControl(context.Context, *cloudfront.DeleteOriginAccessControlInput, ...func(*cloudfront.Options)) (*cloudfront.DeleteOriginAccessControlOutput, error)
}

// Ledger is what the step writes down.
type Ledger interface {
	Gone(ctx context.Context, ref sandbox.Ref, step string, kind sandbox.Kind) error
}

// Step deletes identities and controls.
type Step struct {
	client Client
	ledger Ledger
}

// New returns the step.
func New(client Client, ledger Ledger) *Step { return &Step{client: client, ledger: ledger} }

// Handle deletes the flow's identity or control with a fresh ETag. One that is
// gone is a success, one that a distribution still names is …InUse, which the
// machine retries, and one that is not the sandbox's a *find.NotOursError.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.Recorded, error) {
	done := events.Recorded{Phase: string(sandbox.PhaseDeleting)}
	access := in.Made.OriginAccess
	if access == nil || access.ID == "" {
		return done, nil
	}
	kind, remove := sandbox.KindOAI, s.identity
	if access.Kind == events.OriginAccessControl {
		kind, remove = sandbox.KindOAC, s.control
	}
	err := remove(ctx, access.ID, in.Sandbox.ID)
	if err != nil && !awserr.Is(err, "NoSuchCloudFrontOriginAccessIdentity", "NoSuchOriginAccessControl") {
		return events.Recorded{}, err
	}
	err = s.ledger.Gone(ctx, sandbox.RefOf(in.Sandbox), step, kind)
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return events.Recorded{}, err
	}
	return done, nil
}

func (s *Step) identity(ctx context.Context, id, sandboxID string) error {
	there, err := s.client.GetCloudFrontOriginAccessIdentity(ctx, &cloudfront.GetCloudFrontOriginAccessIdentityInput{Id: &id})
	if err != nil {
		return fmt.Errorf("read origin access identity %s: %w", id, err)
	}
	reference := aws.ToString(there.CloudFrontOriginAccessIdentity.CloudFrontOriginAccessIdentityConfig.CallerReference)
	if want := sandbox.CallerReference(sandboxID, sandbox.KindOAI); reference != want {
		return &find.NotOursError{Kind: "origin access identity", ID: id, Why: fmt.Sprintf("its caller reference is %q, not %q", reference, want)}
	}
	_, err = s.client.DeleteCloudFrontOriginAccessIdentity(ctx, &cloudfront.DeleteCloudFrontOriginAccessIdentityInput{Id: &id, IfMatch: there.ETag})
	if err != nil {
		return fmt.Errorf("delete origin access identity %s: %w", id, err)
	}
	return nil
}

func (s *Step) control(ctx context.Context, id, sandboxID string) error {
	there, err := s.client.GetOriginAccessControl(ctx, &cloudfront.GetOriginAccessControlInput{Id: &id})
	if err != nil {
		return fmt.Errorf("read origin access control %s: %w", id, err)
	}
	name := aws.ToString(there.OriginAccessControl.OriginAccessControlConfig.Name)
	if want := distributions.ControlName(sandboxID); name != want {
		return &find.NotOursError{Kind: "origin access control", ID: id, Why: fmt.Sprintf("its name is %q, not %q", name, want)}
	}
	_, err = s.client.DeleteOriginAccessControl(ctx, &cloudfront.DeleteOriginAccessControlInput{Id: &id, IfMatch: there.ETag})
	if err != nil {
		return fmt.Errorf("delete origin access control %s: %w", id, err)
	}
	return nil
}
