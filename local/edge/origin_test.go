package edge_test

import (
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/local/edge"
)

func TestABucketIsReadAsTheIdentityOfTheSite(t *testing.T) {
	var identity string
	w := build(t, edge.Options{}, func(w *world, c *types.DistributionConfig) {
		made, err := w.control.CreateCloudFrontOriginAccessIdentity(t.Context(), &sdk.CreateCloudFrontOriginAccessIdentityInput{
			CloudFrontOriginAccessIdentityConfig: &types.CloudFrontOriginAccessIdentityConfig{CallerReference: aws.String("1"), Comment: aws.String("")},
		})
		if err != nil {
			t.Fatal(err)
		}
		identity = *made.CloudFrontOriginAccessIdentity.Id
		c.Origins.Items[0].S3OriginConfig.OriginAccessIdentity = aws.String("origin-access-identity/cloudfront/" + identity)
		c.Origins.Items[0].OriginPath = aws.String("/v1")
	})
	w.bucket.put("/v1/a", page("a"))
	expect(t, w.get("/a"), 200, "Miss")
	if w.bucket.as != (edge.Principal{OriginAccessIdentity: identity}) {
		t.Errorf("read as %+v", w.bucket.as)
	}
}

func TestABucketIsReadForTheDistributionByAccessControl(t *testing.T) {
	w := build(t, edge.Options{}, func(w *world, c *types.DistributionConfig) {
		made, err := w.control.CreateOriginAccessControl(t.Context(), &sdk.CreateOriginAccessControlInput{OriginAccessControlConfig: &types.OriginAccessControlConfig{
			Name: aws.String("one"), OriginAccessControlOriginType: "s3", SigningBehavior: "always", SigningProtocol: "sigv4",
		}})
		if err != nil {
			t.Fatal(err)
		}
		c.Origins.Items[0].OriginAccessControlId = made.OriginAccessControl.Id
	})
	w.bucket.put("/a", page("a"))
	expect(t, w.get("/a"), 200, "Miss")
	if want := "arn:aws:cloudfront::000000000000:distribution/" + *w.id; w.bucket.as != (edge.Principal{DistributionARN: want}) {
		t.Errorf("read as %+v", w.bucket.as)
	}
}

func TestTheSecondOriginOfAGroupIsAskedWhenTheFirstFails(t *testing.T) {
	w := build(t, edge.Options{}, func(_ *world, c *types.DistributionConfig) {
		second := c.Origins.Items[0]
		second.Id, second.OriginPath = aws.String("second"), aws.String("/second")
		c.Origins.Items = append(c.Origins.Items, second)
		c.Origins.Quantity = aws.Int32(2)
		c.OriginGroups = &types.OriginGroups{Quantity: aws.Int32(1), Items: []types.OriginGroup{{
			Id:               aws.String("both"),
			FailoverCriteria: &types.OriginGroupFailoverCriteria{StatusCodes: &types.StatusCodes{Quantity: aws.Int32(1), Items: []int32{403}}},
			Members: &types.OriginGroupMembers{Quantity: aws.Int32(2), Items: []types.OriginGroupMember{
				{OriginId: aws.String("bucket")}, {OriginId: aws.String("second")},
			}},
		}}}
		c.DefaultCacheBehavior.TargetOriginId = aws.String("both")
	})
	w.bucket.put("/second/a", page("second"))
	if body := expect(t, w.get("/a"), 200, "Miss"); body != page("second").body {
		t.Errorf("got %.20q", body)
	}
}

// What was fetched before an invalidation may be old: it goes to those who
// waited, and not into the cache.
func TestAFetchUnderWayIsNotKeptAfterAnInvalidation(t *testing.T) {
	w := build(t, edge.Options{}, nil)
	w.bucket.put("/a", page("old"))
	w.bucket.gate, w.bucket.arrived = make(chan struct{}), make(chan struct{}, 8)
	first := make(chan *http.Response)
	go func() { first <- w.get("/a") }()
	<-w.bucket.arrived
	if _, err := w.control.CreateInvalidation(t.Context(), &sdk.CreateInvalidationInput{
		DistributionId:    w.id,
		InvalidationBatch: &types.InvalidationBatch{CallerReference: aws.String("1"), Paths: &types.Paths{Quantity: aws.Int32(1), Items: []string{"/a"}}},
	}); err != nil {
		t.Fatal(err)
	}
	close(w.bucket.gate)
	expect(t, <-first, 200, "Miss")
	w.bucket.put("/a", page("new"))
	if body := expect(t, w.get("/a"), 200, "Miss"); body != page("new").body {
		t.Errorf("got %.20q", body)
	}
}
