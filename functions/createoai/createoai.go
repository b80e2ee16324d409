// Package createoai is the step that makes what CloudFront proves itself to
// the bucket with: an Origin Access Identity, or an Origin Access Control when
// the spec says so.
package createoai

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find/distributions"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "createoai"

// Client is what the step needs of CloudFront: one half for each kind.
type Client interface {
	distributions.IdentityLister
	CreateCloudFrontOriginAccessIdentity(context.Context, *cloudfront.CreateCloudFrontOriginAccessIdentityInput, ...func(*cloudfront.Options)) (*cloudfront.CreateCloudFrontOriginAccessIdentityOutput, error)

	distributions.ControlLister
	CreateOriginAccessControl(context.Context, *cloudfront.CreateOriginAccessControlInput, ...func(*cloudfront.Options)) (*cloudfront.CreateOriginAccessControlOutput, error)
}

// Ledger is what the step writes down.
type Ledger interface {
	Intend(ctx context.Context, ref sandbox.Ref, step string, r sandbox.Resource) (sandbox.Resource, error)
	Made(ctx context.Context, ref sandbox.Ref, step string, r sandbox.Resource) error
}

// Step makes identities and controls.
type Step struct {
	client Client
	ledger Ledger
}

// New returns the step.
func New(client Client, ledger Ledger) *Step { return &Step{client: client, ledger: ledger} }

// Handle makes the sandbox's identity or control, or finds the one that an
// earlier try made.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.AccessHandle, error) {
	kind, create := sandbox.KindOAI, s.identity
	if in.Sandbox.Spec.OriginAccess == events.OriginAccessControl {
		kind, create = sandbox.KindOAC, s.control
	}
	ref := sandbox.RefOf(in.Sandbox)
	known, err := s.ledger.Intend(ctx, ref, step, sandbox.Resource{Kind: kind})
	if err != nil {
		return events.AccessHandle{}, err
	}
	if known.Status == sandbox.StatusMade {
		return handle(known), nil
	}
	made, err := create(ctx, ref)
	if err != nil {
		return events.AccessHandle{}, err
	}
	if err := s.ledger.Made(ctx, ref, step, made); err != nil {
		return events.AccessHandle{}, err
	}
	return handle(made), nil
}

func handle(r sandbox.Resource) events.AccessHandle {
	kind := events.OriginAccessIdentity
	if r.Kind == sandbox.KindOAC {
		kind = events.OriginAccessControl
	}
	return events.AccessHandle{Kind: kind, ID: r.ID, CanonicalUserID: r.CanonicalUserID}
}

// identity makes an Origin Access Identity. CloudFront answers the same caller
// reference and comment with the identity there is; with another comment, with
// AlreadyExists.
func (s *Step) identity(ctx context.Context, ref sandbox.Ref) (sandbox.Resource, error) {
	out, err := s.client.CreateCloudFrontOriginAccessIdentity(ctx, &cloudfront.CreateCloudFrontOriginAccessIdentityInput{
		CloudFrontOriginAccessIdentityConfig: &types.CloudFrontOriginAccessIdentityConfig{
			CallerReference: aws.String(sandbox.CallerReference(ref.ID, sandbox.KindOAI)),
			Comment:         aws.String(sandbox.Comment(ref.Name, ref.ID)),
		},
	})
	if err == nil {
		made := out.CloudFrontOriginAccessIdentity
		return sandbox.Resource{Kind: sandbox.KindOAI, ID: aws.ToString(made.Id), CanonicalUserID: aws.ToString(made.S3CanonicalUserId)}, nil
	}
	if awserr.Is(err, "CloudFrontOriginAccessIdentityAlreadyExists") {
		there, lookup := distributions.Identity(ctx, s.client, ref)
		if lookup != nil {
			return sandbox.Resource{}, lookup
		}
		if there != nil {
			return sandbox.Resource{Kind: sandbox.KindOAI, ID: aws.ToString(there.Id), CanonicalUserID: aws.ToString(there.S3CanonicalUserId)}, nil
		}
	}
	if awserr.Is(err, "TooManyCloudFrontOriginAccessIdentities") {
		return sandbox.Resource{}, fmt.Errorf("create origin access identity: the account's quota (100 by default) is used up; delete sandboxes, ask for more under Service Quotas, or use origin access control: %w", err)
	}
	return sandbox.Resource{}, fmt.Errorf("create origin access identity of sandbox %s: %w", ref.Name, err)
}

// control makes an Origin Access Control. It has no caller reference: its name
// is unique in the account and derives from the sandbox's id, so what has it
// is ours.
func (s *Step) control(ctx context.Context, ref sandbox.Ref) (sandbox.Resource, error) {
	out, err := s.client.CreateOriginAccessControl(ctx, &cloudfront.CreateOriginAccessControlInput{
		OriginAccessControlConfig: &types.OriginAccessControlConfig{
			Name:                          aws.String(distributions.ControlName(ref.ID)),
			Description:                   aws.String(sandbox.Comment(ref.Name, ref.ID)),
			OriginAccessControlOriginType: types.OriginAccessControlOriginTypesS3,
			SigningBehavior:               types.OriginAccessControlSigningBehaviorsAlways,
			SigningProtocol:               types.OriginAccessControlSigningProtocolsSigv4,
		},
	})
	if err == nil {
		return sandbox.Resource{Kind: sandbox.KindOAC, ID: aws.ToString(out.OriginAccessControl.Id)}, nil
	}
	if awserr.Is(err, "OriginAccessControlAlreadyExists") {
		id, lookup := distributions.Control(ctx, s.client, ref.ID)
		if lookup != nil {
			return sandbox.Resource{}, lookup
		}
		if id != "" {
			return sandbox.Resource{Kind: sandbox.KindOAC, ID: id}, nil
		}
	}
	if awserr.Is(err, "TooManyOriginAccessControls") {
		return sandbox.Resource{}, fmt.Errorf("create origin access control: the account's quota (100 by default) is used up; delete sandboxes or ask for more under Service Quotas: %w", err)
	}
	return sandbox.Resource{}, fmt.Errorf("create origin access control of sandbox %s: %w", ref.Name, err)
}
