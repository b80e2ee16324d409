package cloudfront_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/google/go-cmp/cmp"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

func TestADistributionIsCreatedDeployedDisabledAndDeleted(t *testing.T) {
	c := open(t, nil)
	made := c.create(t, config("one", nil))
	id, domain := made.Distribution.Id, *made.Distribution.DomainName
	if len(*id) != 14 || !strings.HasPrefix(*id, "E") || !strings.HasPrefix(domain, "d") || !strings.HasSuffix(domain, ".cloudfront.localhost") {
		t.Errorf("id %s and domain %s do not look like AWS's", *id, domain)
	}
	if want := "arn:aws:cloudfront::000000000000:distribution/" + *id; *made.Distribution.ARN != want {
		t.Errorf("got ARN %s, want %s", *made.Distribution.ARN, want)
	}
	if got := c.status(t, id); got != "InProgress" {
		t.Errorf("a new distribution is %s", got)
	}
	if d, ok := c.service.ByHost(domain + ":4566"); !ok || d.ID != *id || !d.Config.On() {
		t.Error("a new distribution is not reachable at once")
	}
	c.clock.pass(propagation)
	if got := c.status(t, id); got != "Deployed" {
		t.Errorf("after its propagation it is %s", got)
	}

	_, err := c.DeleteDistribution(t.Context(), &sdk.DeleteDistributionInput{Id: id, IfMatch: made.ETag})
	refused(t, err, "DistributionNotDisabled", 409)

	etag := c.disable(t, id)
	if *etag == *made.ETag {
		t.Error("an update left the ETag as it was")
	}
	_, err = c.DeleteDistribution(t.Context(), &sdk.DeleteDistributionInput{Id: id, IfMatch: etag})
	refused(t, err, "DistributionNotDisabled", 409)
	if d, _ := c.service.ByHost(domain); !d.Config.On() {
		t.Error("disabling was effective before it had spread")
	}
	c.clock.pass(propagation)
	if d, _ := c.service.ByHost(domain); d.Config.On() {
		t.Error("disabling was not effective after it had spread")
	}

	_, err = c.DeleteDistribution(t.Context(), &sdk.DeleteDistributionInput{Id: id})
	refused(t, err, "InvalidIfMatchVersion", 400)
	_, err = c.DeleteDistribution(t.Context(), &sdk.DeleteDistributionInput{Id: id, IfMatch: made.ETag})
	refused(t, err, "PreconditionFailed", 412)
	if _, err = c.DeleteDistribution(t.Context(), &sdk.DeleteDistributionInput{Id: id, IfMatch: etag}); err != nil {
		t.Fatal(err)
	}
	if _, ok := c.service.ByHost(domain); ok {
		t.Error("a deleted distribution still has its host")
	}
	_, err = c.GetDistribution(t.Context(), &sdk.GetDistributionInput{Id: id})
	refused(t, err, "NoSuchDistribution", 404)
	_, err = c.DeleteDistribution(t.Context(), &sdk.DeleteDistributionInput{Id: id, IfMatch: etag})
	refused(t, err, "NoSuchDistribution", 404)
}

func TestWhatIsReadBackCanBeSentAgain(t *testing.T) {
	c := open(t, nil)
	made := c.create(t, config("rich", func(d *types.DistributionConfig) {
		d.CustomErrorResponses = &types.CustomErrorResponses{Quantity: aws.Int32(1), Items: []types.CustomErrorResponse{{
			ErrorCode: aws.Int32(404), ResponsePagePath: aws.String("/404.html"), ResponseCode: aws.String("404"), ErrorCachingMinTTL: aws.Int64(5),
		}}}
		//nolint:staticcheck // the legacy settings, which AWS still takes, are what is tested
		behavior := types.CacheBehavior{
			PathPattern: aws.String("/assets/*"), TargetOriginId: aws.String("bucket"), ViewerProtocolPolicy: types.ViewerProtocolPolicyAllowAll,
			ForwardedValues: &types.ForwardedValues{QueryString: aws.Bool(true), Cookies: &types.CookiePreference{Forward: types.ItemSelectionNone}},
			MinTTL:          aws.Int64(60),
		}
		d.CacheBehaviors = &types.CacheBehaviors{Quantity: aws.Int32(1), Items: []types.CacheBehavior{behavior}}
		d.HttpVersion = types.HttpVersionHttp2and3
	}))
	first, err := c.GetDistributionConfig(t.Context(), &sdk.GetDistributionConfigInput{Id: made.Distribution.Id})
	if err != nil {
		t.Fatal(err)
	}
	if got := *first.DistributionConfig.CacheBehaviors.Items[0].DefaultTTL; got != 86400 { //nolint:staticcheck // what is tested: the legacy settings
		t.Errorf("the legacy DefaultTTL is %d", got)
	}
	_, err = c.UpdateDistribution(t.Context(), &sdk.UpdateDistributionInput{Id: made.Distribution.Id, IfMatch: first.ETag, DistributionConfig: first.DistributionConfig})
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.GetDistributionConfig(t.Context(), &sdk.GetDistributionConfigInput{Id: made.Distribution.Id})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.DistributionConfig, second.DistributionConfig, ignoreSerde); diff != "" {
		t.Errorf("the configuration changed (-first +second):\n%s", diff)
	}
}

// ignoreSerde skips the SDK's unexported marker fields.
var ignoreSerde = cmp.FilterPath(func(p cmp.Path) bool {
	return strings.HasSuffix(p.Last().String(), "noSmithyDocumentSerde")
}, cmp.Ignore())

func TestTheSameReferenceIsTheSameDistribution(t *testing.T) {
	c := open(t, nil)
	first := c.create(t, config("same", nil))
	c.disable(t, first.Distribution.Id) // a retry may come late
	again := c.create(t, config("same", nil))
	if *again.Distribution.Id != *first.Distribution.Id {
		t.Errorf("a retry made %s beside %s", *again.Distribution.Id, *first.Distribution.Id)
	}
	_, err := c.CreateDistribution(t.Context(), &sdk.CreateDistributionInput{
		DistributionConfig: config("same", func(d *types.DistributionConfig) { d.Comment = aws.String("another") }),
	})
	refused(t, err, "DistributionAlreadyExists", 409)
}
