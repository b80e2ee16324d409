package quota

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Distributions is what counting needs of CloudFront.
type Distributions interface {
	ListDistributions(context.Context, *cloudfront.ListDistributionsInput, ...func(*cloudfront.Options)) (*cloudfront.ListDistributionsOutput, error)
	ListCloudFrontOriginAccessIdentities(context.Context, *cloudfront.ListCloudFrontOriginAccessIdentitiesInput, ...func(*cloudfront.Options)) (*cloudfront.ListCloudFrontOriginAccessIdentitiesOutput, error)
}

// Buckets is what counting needs of S3.
type Buckets interface {
	ListBuckets(context.Context, *s3.ListBucketsInput, ...func(*s3.Options)) (*s3.ListBucketsOutput, error)
}

// Repositories is what counting needs of ECR.
type Repositories interface {
	DescribeRepositories(context.Context, *ecr.DescribeRepositoriesInput, ...func(*ecr.Options)) (*ecr.DescribeRepositoriesOutput, error)
}

// Usage returns how much of each quota is in use, by the quota's code. A quota
// that it does not have is not counted.
type Usage map[string]func(context.Context) (int, error)

// InUse counts by listing, each list to its end.
func InUse(distributions Distributions, buckets Buckets, repositories Repositories) Usage {
	return Usage{
		CodeDistributions: func(ctx context.Context) (int, error) {
			return count(func(marker *string) (int, *string, error) {
				out, err := distributions.ListDistributions(ctx, &cloudfront.ListDistributionsInput{Marker: marker})
				if err != nil {
					return 0, nil, err
				}
				if out.DistributionList == nil {
					return 0, nil, errors.New("CloudFront answered without a list")
				}
				return len(out.DistributionList.Items), out.DistributionList.NextMarker, nil
			})
		},
		CodeIdentities: func(ctx context.Context) (int, error) {
			return count(func(marker *string) (int, *string, error) {
				out, err := distributions.ListCloudFrontOriginAccessIdentities(ctx, &cloudfront.ListCloudFrontOriginAccessIdentitiesInput{Marker: marker})
				if err != nil {
					return 0, nil, err
				}
				if out.CloudFrontOriginAccessIdentityList == nil {
					return 0, nil, errors.New("CloudFront answered without a list")
				}
				return len(out.CloudFrontOriginAccessIdentityList.Items), out.CloudFrontOriginAccessIdentityList.NextMarker, nil
			})
		},
		CodeBuckets: func(ctx context.Context) (int, error) {
			return count(func(marker *string) (int, *string, error) {
				out, err := buckets.ListBuckets(ctx, &s3.ListBucketsInput{ContinuationToken: marker, MaxBuckets: aws.Int32(1000)})
				if err != nil {
					return 0, nil, err
				}
				return len(out.Buckets), out.ContinuationToken, nil
			})
		},
		CodeRepositories: func(ctx context.Context) (int, error) {
			return count(func(marker *string) (int, *string, error) {
				out, err := repositories.DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{NextToken: marker})
				if err != nil {
					return 0, nil, err
				}
				return len(out.Repositories), out.NextToken, nil
			})
		},
	}
}

// count adds up the pages of a list.
func count(page func(marker *string) (n int, next *string, err error)) (int, error) {
	total := 0
	for marker := (*string)(nil); ; {
		n, next, err := page(marker)
		if err != nil {
			return 0, err
		}
		if total += n; aws.ToString(next) == "" {
			return total, nil
		}
		marker = next
	}
}
