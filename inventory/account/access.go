package account

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/inventory"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func (a *Account) listIdentities(ctx context.Context) ([]inventory.Thing, map[string][]string, error) {
	var all []inventory.Thing
	var marker *string
	for {
		page, err := a.distributions.ListCloudFrontOriginAccessIdentities(ctx, &cloudfront.ListCloudFrontOriginAccessIdentitiesInput{Marker: marker})
		if err != nil {
			return all, nil, fmt.Errorf("list origin access identities: %w", err)
		}
		list := page.CloudFrontOriginAccessIdentityList
		for i := range list.Items {
			id := aws.ToString(list.Items[i].Id)
			all = append(all, inventory.Thing{
				Kind: sandbox.KindOAI, ID: id, Marked: strings.HasPrefix(aws.ToString(list.Items[i].Comment), commentPrefix),
				Made: events.Made{OriginAccess: &events.AccessHandle{
					Kind: events.OriginAccessIdentity, ID: id, CanonicalUserID: aws.ToString(list.Items[i].S3CanonicalUserId),
				}},
			})
		}
		if !aws.ToBool(list.IsTruncated) {
			return all, nil, nil
		}
		marker = list.NextMarker
	}
}

func (a *Account) inspectIdentity(ctx context.Context, thing inventory.Thing) (inventory.Thing, bool, error) {
	out, err := a.distributions.GetCloudFrontOriginAccessIdentity(ctx, &cloudfront.GetCloudFrontOriginAccessIdentityInput{Id: &thing.ID})
	if awserr.Is(err, "NoSuchCloudFrontOriginAccessIdentity") {
		return thing, false, nil
	}
	if err != nil {
		return thing, false, fmt.Errorf("read it: %w", err)
	}
	config := out.CloudFrontOriginAccessIdentity.CloudFrontOriginAccessIdentityConfig
	weigh(&thing, aws.ToString(config.Comment), "caller reference", aws.ToString(config.CallerReference))
	return thing, true, nil
}

// listControls lists the controls, whose names are caller references.
func (a *Account) listControls(ctx context.Context) ([]inventory.Thing, map[string][]string, error) {
	var all []inventory.Thing
	var marker *string
	for {
		page, err := a.distributions.ListOriginAccessControls(ctx, &cloudfront.ListOriginAccessControlsInput{Marker: marker})
		if err != nil {
			return all, nil, fmt.Errorf("list origin access controls: %w", err)
		}
		list := page.OriginAccessControlList
		for i := range list.Items {
			id := aws.ToString(list.Items[i].Id)
			all = append(all, inventory.Thing{
				Kind: sandbox.KindOAC, ID: id,
				Marked: inventory.OfReference(aws.ToString(list.Items[i].Name), sandbox.KindOAC) != "" || strings.HasPrefix(aws.ToString(list.Items[i].Description), commentPrefix),
				Made:   events.Made{OriginAccess: &events.AccessHandle{Kind: events.OriginAccessControl, ID: id}},
			})
		}
		if !aws.ToBool(list.IsTruncated) {
			return all, nil, nil
		}
		marker = list.NextMarker
	}
}

func (a *Account) inspectControl(ctx context.Context, thing inventory.Thing) (inventory.Thing, bool, error) {
	out, err := a.distributions.GetOriginAccessControl(ctx, &cloudfront.GetOriginAccessControlInput{Id: &thing.ID})
	if awserr.Is(err, "NoSuchOriginAccessControl") {
		return thing, false, nil
	}
	if err != nil {
		return thing, false, fmt.Errorf("read it: %w", err)
	}
	config := out.OriginAccessControl.OriginAccessControlConfig
	weigh(&thing, aws.ToString(config.Description), "name", aws.ToString(config.Name))
	return thing, true, nil
}
