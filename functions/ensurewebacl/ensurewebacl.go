// Package ensurewebacl is the step that sees to it that the installation's web
// ACL is there, with the rules that this version of Mayfly gives it, for a
// sandbox that asks for WAF. All sandboxes share it; step deletewebacl removes
// it when the last one leaves.
package ensurewebacl

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/find/webacls"
	"github.com/mayfly-dev/mayfly/firewall"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const step = "ensurewebacl"

// Client is what the step needs of WAF in us-east-1.
type Client interface {
	webacls.Reader
	CreateWebACL(context.Context, *wafv2.CreateWebACLInput, ...func(*wafv2.Options)) (*wafv2.CreateWebACLOutput, error)
	UpdateWebACL(context.Context, *wafv2.UpdateWebACLInput, ...func(*wafv2.Options)) (*wafv2.UpdateWebACLOutput, error)
}

// Ledger is what the step writes down.
type Ledger interface {
	Intend(ctx context.Context, ref sandbox.Ref, step string, r sandbox.Resource) (sandbox.Resource, error)
	Made(ctx context.Context, ref sandbox.Ref, step string, r sandbox.Resource) error
}

// Step makes the web ACL.
type Step struct {
	client Client
	ledger Ledger
	stage  string
}

// New returns the step of the installation with a stage.
func New(client Client, ledger Ledger, stage string) *Step {
	return &Step{client: client, ledger: ledger, stage: stage}
}

// Handle finds the web ACL, or makes it. What it returns may be gone by the
// time that a distribution is to name it, if the last other sandbox left in
// between: CloudFront refuses that as InvalidWebACLId, and the machine begins
// here again. So the ledger's line is never taken for granted.
//
// Two runs at once make one web ACL, because its name is unique in the account:
// the later one is WAFDuplicateItemException, and finds it when it is tried
// again. A change of its rules carries the lock token of the list that it was
// found in; WAFOptimisticLockException means that somebody was faster.
func (s *Step) Handle(ctx context.Context, in events.Flow) (events.WebACL, error) {
	ref, name := sandbox.RefOf(in.Sandbox), firewall.Name(s.stage)
	line := sandbox.Resource{Kind: sandbox.KindWebACL, ID: name}
	if _, err := s.ledger.Intend(ctx, ref, step, line); err != nil {
		return events.WebACL{}, err
	}
	there, err := webacls.Find(ctx, s.client, s.stage)
	if err != nil {
		return events.WebACL{}, err
	}
	if there == nil {
		there, err = s.create(ctx)
	} else if aws.ToString(there.Description) != firewall.Description(s.stage) {
		err = s.update(ctx, there)
	}
	if err != nil {
		return events.WebACL{}, err
	}
	line.ARN = aws.ToString(there.ARN)
	return events.WebACL{Name: name, ARN: line.ARN}, s.ledger.Made(ctx, ref, step, line)
}

func (s *Step) create(ctx context.Context) (*types.WebACLSummary, error) {
	name := firewall.Name(s.stage)
	out, err := s.client.CreateWebACL(ctx, &wafv2.CreateWebACLInput{
		Name: &name, Scope: types.ScopeCloudfront, Description: aws.String(firewall.Description(s.stage)),
		DefaultAction: allow(), Rules: firewall.Rules(), VisibilityConfig: firewall.Visibility(name), Tags: firewall.Tags(s.stage),
	})
	if awserr.Is(err, "WAFLimitsExceededException") {
		return nil, fmt.Errorf("create web ACL %s: the account's quota (100 for CloudFront by default) is used up; delete web ACLs or ask for more under Service Quotas: %w", name, err)
	}
	if err != nil {
		return nil, fmt.Errorf("create web ACL %s: %w", name, err)
	}
	return out.Summary, nil
}

func (s *Step) update(ctx context.Context, there *types.WebACLSummary) error {
	name := aws.ToString(there.Name)
	_, err := s.client.UpdateWebACL(ctx, &wafv2.UpdateWebACLInput{
		Name: &name, Id: there.Id, LockToken: there.LockToken, Scope: types.ScopeCloudfront, Description: aws.String(firewall.Description(s.stage)),
		DefaultAction: allow(), Rules: firewall.Rules(), VisibilityConfig: firewall.Visibility(name),
	})
	if err != nil {
		return fmt.Errorf("update web ACL %s: %w", name, err)
	}
	return nil
}

func allow() *types.DefaultAction { return &types.DefaultAction{Allow: &types.AllowAction{}} }
