package distribution_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/distribution"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/steptest"
)

const function = "arn:aws:cloudfront::000000000000:function/mayfly-folder-urls"

func site() distribution.Site {
	of := steptest.New(time.Time{})
	return distribution.Site{
		Sandbox: of.Event(), FolderURLs: function,
		Bucket: events.Bucket{Name: "mayfly-docs-abcdefgh23", Region: "eu-west-1"},
		Access: events.AccessHandle{Kind: events.OriginAccessIdentity, ID: "I1"},
	}
}

func TestTheOriginIsTheBucketsRESTEndpointBehindItsAccess(t *testing.T) {
	for _, kind := range []events.OriginAccess{events.OriginAccessIdentity, events.OriginAccessControl} {
		s := site()
		s.Access.Kind = kind
		origin := distribution.Config(s).Origins.Items[0]
		if got, want := *origin.DomainName, "mayfly-docs-abcdefgh23.s3.eu-west-1.amazonaws.com"; got != want {
			t.Errorf("origin %s, want %s", got, want)
		}
		identity, control := "origin-access-identity/cloudfront/I1", ""
		if kind == events.OriginAccessControl {
			identity, control = "", "I1"
		}
		if *origin.S3OriginConfig.OriginAccessIdentity != identity || aws.ToString(origin.OriginAccessControlId) != control {
			t.Errorf("%s: identity %q, control %q", kind, *origin.S3OriginConfig.OriginAccessIdentity, aws.ToString(origin.OriginAccessControlId))
		}
	}
}

func TestASiteIsServedWell(t *testing.T) {
	c := distribution.Config(site())
	b := c.DefaultCacheBehavior
	if !*c.Enabled || !*c.IsIPV6Enabled || c.HttpVersion != types.HttpVersionHttp2and3 || c.PriceClass != types.PriceClassPriceClass100 ||
		*c.DefaultRootObject != "index.html" || *c.CallerReference != "mayfly-abcdefgh23-distribution" || *c.Comment != "mayfly docs abcdefgh23" {
		t.Errorf("configuration %+v", c)
	}
	if b.ViewerProtocolPolicy != types.ViewerProtocolPolicyRedirectToHttps || !*b.Compress || len(b.AllowedMethods.Items) != 3 ||
		*b.CachePolicyId != "658327ea-f89d-4fab-a63d-7e88639e58f6" || *b.ResponseHeadersPolicyId != "67f7725c-6f97-4210-82d7-5512b31e9d03" ||
		*b.TargetOriginId != *c.Origins.Items[0].Id {
		t.Errorf("behavior %+v", b)
	}
}

func TestWhatIsNotThereShowsTheErrorPage(t *testing.T) {
	tests := []struct {
		name         string
		spec         events.Spec
		page, status string
		functions    int
	}{
		{"the error page", events.Spec{IndexDocument: "index.html", ErrorDocument: "errors/not found.html"}, "/errors/not%20found.html", "404", 1},
		{"nothing when there is none", events.Spec{IndexDocument: "index.html"}, "", "", 1},
		{"the index page of a single-page app", events.Spec{IndexDocument: "app.html", SinglePageApp: true}, "/app.html", "200", 0},
		{"folders have index.html whatever the root's page is", events.Spec{IndexDocument: "home.html"}, "", "", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := site()
			s.Sandbox.Spec = tt.spec
			c := distribution.Config(s)
			if *c.CustomErrorResponses.Quantity != 2 {
				t.Fatalf("%d error responses", *c.CustomErrorResponses.Quantity)
			}
			for i, code := range []int32{403, 404} {
				r := c.CustomErrorResponses.Items[i]
				if *r.ErrorCode != code || aws.ToString(r.ResponsePagePath) != tt.page || aws.ToString(r.ResponseCode) != tt.status || *r.ErrorCachingMinTTL != 10 {
					t.Errorf("%d shows %q with %q", *r.ErrorCode, aws.ToString(r.ResponsePagePath), aws.ToString(r.ResponseCode))
				}
			}
			if got := len(c.DefaultCacheBehavior.FunctionAssociations.Items); got != tt.functions {
				t.Errorf("%d functions, want %d", got, tt.functions)
			}
		})
	}
}

func TestApplyChangesWhatTheSpecSaysAndNothingElse(t *testing.T) {
	change := func(alter func(*events.Spec)) events.Spec {
		spec := site().Sandbox.Spec
		alter(&spec)
		return spec
	}
	tests := []struct {
		name string
		spec events.Spec
		want bool
	}{
		{"nothing", change(func(*events.Spec) {}), false},
		{"the index document", change(func(s *events.Spec) { s.IndexDocument = "home.html" }), true},
		{"the error document", change(func(s *events.Spec) { s.ErrorDocument = "" }), true},
		{"a single-page app", change(func(s *events.Spec) { s.SinglePageApp = true }), true},
		{"the price class", change(func(s *events.Spec) { s.PriceClass = "PriceClass_All" }), true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			config := distribution.Config(site())
			config.WebACLId = aws.String("acl")
			// Somebody's own function on the other event.
			own := types.FunctionAssociation{EventType: types.EventTypeViewerResponse, FunctionARN: aws.String("own")}
			f := config.DefaultCacheBehavior.FunctionAssociations
			f.Items, f.Quantity = append([]types.FunctionAssociation{own}, f.Items...), aws.Int32(2)

			if got := distribution.Apply(config, tt.spec, function); got != tt.want {
				t.Errorf("changed: %v, want %v", got, tt.want)
			}
			if distribution.Apply(config, tt.spec, function) {
				t.Error("a second time changed something")
			}
			if *config.WebACLId != "acl" || *config.DefaultCacheBehavior.FunctionAssociations.Items[0].FunctionARN != "own" {
				t.Error("what others added is gone")
			}
			if f := config.DefaultCacheBehavior.FunctionAssociations; int(*f.Quantity) != len(f.Items) {
				t.Errorf("quantity %d of %d functions", *f.Quantity, len(f.Items))
			}
		})
	}
}

func TestWithoutAFunctionTheAssociationsStay(t *testing.T) {
	config := distribution.Config(site())
	spec := site().Sandbox.Spec
	spec.SinglePageApp = true
	distribution.Apply(config, spec, "")
	if len(config.DefaultCacheBehavior.FunctionAssociations.Items) != 1 {
		t.Fatal("the association is gone")
	}
	s := site()
	s.FolderURLs = ""
	if config := distribution.Config(s); config.DefaultCacheBehavior.FunctionAssociations != nil {
		t.Fatal("an association without a function")
	}
}
