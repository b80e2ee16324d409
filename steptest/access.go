package steptest

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

// CreateCloudFrontOriginAccessIdentity is idempotent by caller reference.
func (f *CloudFront) CreateCloudFrontOriginAccessIdentity(_ context.Context, in *cloudfront.CreateCloudFrontOriginAccessIdentityInput, _ ...func(*cloudfront.Options)) (*cloudfront.CreateCloudFrontOriginAccessIdentityOutput, error) {
	return locked(f, "CreateCloudFrontOriginAccessIdentity", func() (*cloudfront.CreateCloudFrontOriginAccessIdentityOutput, error) {
		config := in.CloudFrontOriginAccessIdentityConfig
		for _, i := range f.Identities {
			if i.CallerReference != *config.CallerReference {
				continue
			}
			if i.Comment != *config.Comment {
				return nil, Refusal("CloudFrontOriginAccessIdentityAlreadyExists")
			}
			return &cloudfront.CreateCloudFrontOriginAccessIdentityOutput{CloudFrontOriginAccessIdentity: identity(i), ETag: &i.ETag}, nil
		}
		i := &Identity{ID: f.id("I"), ETag: f.id("T"), CallerReference: *config.CallerReference, Comment: *config.Comment}
		f.Identities[i.ID] = i
		return &cloudfront.CreateCloudFrontOriginAccessIdentityOutput{CloudFrontOriginAccessIdentity: identity(i), ETag: &i.ETag}, nil
	})
}

func identity(i *Identity) *types.CloudFrontOriginAccessIdentity {
	return &types.CloudFrontOriginAccessIdentity{
		Id: aws.String(i.ID), S3CanonicalUserId: aws.String("canonical-" + i.ID),
		CloudFrontOriginAccessIdentityConfig: &types.CloudFrontOriginAccessIdentityConfig{CallerReference: aws.String(i.CallerReference), Comment: aws.String(i.Comment)},
	}
}

// GetCloudFrontOriginAccessIdentity returns one identity.
func (f *CloudFront) GetCloudFrontOriginAccessIdentity(_ context.Context, in *cloudfront.GetCloudFrontOriginAccessIdentityInput, _ ...func(*cloudfront.Options)) (*cloudfront.GetCloudFrontOriginAccessIdentityOutput, error) {
	return locked(f, "GetCloudFrontOriginAccessIdentity", func() (*cloudfront.GetCloudFrontOriginAccessIdentityOutput, error) {
		i, ok := f.Identities[*in.Id]
		if !ok {
			return nil, Refusal("NoSuchCloudFrontOriginAccessIdentity")
		}
		return &cloudfront.GetCloudFrontOriginAccessIdentityOutput{CloudFrontOriginAccessIdentity: identity(i), ETag: aws.String(i.ETag)}, nil
	})
}

// ListCloudFrontOriginAccessIdentities lists a page in the order of ids.
func (f *CloudFront) ListCloudFrontOriginAccessIdentities(_ context.Context, in *cloudfront.ListCloudFrontOriginAccessIdentitiesInput, _ ...func(*cloudfront.Options)) (*cloudfront.ListCloudFrontOriginAccessIdentitiesOutput, error) {
	return locked(f, "ListCloudFrontOriginAccessIdentities", func() (*cloudfront.ListCloudFrontOriginAccessIdentitiesOutput, error) {
		page, next := pageOf(f.Identities, aws.ToString(in.Marker), f.PageSize)
		list := &types.CloudFrontOriginAccessIdentityList{IsTruncated: aws.Bool(next != "")}
		for _, id := range page {
			i := identity(f.Identities[id])
			list.Items = append(list.Items, types.CloudFrontOriginAccessIdentitySummary{Id: i.Id, S3CanonicalUserId: i.S3CanonicalUserId, Comment: i.CloudFrontOriginAccessIdentityConfig.Comment})
		}
		if next != "" {
			list.NextMarker = &next
		}
		return &cloudfront.ListCloudFrontOriginAccessIdentitiesOutput{CloudFrontOriginAccessIdentityList: list}, nil
	})
}

// DeleteCloudFrontOriginAccessIdentity deletes what no distribution names.
func (f *CloudFront) DeleteCloudFrontOriginAccessIdentity(_ context.Context, in *cloudfront.DeleteCloudFrontOriginAccessIdentityInput, _ ...func(*cloudfront.Options)) (*cloudfront.DeleteCloudFrontOriginAccessIdentityOutput, error) {
	return locked(f, "DeleteCloudFrontOriginAccessIdentity", func() (*cloudfront.DeleteCloudFrontOriginAccessIdentityOutput, error) {
		i, ok := f.Identities[*in.Id]
		switch {
		case !ok:
			return nil, Refusal("NoSuchCloudFrontOriginAccessIdentity")
		case aws.ToString(in.IfMatch) != i.ETag:
			return nil, Refusal("PreconditionFailed")
		case f.named(func(o types.Origin) bool {
			return strings.HasSuffix(aws.ToString(o.S3OriginConfig.OriginAccessIdentity), "/"+i.ID)
		}):
			return nil, Refusal("CloudFrontOriginAccessIdentityInUse")
		}
		delete(f.Identities, i.ID)
		return &cloudfront.DeleteCloudFrontOriginAccessIdentityOutput{}, nil
	})
}

// CreateOriginAccessControl refuses a name that is there, whoever made it.
func (f *CloudFront) CreateOriginAccessControl(_ context.Context, in *cloudfront.CreateOriginAccessControlInput, _ ...func(*cloudfront.Options)) (*cloudfront.CreateOriginAccessControlOutput, error) {
	return locked(f, "CreateOriginAccessControl", func() (*cloudfront.CreateOriginAccessControlOutput, error) {
		for _, c := range f.Controls {
			if *c.Config.Name == *in.OriginAccessControlConfig.Name {
				return nil, Refusal("OriginAccessControlAlreadyExists")
			}
		}
		c := &Control{ID: f.id("C"), ETag: f.id("T"), Config: *in.OriginAccessControlConfig}
		f.Controls[c.ID] = c
		return &cloudfront.CreateOriginAccessControlOutput{OriginAccessControl: control(c), ETag: aws.String(c.ETag)}, nil
	})
}

func control(c *Control) *types.OriginAccessControl {
	return &types.OriginAccessControl{Id: aws.String(c.ID), OriginAccessControlConfig: &c.Config}
}

// GetOriginAccessControl returns one control.
func (f *CloudFront) GetOriginAccessControl(_ context.Context, in *cloudfront.GetOriginAccessControlInput, _ ...func(*cloudfront.Options)) (*cloudfront.GetOriginAccessControlOutput, error) {
	return locked(f, "GetOriginAccessControl", func() (*cloudfront.GetOriginAccessControlOutput, error) {
		c, ok := f.Controls[*in.Id]
		if !ok {
			return nil, Refusal("NoSuchOriginAccessControl")
		}
		return &cloudfront.GetOriginAccessControlOutput{OriginAccessControl: control(c), ETag: aws.String(c.ETag)}, nil
	})
}

// ListOriginAccessControls lists a page in the order of ids.
func (f *CloudFront) ListOriginAccessControls(_ context.Context, in *cloudfront.ListOriginAccessControlsInput, _ ...func(*cloudfront.Options)) (*cloudfront.ListOriginAccessControlsOutput, error) {
	return locked(f, "ListOriginAccessControls", func() (*cloudfront.ListOriginAccessControlsOutput, error) {
		page, next := pageOf(f.Controls, aws.ToString(in.Marker), f.PageSize)
		list := &types.OriginAccessControlList{IsTruncated: aws.Bool(next != "")}
		for _, id := range page {
			list.Items = append(list.Items, types.OriginAccessControlSummary{Id: aws.String(id), Name: f.Controls[id].Config.Name, Description: f.Controls[id].Config.Description})
		}
		if next != "" {
			list.NextMarker = &next
		}
		return &cloudfront.ListOriginAccessControlsOutput{OriginAccessControlList: list}, nil
	})
}

// DeleteOriginAccessControl deletes what no distribution names.
func (f *CloudFront) DeleteOriginAccessControl(_ context.Context, in *cloudfront.DeleteOriginAccessControlInput, _ ...func(*cloudfront.Options)) (*cloudfront.DeleteOriginAccessControlOutput, error) {
	return locked(f, "DeleteOriginAccessControl", func() (*cloudfront.DeleteOriginAccessControlOutput, error) {
		c, ok := f.Controls[*in.Id]
		switch {
		case !ok:
			return nil, Refusal("NoSuchOriginAccessControl")
		case aws.ToString(in.IfMatch) != c.ETag:
			return nil, Refusal("PreconditionFailed")
		case f.named(func(o types.Origin) bool { return aws.ToString(o.OriginAccessControlId) == c.ID }):
			return nil, Refusal("OriginAccessControlInUse")
		}
		delete(f.Controls, c.ID)
		return &cloudfront.DeleteOriginAccessControlOutput{}, nil
	})
}

func (f *CloudFront) named(match func(types.Origin) bool) bool {
	for _, d := range f.Distributions {
		for _, origin := range d.Config.Origins.Items {
			if match(origin) {
				return true
			}
		}
	}
	return false
}
