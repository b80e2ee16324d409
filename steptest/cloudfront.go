package steptest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

// CloudFront is a small CloudFront control plane. A distribution is InProgress
// for Propagation after each change.
type CloudFront struct {
	Faults

	Now         func() time.Time
	Propagation time.Duration
	// PageSize is how many items a list page holds, CloudFront's 100 when 0.
	PageSize int
	// WAF, when set, has the web ACLs that distributions may name.
	WAF *WAF

	mu            sync.Mutex
	last          int
	Distributions map[string]*Distribution
	Identities    map[string]*Identity
	Controls      map[string]*Control
}

// Distribution is what CloudFront keeps of one distribution.
type Distribution struct {
	ID        string
	ETag      string
	Config    *types.DistributionConfig
	Tags      []types.Tag
	ChangedAt time.Time
}

// Identity is an origin access identity.
type Identity struct{ ID, ETag, CallerReference, Comment string }

// Control is an origin access control.
type Control struct {
	ID, ETag string
	Config   types.OriginAccessControlConfig
}

// NewCloudFront returns a CloudFront with nothing in it.
func NewCloudFront(now func() time.Time, propagation time.Duration) *CloudFront {
	return &CloudFront{
		Now: now, Propagation: propagation,
		Distributions: map[string]*Distribution{}, Identities: map[string]*Identity{}, Controls: map[string]*Control{},
	}
}

func (f *CloudFront) id(prefix string) string {
	f.last++
	return fmt.Sprintf("%s%04d", prefix, f.last)
}

func locked[Out any](f *CloudFront, operation string, act func() (*Out, error)) (*Out, error) {
	return call(&f.Faults, operation, func() (*Out, error) {
		f.mu.Lock()
		defer f.mu.Unlock()
		return act()
	})
}

func (f *CloudFront) show(d *Distribution) *types.Distribution {
	status := "InProgress"
	if f.Now().Sub(d.ChangedAt) >= f.Propagation {
		status = "Deployed"
	}
	return &types.Distribution{
		Id: aws.String(d.ID), ARN: aws.String("arn:aws:cloudfront::000000000000:distribution/" + d.ID),
		DomainName: aws.String("d" + d.ID + ".cloudfront.net"), Status: &status,
		LastModifiedTime: aws.Time(d.ChangedAt), DistributionConfig: copied(d.Config),
	}
}

// copied returns a config of its own: what a client changes must not change
// what CloudFront keeps.
func copied(config *types.DistributionConfig) *types.DistributionConfig {
	text, err := json.Marshal(config)
	if err != nil {
		panic(err) // plain data
	}
	var out types.DistributionConfig
	if err := json.Unmarshal(text, &out); err != nil {
		panic(err)
	}
	return &out
}

// CreateDistributionWithTags is idempotent by caller reference: the same
// configuration is answered with the one there is, another one refused.
func (f *CloudFront) CreateDistributionWithTags(_ context.Context, in *cloudfront.CreateDistributionWithTagsInput, _ ...func(*cloudfront.Options)) (*cloudfront.CreateDistributionWithTagsOutput, error) {
	return locked(f, "CreateDistributionWithTags", func() (*cloudfront.CreateDistributionWithTagsOutput, error) {
		config := copied(in.DistributionConfigWithTags.DistributionConfig)
		for _, d := range f.Distributions {
			if *d.Config.CallerReference != *config.CallerReference {
				continue
			}
			if !same(d.Config, config) {
				return nil, Refusal("DistributionAlreadyExists")
			}
			return &cloudfront.CreateDistributionWithTagsOutput{Distribution: f.show(d), ETag: aws.String(d.ETag)}, nil
		}
		for _, origin := range config.Origins.Items {
			if err := f.checkOrigin(origin); err != nil {
				return nil, err
			}
		}
		if err := f.checkWebACL(config); err != nil {
			return nil, err
		}
		d := &Distribution{ID: f.id("E"), ETag: f.id("T"), Config: config, Tags: in.DistributionConfigWithTags.Tags.Items, ChangedAt: f.Now()}
		f.Distributions[d.ID] = d
		return &cloudfront.CreateDistributionWithTagsOutput{Distribution: f.show(d), ETag: aws.String(d.ETag)}, nil
	})
}

func (f *CloudFront) checkOrigin(origin types.Origin) error {
	if path := aws.ToString(origin.S3OriginConfig.OriginAccessIdentity); path != "" {
		for id := range f.Identities {
			if path == "origin-access-identity/cloudfront/"+id {
				return nil
			}
		}
		return Refusal("InvalidOriginAccessIdentity")
	}
	if _, ok := f.Controls[aws.ToString(origin.OriginAccessControlId)]; !ok {
		return Refusal("NoSuchOriginAccessControl")
	}
	return nil
}

// GetDistribution returns one distribution, or NoSuchDistribution.
func (f *CloudFront) GetDistribution(_ context.Context, in *cloudfront.GetDistributionInput, _ ...func(*cloudfront.Options)) (*cloudfront.GetDistributionOutput, error) {
	return locked(f, "GetDistribution", func() (*cloudfront.GetDistributionOutput, error) {
		d, ok := f.Distributions[*in.Id]
		if !ok {
			return nil, Refusal("NoSuchDistribution")
		}
		return &cloudfront.GetDistributionOutput{Distribution: f.show(d), ETag: aws.String(d.ETag)}, nil
	})
}

// UpdateDistribution replaces the configuration if the ETag is fresh.
func (f *CloudFront) UpdateDistribution(_ context.Context, in *cloudfront.UpdateDistributionInput, _ ...func(*cloudfront.Options)) (*cloudfront.UpdateDistributionOutput, error) {
	return locked(f, "UpdateDistribution", func() (*cloudfront.UpdateDistributionOutput, error) {
		d, ok := f.Distributions[*in.Id]
		switch {
		case !ok:
			return nil, Refusal("NoSuchDistribution")
		case aws.ToString(in.IfMatch) != d.ETag:
			return nil, Refusal("PreconditionFailed")
		case *in.DistributionConfig.CallerReference != *d.Config.CallerReference:
			return nil, Refusal("IllegalUpdate")
		}
		if err := f.checkWebACL(in.DistributionConfig); err != nil {
			return nil, err
		}
		d.Config, d.ETag, d.ChangedAt = copied(in.DistributionConfig), f.id("T"), f.Now()
		return &cloudfront.UpdateDistributionOutput{Distribution: f.show(d), ETag: aws.String(d.ETag)}, nil
	})
}

// DeleteDistribution deletes what is disabled and deployed.
func (f *CloudFront) DeleteDistribution(_ context.Context, in *cloudfront.DeleteDistributionInput, _ ...func(*cloudfront.Options)) (*cloudfront.DeleteDistributionOutput, error) {
	return locked(f, "DeleteDistribution", func() (*cloudfront.DeleteDistributionOutput, error) {
		d, ok := f.Distributions[*in.Id]
		switch {
		case !ok:
			return nil, Refusal("NoSuchDistribution")
		case aws.ToString(in.IfMatch) != d.ETag:
			return nil, Refusal("PreconditionFailed")
		case aws.ToBool(d.Config.Enabled) || *f.show(d).Status != "Deployed":
			return nil, Refusal("DistributionNotDisabled")
		}
		delete(f.Distributions, *in.Id)
		return &cloudfront.DeleteDistributionOutput{}, nil
	})
}

// ListDistributions lists a page in the order of ids.
func (f *CloudFront) ListDistributions(_ context.Context, in *cloudfront.ListDistributionsInput, _ ...func(*cloudfront.Options)) (*cloudfront.ListDistributionsOutput, error) {
	return locked(f, "ListDistributions", func() (*cloudfront.ListDistributionsOutput, error) {
		page, next := pageOf(f.Distributions, aws.ToString(in.Marker), f.PageSize)
		list := &types.DistributionList{IsTruncated: aws.Bool(next != "")}
		for _, id := range page {
			d := f.show(f.Distributions[id])
			list.Items = append(list.Items, types.DistributionSummary{Id: d.Id, ARN: d.ARN, DomainName: d.DomainName, Status: d.Status, Comment: d.DistributionConfig.Comment})
		}
		if next != "" {
			list.NextMarker = &next
		}
		return &cloudfront.ListDistributionsOutput{DistributionList: list}, nil
	})
}

// pageOf returns the ids of a page after marker, and the next marker.
func pageOf[V any](all map[string]V, marker string, size int) (page []string, next string) {
	ids := make([]string, 0, len(all))
	for id := range all {
		if id > marker {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	if size = cmp.Or(size, 100); len(ids) > size {
		return ids[:size], ids[size-1]
	}
	return ids, ""
}

func same(a, b *types.DistributionConfig) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}
