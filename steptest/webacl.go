package steptest

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

// checkWebACL refuses a web ACL that WAF does not have, when there is a WAF.
func (f *CloudFront) checkWebACL(config *types.DistributionConfig) error {
	if arn := aws.ToString(config.WebACLId); arn != "" && f.WAF != nil && !f.WAF.Has(arn) {
		return Refusal("InvalidWebACLId")
	}
	return nil
}

// NamesWebACL tells whether a distribution names a web ACL.
func (f *CloudFront) NamesWebACL(arn string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range f.Distributions {
		if aws.ToString(d.Config.WebACLId) == arn {
			return true
		}
	}
	return false
}

// ListDistributionsByWebACLId lists a page of those that name a web ACL.
func (f *CloudFront) ListDistributionsByWebACLId(_ context.Context, in *cloudfront.ListDistributionsByWebACLIdInput, _ ...func(*cloudfront.Options)) (*cloudfront.ListDistributionsByWebACLIdOutput, error) {
	return locked(f, "ListDistributionsByWebACLId", func() (*cloudfront.ListDistributionsByWebACLIdOutput, error) {
		fitting := map[string]*Distribution{}
		for id, d := range f.Distributions {
			if aws.ToString(d.Config.WebACLId) == *in.WebACLId {
				fitting[id] = d
			}
		}
		page, next := pageOf(fitting, aws.ToString(in.Marker), int(aws.ToInt32(in.MaxItems)))
		list := &types.DistributionList{IsTruncated: aws.Bool(next != "")}
		for _, id := range page {
			list.Items = append(list.Items, types.DistributionSummary{Id: &id, WebACLId: in.WebACLId})
		}
		if next != "" {
			list.NextMarker = &next
		}
		return &cloudfront.ListDistributionsByWebACLIdOutput{DistributionList: list}, nil
	})
}
