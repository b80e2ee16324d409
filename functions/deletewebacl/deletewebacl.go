// Package deletewebacl is the step by which a sandbox leaves the installation's
// web ACL, once its distribution no longer names it. Whoever leaves last
// deletes it.
package deletewebacl

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find"
	"github.com/mayfly-dev/mayfly/find/webacls"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "deletewebacl"

// Client is what the step needs of WAF in us-east-1.
type Client interface {
	webacls.Reader
	DeleteWebACL(context.Context, *wafv2.DeleteWebACLInput, ...func(*wafv2.Options)) (*wafv2.DeleteWebACLOutput, error)
}

// Distributions is what the step needs of CloudFront, which knows who uses a
// web ACL; WAF knows it for regional ones alone.
type Distributions interface {
	ListDistributionsByWebACLId(context.Context, *cloudfront.ListDistributionsByWebACLIdInput, ...func(*cloudfront.Options)) (*cloudfront.ListDistributionsByWebACLIdOutput, error)
}

// Ledger is what the step writes down.
type Ledger interface {
	Gone(ctx context.Context, ref sandbox.Ref, step string, kind sandbox.Kind) error
	Left(ctx context.Context, ref sandbox.Ref, step string, kind sandbox.Kind, why string) error
}

// Step deletes the web ACL.
type Step struct {
	client        Client
	distributions Distributions
	ledger        Ledger
	stage         string
}

// New returns the step of the installation with a stage.
func New(client Client, distributions Distributions, ledger Ledger, stage string) *Step {
	return &Step{client: client, distributions: distributions, ledger: ledger, stage: stage}
}

// Handle deletes the web ACL unless a distribution names it, and strikes the
// sandbox's line out. One that is gone, or is not the installation's, is a
// success: nothing of the sandbox is left. A flow without a sandbox is of nobody,
// who deletes what nobody uses. WAF itself refuses to delete what a
// distribution uses. If it says so (WAFAssociatedItemException) while
// CloudFront lists none, a change has not reached it yet, and the machine tries
// again. Whoever begins to use it meanwhile is refused by CloudFront, and makes
// it again.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.Recorded, error) {
	done := events.Recorded{Phase: string(sandbox.PhaseDeleting)}
	if in.Made.WebACL == nil {
		return done, nil
	}
	left, err := s.leave(ctx)
	if err != nil {
		return events.Recorded{}, err
	}
	if in.Sandbox.ID == "" {
		return events.Recorded{}, nil
	}
	ref := sandbox.RefOf(in.Sandbox)
	if left == "" {
		err = s.ledger.Gone(ctx, ref, step, sandbox.KindWebACL)
	} else {
		err = s.ledger.Left(ctx, ref, step, sandbox.KindWebACL, left)
	}
	if err != nil && !errors.Is(err, sandbox.ErrNotFound) {
		return events.Recorded{}, err
	}
	return done, nil
}

// leave deletes the web ACL, or says why it stays.
func (s *Step) leave(ctx context.Context) (stays string, err error) {
	there, err := webacls.Find(ctx, s.client, s.stage)
	var other *find.NotOursError
	switch {
	case errors.As(err, &other):
		return other.Error(), nil
	case err != nil:
		return "", err
	case there == nil:
		return "", nil
	}
	name := aws.ToString(there.Name)
	users, err := s.distributions.ListDistributionsByWebACLId(ctx, &cloudfront.ListDistributionsByWebACLIdInput{WebACLId: there.ARN, MaxItems: aws.Int32(1)})
	if err != nil {
		return "", fmt.Errorf("list the distributions that use web ACL %s: %w", name, err)
	}
	if len(users.DistributionList.Items) > 0 {
		return "other distributions use it", nil
	}
	_, err = s.client.DeleteWebACL(ctx, &wafv2.DeleteWebACLInput{Name: &name, Id: there.Id, LockToken: there.LockToken, Scope: types.ScopeCloudfront})
	if err != nil && !awserr.Is(err, "WAFNonexistentItemException") {
		return "", fmt.Errorf("delete web ACL %s: %w", name, err)
	}
	return "", nil
}
