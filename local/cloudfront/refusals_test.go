package cloudfront_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/local/cloudfront"
)

func TestAConfigurationThatBreaksARuleIsRefused(t *testing.T) {
	c := open(t, nil)
	type edit = func(*types.DistributionConfig)
	origin := func(d *types.DistributionConfig) *types.Origin { return &d.Origins.Items[0] }
	errorResponse := func(r types.CustomErrorResponse) edit {
		return func(d *types.DistributionConfig) {
			d.CustomErrorResponses = &types.CustomErrorResponses{Quantity: aws.Int32(1), Items: []types.CustomErrorResponse{r}}
		}
	}
	legacy := func(least, standard, most int64) edit {
		return func(d *types.DistributionConfig) {
			b := d.DefaultCacheBehavior
			b.CachePolicyId = nil
			//nolint:staticcheck // the legacy settings, which AWS still takes, are what is tested
			b.ForwardedValues = &types.ForwardedValues{QueryString: aws.Bool(false), Cookies: &types.CookiePreference{Forward: "none"}}
			b.MinTTL, b.DefaultTTL, b.MaxTTL = &least, &standard, &most //nolint:staticcheck // what is tested: the legacy settings
		}
	}
	for name, c2 := range map[string]struct {
		edit   edit
		code   string
		status int
	}{
		"comment too long":  {func(d *types.DistributionConfig) { d.Comment = aws.String(strings.Repeat("x", 129)) }, "InvalidArgument", 400},
		"root with a slash": {func(d *types.DistributionConfig) { d.DefaultRootObject = aws.String("/index.html") }, "InvalidDefaultRootObject", 400},
		"unknown origin":    {func(d *types.DistributionConfig) { d.DefaultCacheBehavior.TargetOriginId = aws.String("other") }, "NoSuchOrigin", 404},
		"no origin type":    {func(d *types.DistributionConfig) { origin(d).S3OriginConfig = nil }, "InvalidOrigin", 400},
		"bad domain":        {func(d *types.DistributionConfig) { origin(d).DomainName = aws.String("http://x") }, "InvalidOrigin", 400},
		"no bucket":         {func(d *types.DistributionConfig) { origin(d).DomainName = aws.String("example.com") }, "InvalidArgument", 400},
		"bad origin path":   {func(d *types.DistributionConfig) { origin(d).OriginPath = aws.String("/x/") }, "InvalidArgument", 400},
		"unknown OAI": {func(d *types.DistributionConfig) {
			origin(d).S3OriginConfig.OriginAccessIdentity = aws.String("origin-access-identity/cloudfront/ENONE")
		}, "InvalidOriginAccessIdentity", 400},
		"unknown OAC":          {func(d *types.DistributionConfig) { origin(d).OriginAccessControlId = aws.String("ENONE") }, "NoSuchOriginAccessControl", 404},
		"unknown cache policy": {func(d *types.DistributionConfig) { d.DefaultCacheBehavior.CachePolicyId = aws.String("none") }, "NoSuchCachePolicy", 404},
		"no cache policy":      {func(d *types.DistributionConfig) { d.DefaultCacheBehavior.CachePolicyId = nil }, "InvalidArgument", 400},
		"unknown request policy": {func(d *types.DistributionConfig) {
			d.DefaultCacheBehavior.OriginRequestPolicyId = aws.String("none")
		}, "NoSuchOriginRequestPolicy", 404},
		"unknown headers policy": {func(d *types.DistributionConfig) {
			d.DefaultCacheBehavior.ResponseHeadersPolicyId = aws.String("none")
		}, "NoSuchResponseHeadersPolicy", 404},
		"unknown function": {func(d *types.DistributionConfig) {
			d.DefaultCacheBehavior.FunctionAssociations = &types.FunctionAssociations{Quantity: aws.Int32(1), Items: []types.FunctionAssociation{{
				EventType: "viewer-request", FunctionARN: aws.String("arn:aws:cloudfront::000000000000:function/none"),
			}}}
		}, "InvalidFunctionAssociation", 400},
		"bad methods": {func(d *types.DistributionConfig) {
			d.DefaultCacheBehavior.AllowedMethods = &types.AllowedMethods{Quantity: aws.Int32(1), Items: []types.Method{"POST"}}
		}, "InvalidArgument", 400},
		"quantity": {func(d *types.DistributionConfig) { d.Origins.Quantity = aws.Int32(2) }, "InconsistentQuantities", 400},
		"alias without certificate": {func(d *types.DistributionConfig) {
			d.Aliases = &types.Aliases{Quantity: aws.Int32(1), Items: []string{"www.example.com"}}
		}, "InvalidViewerCertificate", 400},
		"bad TLS version": {func(d *types.DistributionConfig) {
			d.ViewerCertificate = &types.ViewerCertificate{CloudFrontDefaultCertificate: aws.Bool(true), MinimumProtocolVersion: "TLSv9"}
		}, "InvalidMinimumProtocolVersion", 400},
		"error code":         {errorResponse(types.CustomErrorResponse{ErrorCode: aws.Int32(418)}), "InvalidErrorCode", 400},
		"response code":      {errorResponse(types.CustomErrorResponse{ErrorCode: aws.Int32(404), ResponseCode: aws.String("999"), ResponsePagePath: aws.String("/x")}), "InvalidResponseCode", 400},
		"page without code":  {errorResponse(types.CustomErrorResponse{ErrorCode: aws.Int32(404), ResponsePagePath: aws.String("/x")}), "InvalidArgument", 400},
		"default over most":  {legacy(0, 10, 5), "InvalidTTLOrder", 400},
		"least over default": {legacy(20, 10, 30), "InvalidTTLOrder", 400},
		"price class":        {func(d *types.DistributionConfig) { d.PriceClass = "PriceClass_1" }, "InvalidArgument", 400},
		"tenants":            {func(d *types.DistributionConfig) { d.ConnectionMode = types.ConnectionModeTenantOnly }, "InvalidArgument", 400},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.CreateDistribution(t.Context(), &sdk.CreateDistributionInput{DistributionConfig: config(name, c2.edit)})
			refused(t, err, c2.code, c2.status)
		})
	}
	if n := len(c.service.Distributions()); n != 0 {
		t.Errorf("%d distributions were made", n)
	}
}

func TestWhatIsInUseIsNotDeleted(t *testing.T) {
	c := open(t, nil)
	ctx := t.Context()
	oai, err := c.CreateCloudFrontOriginAccessIdentity(ctx, &sdk.CreateCloudFrontOriginAccessIdentityInput{
		CloudFrontOriginAccessIdentityConfig: &types.CloudFrontOriginAccessIdentityConfig{CallerReference: aws.String("1"), Comment: aws.String("")},
	})
	if err != nil {
		t.Fatal(err)
	}
	oac, err := c.CreateOriginAccessControl(ctx, &sdk.CreateOriginAccessControlInput{OriginAccessControlConfig: control("one")})
	if err != nil {
		t.Fatal(err)
	}
	fn := c.function(t, "folders")
	id := oai.CloudFrontOriginAccessIdentity.Id
	made := c.create(t, config("users", func(d *types.DistributionConfig) {
		d.Origins.Items[0].S3OriginConfig.OriginAccessIdentity = aws.String("origin-access-identity/cloudfront/" + *id)
		second := types.Origin{
			Id: aws.String("second"), DomainName: aws.String("other.s3.amazonaws.com"),
			OriginAccessControlId: oac.OriginAccessControl.Id, S3OriginConfig: &types.S3OriginConfig{OriginAccessIdentity: aws.String("")},
		}
		d.Origins = &types.Origins{Quantity: aws.Int32(2), Items: []types.Origin{d.Origins.Items[0], second}}
		d.DefaultCacheBehavior.FunctionAssociations = &types.FunctionAssociations{Quantity: aws.Int32(1), Items: []types.FunctionAssociation{{
			EventType: "viewer-request", FunctionARN: fn.FunctionSummary.FunctionMetadata.FunctionARN,
		}}}
	}))
	inUse := func() {
		t.Helper()
		_, err := c.DeleteCloudFrontOriginAccessIdentity(ctx, &sdk.DeleteCloudFrontOriginAccessIdentityInput{Id: id, IfMatch: oai.ETag})
		refused(t, err, "CloudFrontOriginAccessIdentityInUse", 409)
		_, err = c.DeleteOriginAccessControl(ctx, &sdk.DeleteOriginAccessControlInput{Id: oac.OriginAccessControl.Id, IfMatch: oac.ETag})
		refused(t, err, "OriginAccessControlInUse", 409)
		_, err = c.DeleteFunction(ctx, &sdk.DeleteFunctionInput{Name: aws.String("folders"), IfMatch: fn.ETag})
		refused(t, err, "FunctionInUse", 409)
	}
	inUse()
	etag := c.disable(t, made.Distribution.Id)
	inUse()
	c.clock.pass(propagation)
	if _, err := c.DeleteDistribution(ctx, &sdk.DeleteDistributionInput{Id: made.Distribution.Id, IfMatch: etag}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.DeleteCloudFrontOriginAccessIdentity(ctx, &sdk.DeleteCloudFrontOriginAccessIdentityInput{Id: id, IfMatch: oai.ETag}); err != nil {
		t.Error(err)
	}
	if _, err := c.DeleteOriginAccessControl(ctx, &sdk.DeleteOriginAccessControlInput{Id: oac.OriginAccessControl.Id, IfMatch: oac.ETag}); err != nil {
		t.Error(err)
	}
	if _, err := c.DeleteFunction(ctx, &sdk.DeleteFunctionInput{Name: aws.String("folders"), IfMatch: fn.ETag}); err != nil {
		t.Error(err)
	}
	_, err = c.GetCloudFrontOriginAccessIdentity(ctx, &sdk.GetCloudFrontOriginAccessIdentityInput{Id: id})
	refused(t, err, "NoSuchCloudFrontOriginAccessIdentity", 404)
}

func TestQuotasAreKept(t *testing.T) {
	c := open(t, func(o *cloudfront.Options) {
		o.Quotas = cloudfront.Quotas{Distributions: 1, OAIs: 1, OACs: 1, Functions: 1, InvalidationFiles: 3, InvalidationWildcards: 1}
	})
	ctx := t.Context()
	made := c.create(t, config("1", nil))
	_, err := c.CreateDistribution(ctx, &sdk.CreateDistributionInput{DistributionConfig: config("2", nil)})
	refused(t, err, "TooManyDistributions", 400)

	identity := func(reference, comment string) error {
		_, err := c.CreateCloudFrontOriginAccessIdentity(ctx, &sdk.CreateCloudFrontOriginAccessIdentityInput{
			CloudFrontOriginAccessIdentityConfig: &types.CloudFrontOriginAccessIdentityConfig{CallerReference: &reference, Comment: &comment},
		})
		return err
	}
	if err := identity("1", "a"); err != nil {
		t.Fatal(err)
	}
	if err := identity("1", "a"); err != nil {
		t.Errorf("a retry at the quota: %v", err)
	}
	refused(t, identity("1", "b"), "CloudFrontOriginAccessIdentityAlreadyExists", 409)
	refused(t, identity("2", "a"), "TooManyCloudFrontOriginAccessIdentities", 400)

	if _, err := c.CreateOriginAccessControl(ctx, &sdk.CreateOriginAccessControlInput{OriginAccessControlConfig: control("one")}); err != nil {
		t.Fatal(err)
	}
	_, err = c.CreateOriginAccessControl(ctx, &sdk.CreateOriginAccessControlInput{OriginAccessControlConfig: control("one")})
	refused(t, err, "OriginAccessControlAlreadyExists", 409)
	_, err = c.CreateOriginAccessControl(ctx, &sdk.CreateOriginAccessControlInput{OriginAccessControlConfig: control("two")})
	refused(t, err, "TooManyOriginAccessControls", 400)

	c.function(t, "one")
	_, err = c.CreateFunction(ctx, &sdk.CreateFunctionInput{Name: aws.String("two"), FunctionCode: []byte("x"), FunctionConfig: functionConfig()})
	refused(t, err, "TooManyFunctions", 400)
	_, err = c.CreateFunction(ctx, &sdk.CreateFunctionInput{Name: aws.String("one"), FunctionCode: []byte("x"), FunctionConfig: functionConfig()})
	refused(t, err, "FunctionAlreadyExists", 409)
	_, err = c.CreateFunction(ctx, &sdk.CreateFunctionInput{Name: aws.String("two"), FunctionCode: make([]byte, 10241), FunctionConfig: functionConfig()})
	refused(t, err, "FunctionSizeLimitExceeded", 413)

	invalidate := func(reference string, paths ...string) error {
		_, err := c.CreateInvalidation(ctx, &sdk.CreateInvalidationInput{DistributionId: made.Distribution.Id, InvalidationBatch: batch(reference, paths...)})
		return err
	}
	if err := invalidate("1", "/a", "/b", "/*"); err != nil {
		t.Fatal(err)
	}
	refused(t, invalidate("2", "/c", "/d"), "TooManyInvalidationsInProgress", 400)
	refused(t, invalidate("3", "/c*"), "TooManyInvalidationsInProgress", 400)
	c.clock.pass(propagation)
	if err := invalidate("4", "/c", "/d*"); err != nil {
		t.Errorf("after the others were completed: %v", err)
	}
	refused(t, invalidate("1", "/other"), "InvalidationBatchAlreadyExists", 409)
	refused(t, invalidate("5", "no-slash"), "InvalidArgument", 400)
}

// What no SDK would send is answered in the API's shape, too.
func TestRawRequestsGetTheAPIsErrors(t *testing.T) {
	c := open(t, nil)
	for name, r := range map[string]struct{ method, path, body, code string }{
		"no body":           {"POST", "/2020-05-31/distribution", "", "MissingBody"},
		"not XML":           {"POST", "/2020-05-31/distribution", "{}", "MalformedXML"},
		"cut off":           {"POST", "/2020-05-31/distribution", "<DistributionConfig><Comment>", "MalformedXML"},
		"another element":   {"POST", "/2020-05-31/distribution", "<Other/>", "MalformedXML"},
		"unknown element":   {"POST", "/2020-05-31/distribution", "<DistributionConfig><Colour>red</Colour></DistributionConfig>", "MalformedXML"},
		"element twice":     {"POST", "/2020-05-31/distribution", "<DistributionConfig><Enabled>true</Enabled><Enabled>false</Enabled></DistributionConfig>", "MalformedXML"},
		"not a number":      {"POST", "/2020-05-31/distribution", "<DistributionConfig><Origins><Quantity>x</Quantity></Origins></DistributionConfig>", "MalformedXML"},
		"no reference":      {"POST", "/2020-05-31/distribution", "<DistributionConfig/>", "InvalidArgument"},
		"unknown operation": {"POST", "/2020-05-31/key-group", "<KeyGroupConfig/>", "UnsupportedOperation"},
		"another version":   {"GET", "/2014-01-01/distribution", "", "UnsupportedOperation"},
		"large body":        {"POST", "/2020-05-31/distribution", strings.Repeat(" ", 1<<20+1), "RequestEntityTooLarge"},
		"page size":         {"GET", "/2020-05-31/distribution?MaxItems=0", "", "InvalidArgument"},
		"unknown resource":  {"GET", "/2020-05-31/tagging?Resource=arn:aws:cloudfront::000000000000:distribution/ENONE", "", "NoSuchResource"},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), r.method, c.url+r.path, strings.NewReader(r.body))
			if err != nil {
				t.Fatal(err)
			}
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer http.DefaultClient.CloseIdleConnections()
			defer func() { _ = answer.Body.Close() }()
			body, err := io.ReadAll(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{
				`<ErrorResponse xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Error><Type>Sender</Type><Code>` + r.code + `</Code>`,
				"<RequestId>" + answer.Header.Get("x-amzn-RequestId") + "</RequestId>",
			} {
				if !strings.Contains(string(body), want) {
					t.Errorf("got %d %s, want %s", answer.StatusCode, body, want)
				}
			}
		})
	}
}

func control(name string) *types.OriginAccessControlConfig {
	return &types.OriginAccessControlConfig{Name: &name, OriginAccessControlOriginType: "s3", SigningBehavior: "always", SigningProtocol: "sigv4"}
}

func functionConfig() *types.FunctionConfig {
	return &types.FunctionConfig{Comment: aws.String(""), Runtime: types.FunctionRuntimeCloudfrontJs20}
}

// function creates and publishes a function; the ETag returned is the one that
// changes need.
func (c *cloud) function(t *testing.T, name string) *sdk.CreateFunctionOutput {
	t.Helper()
	made, err := c.CreateFunction(t.Context(), &sdk.CreateFunctionInput{
		Name: &name, FunctionCode: []byte("function handler(e) { return e.request }"), FunctionConfig: functionConfig(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.PublishFunction(t.Context(), &sdk.PublishFunctionInput{Name: &name, IfMatch: made.ETag}); err != nil {
		t.Fatal(err)
	}
	return made
}

func batch(reference string, paths ...string) *types.InvalidationBatch {
	return &types.InvalidationBatch{CallerReference: &reference, Paths: &types.Paths{Quantity: aws.Int32(int32(len(paths))), Items: paths}}
}
