// Package webacls finds an installation's web ACL, and proves whose it is.
package webacls

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"github.com/mayfly-dev/mayfly/find"
	"github.com/mayfly-dev/mayfly/firewall"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Reader is what looking for a web ACL needs of WAF in us-east-1, where those
// for CloudFront are.
type Reader interface {
	ListWebACLs(context.Context, *wafv2.ListWebACLsInput, ...func(*wafv2.Options)) (*wafv2.ListWebACLsOutput, error)
	ListTagsForResource(context.Context, *wafv2.ListTagsForResourceInput, ...func(*wafv2.Options)) (*wafv2.ListTagsForResourceOutput, error)
}

// Find returns the web ACL of the installation with a stage, or nil when there
// is none. One that has its name and not its tag is a *[find.NotOursError].
func Find(ctx context.Context, client Reader, stage string) (*types.WebACLSummary, error) {
	there, err := named(ctx, client, firewall.Name(stage))
	if there == nil || err != nil {
		return nil, err
	}
	tags, err := client.ListTagsForResource(ctx, &wafv2.ListTagsForResourceInput{ResourceARN: there.ARN})
	if err != nil {
		return nil, fmt.Errorf("read the tags of web ACL %s: %w", aws.ToString(there.Name), err)
	}
	if tags.TagInfoForResource != nil {
		for _, tag := range tags.TagInfoForResource.TagList {
			if aws.ToString(tag.Key) == sandbox.TagStage && aws.ToString(tag.Value) == stage {
				return there, nil
			}
		}
	}
	return nil, &find.NotOursError{Kind: "web ACL", ID: aws.ToString(there.Name), Why: fmt.Sprintf("it has no tag %s=%s", sandbox.TagStage, stage)}
}

// named returns the web ACL with a name. WAF may give a marker with its last
// page, too; after that comes an empty one.
func named(ctx context.Context, client Reader, name string) (*types.WebACLSummary, error) {
	in := &wafv2.ListWebACLsInput{Scope: types.ScopeCloudfront}
	for {
		page, err := client.ListWebACLs(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("list web ACLs: %w", err)
		}
		for i := range page.WebACLs {
			if aws.ToString(page.WebACLs[i].Name) == name {
				return &page.WebACLs[i], nil
			}
		}
		if aws.ToString(page.NextMarker) == "" || len(page.WebACLs) == 0 {
			return nil, nil
		}
		in.NextMarker = page.NextMarker
	}
}
