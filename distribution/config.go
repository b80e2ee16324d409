package distribution

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// CloudFront's own policies: an account may have only 20 cache policies of its
// own, and these are what a static site wants.
const (
	cachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"
	securityHeaders  = "67f7725c-6f97-4210-82d7-5512b31e9d03"
	originID         = "site"
)

// Site is all that a distribution's configuration is made of.
type Site struct {
	Sandbox events.Sandbox
	Bucket  events.Bucket
	Access  events.AccessHandle
	// FolderURLs is the ARN of the installation's CloudFront function that
	// turns a folder's URL into its page's; empty for none.
	FolderURLs string
}

// Config returns the configuration of a new distribution for site.
func Config(site Site) *types.DistributionConfig {
	config := &types.DistributionConfig{
		CallerReference: aws.String(sandbox.CallerReference(site.Sandbox.ID, sandbox.KindDistribution)),
		Comment:         aws.String(sandbox.Comment(site.Sandbox.Name, site.Sandbox.ID)),
		Enabled:         aws.Bool(true),
		HttpVersion:     types.HttpVersionHttp2and3,
		IsIPV6Enabled:   aws.Bool(true),
		Origins:         &types.Origins{Quantity: aws.Int32(1), Items: []types.Origin{origin(site)}},
		DefaultCacheBehavior: &types.DefaultCacheBehavior{
			TargetOriginId:          aws.String(originID),
			ViewerProtocolPolicy:    types.ViewerProtocolPolicyRedirectToHttps,
			CachePolicyId:           aws.String(cachingOptimized),
			ResponseHeadersPolicyId: aws.String(securityHeaders),
			Compress:                aws.Bool(true),
			AllowedMethods: &types.AllowedMethods{
				Quantity: aws.Int32(3),
				Items:    []types.Method{types.MethodGet, types.MethodHead, types.MethodOptions},
				CachedMethods: &types.CachedMethods{
					Quantity: aws.Int32(2),
					Items:    []types.Method{types.MethodGet, types.MethodHead},
				},
			},
		},
		ViewerCertificate: &types.ViewerCertificate{CloudFrontDefaultCertificate: aws.Bool(true)},
		Restrictions: &types.Restrictions{GeoRestriction: &types.GeoRestriction{
			RestrictionType: types.GeoRestrictionTypeNone, Quantity: aws.Int32(0),
		}},
	}
	Apply(config, site.Sandbox.Spec, site.FolderURLs)
	return config
}

// origin returns the bucket's REST endpoint as origin: website endpoints take
// neither an identity nor a control. With a control the identity must be there
// and empty.
func origin(site Site) types.Origin {
	out := types.Origin{
		Id:             aws.String(originID),
		DomainName:     aws.String(site.Bucket.Name + ".s3." + site.Bucket.Region + ".amazonaws.com"),
		S3OriginConfig: &types.S3OriginConfig{OriginAccessIdentity: aws.String("")},
	}
	if site.Access.Kind == events.OriginAccessControl {
		out.OriginAccessControlId = aws.String(site.Access.ID)
		return out
	}
	out.S3OriginConfig.OriginAccessIdentity = aws.String("origin-access-identity/cloudfront/" + site.Access.ID)
	return out
}

// Tags returns the tags of the sandbox's distribution.
func Tags(s events.Sandbox) *types.Tags {
	return &types.Tags{Items: []types.Tag{
		{Key: aws.String(sandbox.TagSandbox), Value: aws.String(s.Name)},
		{Key: aws.String(sandbox.TagSandboxID), Value: aws.String(s.ID)},
		{Key: aws.String(sandbox.TagOwner), Value: aws.String(s.Owner)},
	}}
}
