package account

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/inventory"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Distributions is what reading an account needs of CloudFront.
type Distributions interface {
	ListDistributions(context.Context, *cloudfront.ListDistributionsInput, ...func(*cloudfront.Options)) (*cloudfront.ListDistributionsOutput, error)
	GetDistribution(context.Context, *cloudfront.GetDistributionInput, ...func(*cloudfront.Options)) (*cloudfront.GetDistributionOutput, error)

	ListCloudFrontOriginAccessIdentities(context.Context, *cloudfront.ListCloudFrontOriginAccessIdentitiesInput, ...func(*cloudfront.Options)) (*cloudfront.ListCloudFrontOriginAccessIdentitiesOutput, error)
	GetCloudFrontOriginAccessIdentity(context.Context, *cloudfront.GetCloudFrontOriginAccessIdentityInput, ...func(*cloudfront.Options)) (*cloudfront.GetCloudFrontOriginAccessIdentityOutput, error)

	ListOriginAccessControls(context.Context, *cloudfront.ListOriginAccessControlsInput, ...func(*cloudfront.Options)) (*cloudfront.ListOriginAccessControlsOutput, error)
	GetOriginAccessControl(context.Context, *cloudfront.GetOriginAccessControlInput, ...func(*cloudfront.Options)) (*cloudfront.GetOriginAccessControlOutput, error)
}

// commentPrefix is what the comments of all that CloudFront keeps for sandboxes
// begin with.
const commentPrefix = "mayfly "

func (a *Account) listDistributions(ctx context.Context) ([]inventory.Thing, map[string][]string, error) {
	var all []inventory.Thing
	origins := make(map[string][]string)
	var marker *string
	for {
		page, err := a.distributions.ListDistributions(ctx, &cloudfront.ListDistributionsInput{Marker: marker})
		if err != nil {
			return all, origins, fmt.Errorf("list distributions: %w", err)
		}
		for i := range page.DistributionList.Items {
			summary := &page.DistributionList.Items[i]
			id := aws.ToString(summary.Id)
			ofSite := false
			for _, bucket := range originBuckets(summary.Origins) {
				origins[bucket] = append(origins[bucket], id)
				_, like := inventory.OfBucketName(bucket)
				ofSite = ofSite || like
			}
			all = append(all, inventory.Thing{
				Kind: sandbox.KindDistribution, ID: id, At: aws.ToTime(summary.LastModifiedTime),
				Marked: ofSite || strings.HasPrefix(aws.ToString(summary.Comment), commentPrefix),
				Made:   events.Made{Distribution: &events.Distribution{ID: id, ARN: aws.ToString(summary.ARN), DomainName: aws.ToString(summary.DomainName)}},
			})
		}
		if !aws.ToBool(page.DistributionList.IsTruncated) {
			return all, origins, nil
		}
		marker = page.DistributionList.NextMarker
	}
}

// originBuckets returns the buckets among a distribution's origins, whose
// domain names are BUCKET.s3.REGION.amazonaws.com and the like, with a bucket's
// website endpoint among them.
func originBuckets(origins *types.Origins) []string {
	if origins == nil {
		return nil
	}
	var all []string
	for _, origin := range origins.Items {
		name, rest, ok := strings.Cut(aws.ToString(origin.DomainName), ".")
		if ok && (strings.HasPrefix(rest, "s3.") || strings.HasPrefix(rest, "s3-")) {
			all = append(all, name)
		}
	}
	return all
}

func (a *Account) inspectDistribution(ctx context.Context, thing inventory.Thing) (inventory.Thing, bool, error) {
	out, err := a.distributions.GetDistribution(ctx, &cloudfront.GetDistributionInput{Id: &thing.ID})
	if awserr.Is(err, "NoSuchDistribution") {
		return thing, false, nil
	}
	if err != nil {
		return thing, false, fmt.Errorf("read it: %w", err)
	}
	config := out.Distribution.DistributionConfig
	thing.At = aws.ToTime(out.Distribution.LastModifiedTime)
	weigh(&thing, aws.ToString(config.Comment), "caller reference", aws.ToString(config.CallerReference))
	return thing, true, nil
}

// weigh fills in what a comment, and what nobody can change later, say.
func weigh(thing *inventory.Thing, comment, what, reference string) {
	mark, ok := inventory.OfComment(comment)
	id := inventory.OfReference(reference, thing.Kind)
	thing.Mark = mark
	switch {
	case id == "":
		thing.Doubt = fmt.Sprintf("its %s %q is not one that Mayfly gives", what, reference)
	case !ok:
		thing.Doubt = fmt.Sprintf("its comment %q is not one that Mayfly gives", comment)
	case id != mark.ID:
		thing.Doubt = fmt.Sprintf("its comment says sandbox %s (%s), its %s %s", mark.Name, mark.ID, what, id)
	}
}
