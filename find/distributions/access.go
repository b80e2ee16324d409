package distributions

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// IdentityLister is what looking for an origin access identity needs.
type IdentityLister interface {
	ListCloudFrontOriginAccessIdentities(context.Context, *cloudfront.ListCloudFrontOriginAccessIdentitiesInput, ...func(*cloudfront.Options)) (*cloudfront.ListCloudFrontOriginAccessIdentitiesOutput, error)
}

// ControlLister is what looking for an origin access control needs.
type ControlLister interface {
	ListOriginAccessControls(context.Context, *cloudfront.ListOriginAccessControlsInput, ...func(*cloudfront.Options)) (*cloudfront.ListOriginAccessControlsOutput, error)
}

// Identity returns the sandbox's origin access identity by its comment, or nil
// when there is none.
func Identity(ctx context.Context, client IdentityLister, ref sandbox.Ref) (*types.CloudFrontOriginAccessIdentitySummary, error) {
	comment := sandbox.Comment(ref.Name, ref.ID)
	var marker *string
	for {
		page, err := client.ListCloudFrontOriginAccessIdentities(ctx, &cloudfront.ListCloudFrontOriginAccessIdentitiesInput{Marker: marker})
		if err != nil {
			return nil, fmt.Errorf("list origin access identities: %w", err)
		}
		list := page.CloudFrontOriginAccessIdentityList
		for i := range list.Items {
			if aws.ToString(list.Items[i].Comment) == comment {
				return &list.Items[i], nil
			}
		}
		if !aws.ToBool(list.IsTruncated) {
			return nil, nil
		}
		marker = list.NextMarker
	}
}

// ControlName returns the name of the sandbox's origin access control. A
// control has no caller reference: its name, at most 64 characters and unique
// in an account, makes its creation idempotent.
func ControlName(id string) string { return sandbox.CallerReference(id, sandbox.KindOAC) }

// Control returns the id of the sandbox's origin access control by its name,
// or "" when there is none.
func Control(ctx context.Context, client ControlLister, id string) (string, error) {
	name := ControlName(id)
	var marker *string
	for {
		page, err := client.ListOriginAccessControls(ctx, &cloudfront.ListOriginAccessControlsInput{Marker: marker})
		if err != nil {
			return "", fmt.Errorf("list origin access controls: %w", err)
		}
		list := page.OriginAccessControlList
		for _, control := range list.Items {
			if aws.ToString(control.Name) == name {
				return aws.ToString(control.Id), nil
			}
		}
		if !aws.ToBool(list.IsTruncated) {
			return "", nil
		}
		marker = list.NextMarker
	}
}
