package cloudfront_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/local/cloudfront"
)

const acl = "arn:aws:wafv2:us-east-1:000000000000:global/webacl/a/1"

func TestAWebACLMustBeThere(t *testing.T) {
	there := map[string]bool{acl: true}
	c := open(t, func(o *cloudfront.Options) { o.WebACL = func(arn string) bool { return there[arn] } })
	with := func(reference, arn string) *types.DistributionConfig {
		return config(reference, func(c *types.DistributionConfig) { c.WebACLId = aws.String(arn) })
	}
	_, err := c.CreateDistribution(t.Context(), &sdk.CreateDistributionInput{DistributionConfig: with("none", acl+"2")})
	refused(t, err, "InvalidWebACLId", http.StatusBadRequest)
	made := c.create(t, with("one", acl))
	c.create(t, with("two", ""))

	list := func(id string) (ids []string) {
		t.Helper()
		out, err := c.ListDistributionsByWebACLId(t.Context(), &sdk.ListDistributionsByWebACLIdInput{WebACLId: &id, MaxItems: aws.Int32(5)})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range out.DistributionList.Items {
			ids = append(ids, *d.Id)
		}
		return ids
	}
	if ids := list(acl); len(ids) != 1 || ids[0] != *made.Distribution.Id {
		t.Errorf("%v use it", ids)
	}
	if a, b := list("null"), list(acl+"2"); len(a) != 1 || len(b) != 0 {
		t.Errorf("%v use none, %v another", a, b)
	}

	// What is taken off still counts until that has spread.
	c.clock.pass(propagation)
	off := with("one", "")
	there[acl] = false
	if _, err := c.UpdateDistribution(t.Context(), &sdk.UpdateDistributionInput{Id: made.Distribution.Id, IfMatch: made.ETag, DistributionConfig: off}); err != nil {
		t.Fatal(err)
	}
	if !c.service.NamesWebACL(acl) || len(list(acl)) != 0 {
		t.Error("it is let go of before that has spread")
	}
	c.clock.pass(propagation + time.Millisecond)
	if c.service.NamesWebACL(acl) {
		t.Error("it is never let go of")
	}
}
