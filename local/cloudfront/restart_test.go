package cloudfront_test

import (
	"encoding/hex"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/local/cloudfront"
)

// reopen opens the same folder again without closing the first service, as
// after kill -9.
func (c *cloud) reopen(t *testing.T) *cloud {
	t.Helper()
	dir, clock := c.dir, c.clock
	again := open(t, func(o *cloudfront.Options) { o.Dir, o.Clock = dir, clock.Now })
	again.clock = clock
	return again
}

func TestEverythingSurvivesAKill(t *testing.T) {
	c := open(t, nil)
	ctx := t.Context()
	oai, err := c.CreateCloudFrontOriginAccessIdentity(ctx, &sdk.CreateCloudFrontOriginAccessIdentityInput{
		CloudFrontOriginAccessIdentityConfig: &types.CloudFrontOriginAccessIdentityConfig{CallerReference: aws.String("1"), Comment: aws.String("mine")},
	})
	if err != nil {
		t.Fatal(err)
	}
	user := *oai.CloudFrontOriginAccessIdentity.S3CanonicalUserId
	if raw, err := hex.DecodeString(user); err != nil || len(raw) != 48 {
		t.Errorf("canonical user id %q", user)
	}
	if _, err := c.CreateOriginAccessControl(ctx, &sdk.CreateOriginAccessControlInput{OriginAccessControlConfig: control("one")}); err != nil {
		t.Fatal(err)
	}
	fn := c.function(t, "folders")
	arn := *fn.FunctionSummary.FunctionMetadata.FunctionARN
	made, err := c.CreateDistributionWithTags(ctx, &sdk.CreateDistributionWithTagsInput{DistributionConfigWithTags: &types.DistributionConfigWithTags{
		DistributionConfig: config("1", nil), Tags: &types.Tags{Items: []types.Tag{{Key: aws.String("owner"), Value: aws.String("me")}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	id, domain := made.Distribution.Id, *made.Distribution.DomainName
	c.clock.pass(propagation)
	c.disable(t, id)
	invalidation, err := c.CreateInvalidation(ctx, &sdk.CreateInvalidationInput{DistributionId: id, InvalidationBatch: batch("1", "/*")})
	if err != nil {
		t.Fatal(err)
	}
	c.clock.pass(propagation - time.Second)

	again := c.reopen(t)
	if got := again.status(t, id); got != "InProgress" {
		t.Errorf("the distribution is %s before its time", got)
	}
	if d, ok := again.service.ByHost(domain); !ok || !d.Config.On() {
		t.Error("what is deployed was forgotten")
	}
	if diff := cmp.Diff(c.service.Distributions(), again.service.Distributions()); diff != "" {
		t.Errorf("inventory:\n%s", diff)
	}
	if f, ok := again.service.LiveFunction(arn); !ok || string(f.Code) != "function handler(e) { return e.request }" {
		t.Errorf("function: %+v", f)
	}
	if got, ok := again.service.OAIByCanonicalUser(user); !ok || got != *oai.CloudFrontOriginAccessIdentity.Id {
		t.Errorf("identity: %q", got)
	}
	tags, err := again.ListTagsForResource(ctx, &sdk.ListTagsForResourceInput{Resource: made.Distribution.ARN})
	if err != nil || len(tags.Tags.Items) != 1 || *tags.Tags.Items[0].Value != "me" {
		t.Errorf("tags: %v, %v", tags, err)
	}
	state := func() string {
		t.Helper()
		out, err := again.GetInvalidation(ctx, &sdk.GetInvalidationInput{DistributionId: id, Id: invalidation.Invalidation.Id})
		if err != nil {
			t.Fatal(err)
		}
		return *out.Invalidation.Status
	}
	if got := state(); got != "InProgress" {
		t.Errorf("the invalidation is %s before its time", got)
	}
	c.clock.pass(time.Second)
	if got := again.status(t, id); got != "Deployed" {
		t.Errorf("the distribution is %s after its time", got)
	}
	if got := state(); got != "Completed" {
		t.Errorf("the invalidation is %s after its time", got)
	}
	if d, _ := again.service.ByHost(domain); d.Config.On() {
		t.Error("disabling was not effective after a restart")
	}
	retried := again.create(t, config("1", nil))
	if *retried.Distribution.Id != *id {
		t.Error("the caller reference was forgotten")
	}
}

func TestPropagationTakesVirtualTime(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := cloudfront.New(cloudfront.Options{Dir: dir, Propagation: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		post(t, s)
		if got := s.Distributions()[0].Status; got != "InProgress" {
			t.Errorf("at first it is %s", got)
		}
		time.Sleep(time.Hour)
		if got := s.Distributions()[0].Status; got != "Deployed" {
			t.Errorf("after an hour it is %s", got)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}
