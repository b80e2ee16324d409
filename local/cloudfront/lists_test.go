package cloudfront_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/local/cloudfront"
)

const rawConfig = `<DistributionConfig xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><CallerReference>raw</CallerReference>
<Comment></Comment><Enabled>true</Enabled><Origins><Quantity>1</Quantity><Items><Origin><Id>b</Id><DomainName>b.s3.amazonaws.com</DomainName>
<S3OriginConfig><OriginAccessIdentity></OriginAccessIdentity></S3OriginConfig></Origin></Items></Origins><DefaultCacheBehavior>
<TargetOriginId>b</TargetOriginId><ViewerProtocolPolicy>allow-all</ViewerProtocolPolicy>
<CachePolicyId>658327ea-f89d-4fab-a63d-7e88639e58f6</CachePolicyId></DefaultCacheBehavior></DistributionConfig>`

// post creates a distribution without a network.
func post(t *testing.T, s *cloudfront.Service) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/2020-05-31/distribution", strings.NewReader(rawConfig))
	if got := cloudfront.Operation(r); got != "CreateDistribution" {
		t.Errorf("the operation is %q", got)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusCreated {
		t.Fatalf("got %d: %s", w.Code, w.Body)
	}
}

func TestListsArePagedToTheirEnd(t *testing.T) {
	c := open(t, nil)
	ctx := t.Context()
	var want []string
	for i := range 5 {
		made := c.create(t, config(fmt.Sprint(i), nil))
		want = append(want, *made.Distribution.Id)
	}
	slices.Sort(want)
	var got []string
	var sizes []int
	pages := sdk.NewListDistributionsPaginator(c, &sdk.ListDistributionsInput{MaxItems: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(page.DistributionList.Items))
		for _, d := range page.DistributionList.Items {
			got = append(got, *d.Id)
		}
	}
	if !slices.Equal(got, want) || !slices.Equal(sizes, []int{2, 2, 1}) {
		t.Errorf("got %v in pages of %v, want %v", got, sizes, want)
	}
	for i := range 3 {
		if _, err := c.CreateInvalidation(ctx, &sdk.CreateInvalidationInput{DistributionId: &want[0], InvalidationBatch: batch(fmt.Sprint(i), "/x")}); err != nil {
			t.Fatal(err)
		}
	}
	count := 0
	invalidations := sdk.NewListInvalidationsPaginator(c, &sdk.ListInvalidationsInput{DistributionId: &want[0], MaxItems: aws.Int32(1)})
	for invalidations.HasMorePages() {
		page, err := invalidations.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		count += len(page.InvalidationList.Items)
	}
	if count != 3 {
		t.Errorf("%d invalidations, want 3", count)
	}
}

func TestOldInvalidationsAreForgotten(t *testing.T) {
	c := open(t, func(o *cloudfront.Options) { o.Propagation = 0 })
	id := c.create(t, config("1", nil)).Distribution.Id
	for i := range 205 {
		c.clock.pass(1e9)
		if _, err := c.CreateInvalidation(t.Context(), &sdk.CreateInvalidationInput{DistributionId: id, InvalidationBatch: batch(fmt.Sprint(i), "/x")}); err != nil {
			t.Fatal(err)
		}
	}
	for name, s := range map[string]*cloud{"as it is": c, "after a restart": c.reopen(t)} {
		out, err := s.ListInvalidations(t.Context(), &sdk.ListInvalidationsInput{DistributionId: id, MaxItems: aws.Int32(1000)})
		if err != nil || len(out.InvalidationList.Items) != 200 {
			t.Errorf("%s: %d invalidations, %v", name, len(out.InvalidationList.Items), err)
		}
	}
}

func TestManagedPoliciesAreAWSs(t *testing.T) {
	c := open(t, nil)
	ctx := t.Context()
	caches, err := c.ListCachePolicies(ctx, &sdk.ListCachePoliciesInput{Type: types.CachePolicyTypeManaged})
	if err != nil || len(caches.CachePolicyList.Items) != 7 || caches.CachePolicyList.Items[0].Type != "managed" {
		t.Fatalf("%+v, %v", caches, err)
	}
	one, err := c.GetCachePolicy(ctx, &sdk.GetCachePolicyInput{Id: aws.String("658327ea-f89d-4fab-a63d-7e88639e58f6")})
	if err != nil || *one.CachePolicy.CachePolicyConfig.Name != "Managed-CachingOptimized" || *one.CachePolicy.CachePolicyConfig.DefaultTTL != 86400 ||
		!*one.CachePolicy.CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin.EnableAcceptEncodingBrotli {
		t.Errorf("%+v, %v", one, err)
	}
	origins, err := c.ListOriginRequestPolicies(ctx, &sdk.ListOriginRequestPoliciesInput{})
	if err != nil || len(origins.OriginRequestPolicyList.Items) != 8 {
		t.Errorf("%+v, %v", origins, err)
	}
	headers, err := c.GetResponseHeadersPolicyConfig(ctx, &sdk.GetResponseHeadersPolicyConfigInput{Id: aws.String("67f7725c-6f97-4210-82d7-5512b31e9d03")})
	if err != nil || *headers.ResponseHeadersPolicyConfig.SecurityHeadersConfig.FrameOptions != (types.ResponseHeadersPolicyFrameOptions{FrameOption: "SAMEORIGIN", Override: headers.ResponseHeadersPolicyConfig.SecurityHeadersConfig.FrameOptions.Override}) {
		t.Errorf("%+v, %v", headers, err)
	}
	_, err = c.GetCachePolicy(ctx, &sdk.GetCachePolicyInput{Id: aws.String("none")})
	refused(t, err, "NoSuchCachePolicy", 404)
}

func TestAFunctionGoesThroughItsStages(t *testing.T) {
	c := open(t, nil)
	ctx := t.Context()
	name := aws.String("f")
	c.function(t, *name)
	dev, err := c.DescribeFunction(ctx, &sdk.DescribeFunctionInput{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.UpdateFunction(ctx, &sdk.UpdateFunctionInput{Name: name, IfMatch: aws.String("stale"), FunctionCode: []byte("x"), FunctionConfig: functionConfig()})
	refused(t, err, "PreconditionFailed", 412)
	c.clock.pass(1e9)
	code := "function handler(e) { console.log('hi'); e.request.uri = '/new'; return e.request }"
	updated, err := c.UpdateFunction(ctx, &sdk.UpdateFunctionInput{Name: name, IfMatch: dev.ETag, FunctionCode: []byte(code), FunctionConfig: functionConfig()})
	if err != nil {
		t.Fatal(err)
	}
	if f, _ := c.service.LiveFunction(*updated.FunctionSummary.FunctionMetadata.FunctionARN); strings.Contains(string(f.Code), "new") {
		t.Error("an update was live before it was published")
	}
	live, err := c.GetFunction(ctx, &sdk.GetFunctionInput{Name: name, Stage: types.FunctionStageLive})
	if err != nil || strings.Contains(string(live.FunctionCode), "new") {
		t.Errorf("LIVE is %q, %v", live.FunctionCode, err)
	}
	trial, err := c.TestFunction(ctx, &sdk.TestFunctionInput{
		Name: name, IfMatch: updated.ETag, Stage: types.FunctionStageDevelopment,
		EventObject: []byte(`{"version":"1.0","context":{"eventType":"viewer-request"},"viewer":{"ip":"1.2.3.4"},"request":{"method":"GET","uri":"/","headers":{},"cookies":{},"querystring":{}}}`),
	})
	if err != nil || !strings.Contains(*trial.TestResult.FunctionOutput, `"uri":"/new"`) || !slices.Equal(trial.TestResult.FunctionExecutionLogs, []string{"hi"}) {
		t.Errorf("%+v, %v", trial, err)
	}
	all, err := c.ListFunctions(ctx, &sdk.ListFunctionsInput{})
	if err != nil || len(all.FunctionList.Items) != 2 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestTagsComeAndGo(t *testing.T) {
	c := open(t, nil)
	ctx := t.Context()
	arn := c.create(t, config("1", nil)).Distribution.ARN
	tag := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }
	if _, err := c.TagResource(ctx, &sdk.TagResourceInput{Resource: arn, Tags: &types.Tags{Items: []types.Tag{tag("a", "1"), tag("b", "2")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.UntagResource(ctx, &sdk.UntagResourceInput{Resource: arn, TagKeys: &types.TagKeys{Items: []string{"a"}}}); err != nil {
		t.Fatal(err)
	}
	out, err := c.ListTagsForResource(ctx, &sdk.ListTagsForResourceInput{Resource: arn})
	if err != nil || len(out.Tags.Items) != 1 || *out.Tags.Items[0].Key != "b" {
		t.Errorf("%+v, %v", out, err)
	}
	_, err = c.TagResource(ctx, &sdk.TagResourceInput{Resource: arn, Tags: &types.Tags{Items: []types.Tag{tag("aws:x", "")}}})
	refused(t, err, "InvalidTagging", 400)
}

func TestARateLimitThrottles(t *testing.T) {
	c := open(t, func(o *cloudfront.Options) { o.RatePerSecond = 2; o.Clock = newClock().Now })
	for range 2 {
		if _, err := c.ListDistributions(t.Context(), &sdk.ListDistributionsInput{}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := c.ListDistributions(t.Context(), &sdk.ListDistributionsInput{})
	refused(t, err, "Throttling", 400)
}

func FuzzDistributionConfig(f *testing.F) {
	f.Add(rawConfig)
	f.Add("<DistributionConfig><Origins><Items/></Origins></DistributionConfig>")
	f.Add("<a><b></a>")
	s, err := cloudfront.New(cloudfront.Options{Dir: f.TempDir()})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	f.Fuzz(func(t *testing.T, body string) {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/2020-05-31/distribution", strings.NewReader(body)))
		answer, err := io.ReadAll(w.Result().Body)
		if err != nil || w.Code >= 500 || w.Code < 200 {
			t.Fatalf("got %d, %v: %s", w.Code, err, answer)
		}
		if w.Code == http.StatusCreated { // what was taken can be read back
			for _, d := range s.Distributions() {
				if _, ok := s.ByHost(d.DomainName); !ok {
					t.Fatalf("no host %s", d.DomainName)
				}
			}
		}
	})
}
