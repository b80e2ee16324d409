package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	cftypes "github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/local"
)

// impatient are clients that take the first answer.
type impatient struct {
	s3         *s3.Client
	cloudfront *cloudfront.Client
	states     *sfn.Client
}

func (c *cloud) impatient() impatient {
	config := c.aws()
	config.RetryMaxAttempts = 1
	return impatient{
		s3:         s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }),
		cloudfront: cloudfront.NewFromConfig(config),
		states:     sfn.NewFromConfig(config),
	}
}

// code is the code of an AWS error, "" for none.
func code(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var refused smithy.APIError
	if !errors.As(err, &refused) {
		t.Fatalf("%v is not an AWS error", err)
	}
	return refused.ErrorCode()
}

// siteConfig is a distribution of a bucket; identity may be "".
func siteConfig(reference, comment, identity string) *cftypes.DistributionConfig {
	if identity != "" {
		identity = "origin-access-identity/cloudfront/" + identity
	}
	return &cftypes.DistributionConfig{
		CallerReference: &reference, Comment: &comment, Enabled: aws.Bool(true),
		Origins: &cftypes.Origins{Quantity: aws.Int32(1), Items: []cftypes.Origin{{
			Id: aws.String("bucket"), DomainName: aws.String("kept.s3.us-east-1.amazonaws.com"),
			S3OriginConfig: &cftypes.S3OriginConfig{OriginAccessIdentity: &identity},
		}}},
		DefaultCacheBehavior: &cftypes.DefaultCacheBehavior{
			TargetOriginId: aws.String("bucket"), ViewerProtocolPolicy: cftypes.ViewerProtocolPolicyAllowAll,
			CachePolicyId: aws.String("658327ea-f89d-4fab-a63d-7e88639e58f6"),
		},
	}
}

func (c impatient) distribution(ctx context.Context, reference, comment, identity string) (id string, err error) {
	out, err := c.cloudfront.CreateDistribution(ctx, &cloudfront.CreateDistributionInput{DistributionConfig: siteConfig(reference, comment, identity)})
	if err != nil {
		return "", err
	}
	return *out.Distribution.Id, nil
}

func (c impatient) identity(ctx context.Context, reference, comment string) (id, etag string, err error) {
	out, err := c.cloudfront.CreateCloudFrontOriginAccessIdentity(ctx, &cloudfront.CreateCloudFrontOriginAccessIdentityInput{
		CloudFrontOriginAccessIdentityConfig: &cftypes.CloudFrontOriginAccessIdentityConfig{CallerReference: &reference, Comment: &comment},
	})
	if err != nil {
		return "", "", err
	}
	return *out.CloudFrontOriginAccessIdentity.Id, *out.ETag, nil
}

func (c impatient) current(t *testing.T, id string) (*cloudfront.GetDistributionOutput, string) {
	t.Helper()
	out, err := c.cloudfront.GetDistribution(t.Context(), &cloudfront.GetDistributionInput{Id: &id})
	if err != nil {
		t.Fatal(err)
	}
	return out, *out.Distribution.Status
}

func (c impatient) deployed(t *testing.T, id string) string {
	t.Helper()
	etag := ""
	eventually(t, "distribution "+id+" Deployed", func() (bool, error) {
		out, status := c.current(t, id)
		etag = *out.ETag
		return status == "Deployed", errors.New(status)
	})
	return etag
}

const settable = 600 * time.Millisecond

// TestTheLocalCloudRefusesWhatAWSRefuses: one account at its quotas, and each
// way to be refused, by the code that an SDK reads.
func TestTheLocalCloudRefusesWhatAWSRefuses(t *testing.T) {
	cloud := start(t, func(c *local.Config) {
		c.Propagation = settable
		c.ForeignBuckets = []string{"theirs"}
		// The installation has a bucket already.
		c.Quotas = local.Quotas{Buckets: 2, Distributions: 1, OriginAccessIdentities: 1}
	})
	c := cloud.impatient()
	ctx := t.Context()

	_, err := c.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("kept")})
	must(t, err)
	_, err = c.s3.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: aws.String("kept"), VersioningConfiguration: &s3types.VersioningConfiguration{Status: "Enabled"}})
	must(t, err)
	_, err = c.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("kept"), Key: aws.String("k"), Body: strings.NewReader("v")})
	must(t, err)
	// A version and a marker are left, and no object that a list shows.
	_, err = c.s3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String("kept"), Key: aws.String("k")})
	must(t, err)
	identity, identityTag, err := c.identity(ctx, "i", "ours")
	must(t, err)
	id, err := c.distribution(ctx, "d", "ours", identity)
	must(t, err)
	if _, status := c.current(t, id); status != "InProgress" {
		t.Errorf("a new distribution is %s", status)
	}
	etag := c.deployed(t, id)

	machine := "arn:aws:states:us-east-1:000000000000:stateMachine:"
	created, err := c.states.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
		Name: aws.String("waits"), RoleArn: aws.String("arn:aws:iam::000000000000:role/r"),
		Definition: aws.String(`{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"End":true}}}`),
	})
	must(t, err)
	begin := func(arn, input string) error {
		_, err := c.states.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: &arn, Name: aws.String("once"), Input: &input})
		return err
	}
	must(t, begin(*created.StateMachineArn, `{"a":1}`))

	update := func(tag *string, config *cftypes.DistributionConfig) error {
		_, err := c.cloudfront.UpdateDistribution(ctx, &cloudfront.UpdateDistributionInput{Id: &id, IfMatch: tag, DistributionConfig: config})
		return err
	}
	remove := func(id string, tag *string) error {
		_, err := c.cloudfront.DeleteDistribution(ctx, &cloudfront.DeleteDistributionInput{Id: &id, IfMatch: tag})
		return err
	}
	removeIdentity := func(tag string) error {
		_, err := c.cloudfront.DeleteCloudFrontOriginAccessIdentity(ctx, &cloudfront.DeleteCloudFrontOriginAccessIdentityInput{Id: &identity, IfMatch: &tag})
		return err
	}
	bucket := func(name string) error {
		_, err := c.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &name})
		return err
	}
	policy := func(identity string) error {
		_, err := c.s3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: aws.String("kept"), Policy: aws.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity ` + identity + `"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::kept/*"}]}`)})
		return err
	}
	current, _ := c.current(t, id)

	for _, tc := range []struct {
		what string
		call func() error
		code string // "" is success
	}{
		{"update without If-Match", func() error { return update(nil, current.Distribution.DistributionConfig) }, "InvalidIfMatchVersion"},
		{"update with a stale If-Match", func() error { return update(aws.String("ESTALE"), current.Distribution.DistributionConfig) }, "PreconditionFailed"},
		{"delete without If-Match", func() error { return remove(id, nil) }, "InvalidIfMatchVersion"},
		{"delete while enabled", func() error { return remove(id, &etag) }, "DistributionNotDisabled"},
		{"delete what is not there", func() error { return remove("ENONE", &etag) }, "NoSuchDistribution"},
		{"read what is not there", func() error {
			_, err := c.cloudfront.GetDistribution(ctx, &cloudfront.GetDistributionInput{Id: aws.String("ENONE")})
			return err
		}, "NoSuchDistribution"},
		{"the same distribution again", func() error {
			again, err := c.distribution(ctx, "d", "ours", identity)
			if err == nil && again != id {
				t.Errorf("the same request made %s beside %s", again, id)
			}
			return err
		}, ""},
		{"another by the same reference", func() error { _, err := c.distribution(ctx, "d", "other", identity); return err }, "DistributionAlreadyExists"},
		{"a distribution too many", func() error { _, err := c.distribution(ctx, "d2", "ours", identity); return err }, "TooManyDistributions"},
		{"a distribution of an unknown identity", func() error { return update(&etag, siteConfig("d", "ours", "ENONE")) }, "InvalidOriginAccessIdentity"},
		{"the same identity again", func() error {
			again, _, err := c.identity(ctx, "i", "ours")
			if err == nil && again != identity {
				t.Errorf("the same request made %s beside %s", again, identity)
			}
			return err
		}, ""},
		{"another identity by the same reference", func() error { _, _, err := c.identity(ctx, "i", "other"); return err }, "CloudFrontOriginAccessIdentityAlreadyExists"},
		{"an identity too many", func() error { _, _, err := c.identity(ctx, "i2", "ours"); return err }, "TooManyCloudFrontOriginAccessIdentities"},
		{"an identity in use", func() error { return removeIdentity(identityTag) }, "CloudFrontOriginAccessIdentityInUse"},
		{"a policy for an unknown identity", func() error { return policy("ENONE") }, "MalformedPolicy"},
		{"a policy for a known identity", func() error { return policy(identity) }, ""},
		{"somebody else's bucket", func() error { return bucket("theirs") }, "BucketAlreadyExists"},
		{"a bucket too many", func() error { return bucket("another") }, "TooManyBuckets"},
		{"a bucket with versions", func() error {
			_, err := c.s3.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: aws.String("kept")})
			return err
		}, "BucketNotEmpty"},
		{"a bucket that is not there", func() error {
			_, err := c.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("nowhere")})
			return err
		}, "NoSuchBucket"},
		{"an operation that S3 has not here", func() error {
			_, err := c.s3.ListBucketInventoryConfigurations(ctx, &s3.ListBucketInventoryConfigurationsInput{Bucket: aws.String("kept")})
			return err
		}, "NotImplemented"},
		{"an operation that CloudFront has not here", func() error {
			_, err := c.cloudfront.ListKeyGroups(ctx, &cloudfront.ListKeyGroupsInput{})
			return err
		}, "UnsupportedOperation"},
		{"a machine that is not there", func() error { return begin(machine+"none", "{}") }, "StateMachineDoesNotExist"},
		{"the same execution again", func() error { return begin(*created.StateMachineArn, `{"a":1}`) }, ""},
		{"another execution by the same name", func() error { return begin(*created.StateMachineArn, `{"a":2}`) }, "ExecutionAlreadyExists"},
		{"a definition that leads nowhere", func() error {
			_, err := c.states.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
				Name: aws.String("broken"), RoleArn: aws.String("arn:aws:iam::000000000000:role/r"),
				Definition: aws.String(`{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"}}}`),
			})
			return err
		}, "InvalidDefinition"},
		// The last two change the distribution.
		{"disabling", func() error {
			current.Distribution.DistributionConfig.Enabled = aws.Bool(false)
			return update(&etag, current.Distribution.DistributionConfig)
		}, ""},
		{"delete while in progress", func() error {
			out, status := c.current(t, id)
			if status != "InProgress" {
				t.Errorf("a changed distribution is %s", status)
			}
			return remove(id, out.ETag)
		}, "DistributionNotDisabled"},
	} {
		t.Run(tc.what, func(t *testing.T) {
			if err := tc.call(); code(t, err) != tc.code {
				t.Errorf("got %v, want %q", err, tc.code)
			}
		})
	}

	// What was refused was refused for its reason alone.
	etag = c.deployed(t, id)
	must(t, remove(id, &etag))
	must(t, removeIdentity(identityTag))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestWhatNoClientOfTheseServicesSends: errors still come in the protocol of
// the service that was asked.
func TestWhatNoClientOfTheseServicesSends(t *testing.T) {
	c := start(t, nil)
	_, err := c.impatient().s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("private")})
	must(t, err)
	for _, tc := range []struct {
		what, service, method, path, target string
		status                              int
		body                                string
	}{
		{"S3's unknown operation", "s3", "PATCH", "/private/key", "", 501, "<Code>NotImplemented</Code>"},
		{"CloudFront's unknown operation", "cloudfront", "GET", "/2020-05-31/key-group", "", 400, "<ErrorResponse xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Error><Type>Sender</Type><Code>UnsupportedOperation</Code>"},
		{"Step Functions' unknown operation", "states", "POST", "/", "AWSStepFunctions.Nothing", 400, "com.amazon.coral.service#UnknownOperationException"},
		{"a JSON service that is not there", "kinesis", "POST", "/", "Kinesis_20131202.ListStreams", 501, `"NotImplemented"`},
		{"a service of forms that is not there", "ec2", "POST", "/", "", 501, "<Code>NotImplemented</Code>"},
		{"an anonymous read", "", "GET", "/private/key", "", 403, "<Code>AccessDenied</Code>"},
		{"an anonymous list", "", "GET", "/private", "", 403, "<Code>AccessDenied</Code>"},
		{"an anonymous write", "", "PUT", "/private/key", "", 403, "<Code>AccessDenied</Code>"},
	} {
		t.Run(tc.what, func(t *testing.T) {
			status, kind, body := c.raw(t, tc.service, tc.method, tc.path, tc.target)
			if status != tc.status || !strings.Contains(body, tc.body) {
				t.Errorf("got %d %s, want %d %s", status, body, tc.status, tc.body)
			}
			if isJSON := json.Valid([]byte(body)); isJSON != (tc.target != "") || isJSON != strings.Contains(kind, "json") {
				t.Errorf("the answer is %s: %s", kind, body)
			}
		})
	}
}

// raw sends a request without a body, signed for a service unless that is "".
func (c *cloud) raw(t *testing.T, service, method, path, target string) (status int, kind, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, c.awsURL+path, http.NoBody)
	must(t, err)
	if target != "" {
		r.Header.Set("X-Amz-Target", target)
		r.Header.Set("Content-Type", "application/x-amz-json-1.0")
	}
	if service != "" {
		const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
		r.Header.Set("X-Amz-Content-Sha256", empty)
		must(t, v4.NewSigner().SignHTTP(t.Context(), aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, r, empty, service, local.Region, time.Now()))
	}
	response, err := http.DefaultClient.Do(r)
	must(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(t, err)
	return response.StatusCode, response.Header.Get("Content-Type"), string(text)
}
