// Package distributions finds a sandbox's CloudFront distribution, and its
// origin access identity or control.
package distributions

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/find"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Reader is what looking for a distribution needs of CloudFront.
type Reader interface {
	ListDistributions(context.Context, *cloudfront.ListDistributionsInput, ...func(*cloudfront.Options)) (*cloudfront.ListDistributionsOutput, error)
	GetDistribution(context.Context, *cloudfront.GetDistributionInput, ...func(*cloudfront.Options)) (*cloudfront.GetDistributionOutput, error)
}

// Find returns the sandbox's distribution, or nil when there is none: the one with the sandbox's comment whose caller reference proves it.
func Find(ctx context.Context, client Reader, ref sandbox.Ref) (*types.Distribution, error) {
	comment := sandbox.Comment(ref.Name, ref.ID)
	var marker *string
	for {
		page, err := client.ListDistributions(ctx, &cloudfront.ListDistributionsInput{Marker: marker})
		if err != nil {
			return nil, fmt.Errorf("list distributions: %w", err)
		}
		for _, summary := range page.DistributionList.Items {
			if aws.ToString(summary.Comment) != comment {
				continue
			}
			out, err := client.GetDistribution(ctx, &cloudfront.GetDistributionInput{Id: summary.Id})
			if awserr.Is(err, "NoSuchDistribution") {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("read distribution %s: %w", aws.ToString(summary.Id), err)
			}
			if Prove(out.Distribution, ref.ID) == nil {
				return out.Distribution, nil
			}
		}
		if !aws.ToBool(page.DistributionList.IsTruncated) {
			return nil, nil
		}
		marker = page.DistributionList.NextMarker
	}
}

// Prove returns a *[find.NotOursError] unless d was made for the sandbox with
// id: its caller reference, which nobody can change, says so.
func Prove(d *types.Distribution, id string) error {
	want := sandbox.CallerReference(id, sandbox.KindDistribution)
	if got := aws.ToString(d.DistributionConfig.CallerReference); got != want {
		return &find.NotOursError{Kind: "distribution", ID: aws.ToString(d.Id), Why: fmt.Sprintf("its caller reference is %q, not %q", got, want)}
	}
	return nil
}
