package releasetest

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

// CloudFront keeps the invalidations of one distribution in memory.
type CloudFront struct {
	// DistributionID is the one distribution's id.
	DistributionID string
	Now            func() time.Time
	// Takes is how long an invalidation is under way.
	Takes time.Duration
	// Fail is asked before each call; an error is its answer.
	Fail func(operation string) error

	mu   sync.Mutex
	Made []*cloudfront.CreateInvalidationInput
	at   []time.Time
}

// CreateInvalidation implements CloudFront's operation: the same caller
// reference and the same paths are the same invalidation.
func (f *CloudFront) CreateInvalidation(_ context.Context, in *cloudfront.CreateInvalidationInput, _ ...func(*cloudfront.Options)) (*cloudfront.CreateInvalidationOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.check("CreateInvalidation", in.DistributionId); err != nil {
		return nil, err
	}
	batch := in.InvalidationBatch
	if int(*batch.Paths.Quantity) != len(batch.Paths.Items) {
		return nil, &types.InconsistentQuantities{}
	}
	for i, made := range f.Made {
		if *made.InvalidationBatch.CallerReference == *batch.CallerReference {
			if !slices.Equal(made.InvalidationBatch.Paths.Items, batch.Paths.Items) {
				return nil, &types.InvalidArgument{}
			}
			return &cloudfront.CreateInvalidationOutput{Invalidation: f.describe(i)}, nil
		}
	}
	f.Made, f.at = append(f.Made, in), append(f.at, f.Now())
	return &cloudfront.CreateInvalidationOutput{Invalidation: f.describe(len(f.Made) - 1)}, nil
}

// GetInvalidation implements CloudFront's operation.
func (f *CloudFront) GetInvalidation(_ context.Context, in *cloudfront.GetInvalidationInput, _ ...func(*cloudfront.Options)) (*cloudfront.GetInvalidationOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.check("GetInvalidation", in.DistributionId); err != nil {
		return nil, err
	}
	for i := range f.Made {
		if got := f.describe(i); *got.Id == *in.Id {
			return &cloudfront.GetInvalidationOutput{Invalidation: got}, nil
		}
	}
	return nil, &types.NoSuchInvalidation{}
}

// Paths returns the paths of each invalidation.
func (f *CloudFront) Paths() [][]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all [][]string
	for _, made := range f.Made {
		all = append(all, made.InvalidationBatch.Paths.Items)
	}
	return all
}

func (f *CloudFront) check(operation string, distribution *string) error {
	if f.Fail != nil {
		if err := f.Fail(operation); err != nil {
			return err
		}
	}
	if aws.ToString(distribution) != f.DistributionID {
		return &types.NoSuchDistribution{}
	}
	return nil
}

func (f *CloudFront) describe(i int) *types.Invalidation {
	status := "InProgress"
	if f.Now().Sub(f.at[i]) >= f.Takes {
		status = "Completed"
	}
	return &types.Invalidation{
		Id: aws.String("I" + *f.Made[i].InvalidationBatch.CallerReference), Status: &status,
		CreateTime: aws.Time(f.at[i]), InvalidationBatch: f.Made[i].InvalidationBatch,
	}
}
