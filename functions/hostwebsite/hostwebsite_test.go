package hostwebsite_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/hostwebsite"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

const bucket = "mayfly-docs-abcdefgh23"

const publicRead = `{"Version":"2012-10-17","Statement":[{"Sid":"PublicRead","Effect":"Allow","Principal":"*",` +
	`"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::mayfly-docs-abcdefgh23/*"]}]}`

func setUp() (*steptest.Store, *steptest.S3, events.Flow) {
	clock := &steptest.Clock{}
	of := steptest.New(clock.Now())
	of.Spec.Delivery = events.DeliveryWebsite
	of.Resources = map[sandbox.Kind]sandbox.Resource{
		sandbox.KindBucket: {Kind: sandbox.KindBucket, Status: sandbox.StatusMade, ID: bucket, Region: "us-east-1"},
	}
	cloud := steptest.NewS3("us-east-1")
	closed := aws.Bool(true)
	cloud.Buckets[bucket] = &steptest.Bucket{Access: &types.PublicAccessBlockConfiguration{
		BlockPublicAcls: closed, IgnorePublicAcls: closed, BlockPublicPolicy: closed, RestrictPublicBuckets: closed,
	}}
	return steptest.NewStore(clock.Now, of), cloud, events.Flow{Sandbox: of.Event(), Made: events.Made{Bucket: &events.Bucket{Name: bucket, Region: "us-east-1"}}}
}

func TestABucketBecomesAWebsite(t *testing.T) {
	tests := []struct {
		name  string
		spec  events.Spec
		page  string
		fault func(*steptest.S3)
		first string
	}{
		{"with an error page", events.Spec{IndexDocument: "index.html", ErrorDocument: "404.html"}, "404.html", func(*steptest.S3) {}, ""},
		{"without one", events.Spec{IndexDocument: "index.html"}, "", func(*steptest.S3) {}, ""},
		{"of a single page", events.Spec{IndexDocument: "index.html", SinglePageApp: true}, "index.html", func(*steptest.S3) {}, ""},
		{"after a lost reply to the website", events.Spec{IndexDocument: "home.html"}, "", func(s3 *steptest.S3) { s3.LoseReply("PutBucketWebsite") }, "NetworkError"},
		{"after a lost reply to the access block", events.Spec{IndexDocument: "home.html"}, "", func(s3 *steptest.S3) { s3.LoseReply("PutPublicAccessBlock") }, "NetworkError"},
		{"after a lost reply to the policy", events.Spec{IndexDocument: "home.html"}, "", func(s3 *steptest.S3) { s3.LoseReply("PutBucketPolicy") }, "NetworkError"},
		{"after a conflict", events.Spec{IndexDocument: "home.html"}, "", func(s3 *steptest.S3) {
			s3.Fail("PutBucketPolicy", steptest.Refusal("OperationAborted"))
		}, "OperationAborted"},
		{"once the opened block has spread", events.Spec{IndexDocument: "home.html"}, "", func(s3 *steptest.S3) {
			s3.Fail("PutBucketPolicy", steptest.Refusal("AccessDenied"))
		}, "AccessDenied"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			store, cloud, flow := setUp()
			flow.Sandbox.Spec = tt.spec
			tt.fault(cloud)
			step := hostwebsite.New(cloud, store.Ledger(), "")
			_, err := step.Handle(t.Context(), flow)
			steptest.WantError(t, err, tt.first)
			got, err := step.Handle(t.Context(), flow)
			steptest.WantError(t, err, "")

			want := events.Bucket{Name: bucket, Region: "us-east-1", WebsiteURL: "http://" + bucket + ".s3-website-us-east-1.amazonaws.com"}
			if got != want {
				t.Errorf("returned %+v", got)
			}
			b := cloud.Buckets[bucket]
			if b.Policy != publicRead {
				t.Errorf("policy %s", b.Policy)
			}
			if !*b.Access.BlockPublicAcls || !*b.Access.IgnorePublicAcls || *b.Access.BlockPublicPolicy || *b.Access.RestrictPublicBuckets {
				t.Errorf("access block %+v", b.Access)
			}
			page := ""
			if b.Website.ErrorDocument != nil {
				page = *b.Website.ErrorDocument.Key
			}
			if *b.Website.IndexDocument.Suffix != tt.spec.IndexDocument || page != tt.page {
				t.Errorf("website %q, %q", *b.Website.IndexDocument.Suffix, page)
			}
			record, err := store.Get(t.Context(), "docs")
			steptest.WantError(t, err, "")
			if record.Resources[sandbox.KindBucket].WebsiteURL != want.WebsiteURL {
				t.Errorf("the ledger has %+v", record.Resources[sandbox.KindBucket])
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	for _, tt := range []struct{ template, region, want string }{
		{"", "us-east-1", "http://b.s3-website-us-east-1.amazonaws.com"},
		{"", "us-east-2", "http://b.s3-website.us-east-2.amazonaws.com"},
		{"", "us-west-1", "http://b.s3-website-us-west-1.amazonaws.com"},
		{"", "eu-west-1", "http://b.s3-website-eu-west-1.amazonaws.com"},
		{"", "eu-central-1", "http://b.s3-website.eu-central-1.amazonaws.com"},
		{"", "ap-northeast-2", "http://b.s3-website.ap-northeast-2.amazonaws.com"},
		{"", "us-gov-west-1", "http://b.s3-website-us-gov-west-1.amazonaws.com"},
		{"", "us-gov-east-1", "http://b.s3-website.us-gov-east-1.amazonaws.com"},
		{"", "cn-north-1", "http://b.s3-website.cn-north-1.amazonaws.com.cn"},
		{"http://{bucket}.s3-website.localhost:4566", "us-east-1", "http://b.s3-website.localhost:4566"},
	} {
		if got := hostwebsite.URL(tt.template, "b", tt.region); got != tt.want {
			t.Errorf("%s %s: %s, want %s", tt.template, tt.region, got, tt.want)
		}
	}
}
