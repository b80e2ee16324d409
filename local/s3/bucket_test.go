package s3_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	local "github.com/mayfly-dev/mayfly/local/s3"
)

func TestBucketNamesAndQuotasAreAWSs(t *testing.T) {
	f := start(t, local.Options{BucketQuota: 2, Foreign: []string{"somebody-elses"}})
	ctx := context.Background()
	f.bucket("first")
	for _, test := range []struct {
		name, bucket, place, want string
	}{
		{"ours already is success in us-east-1", "first", "", ""},
		{"another account's", "somebody-elses", "", "BucketAlreadyExists"},
		{"upper case", "Bucket", "", "InvalidBucketName"},
		{"too short", "ab", "", "InvalidBucketName"},
		{"an address", "192.168.1.1", "", "InvalidBucketName"},
		{"two dots", "a..b", "", "InvalidBucketName"},
		{"a reserved prefix", "xn--bucket", "", "InvalidBucketName"},
		{"another region's constraint", "elsewhere", "eu-west-1", "IllegalLocationConstraintException"},
		{"this region's name, which S3 does not take", "here", "us-east-1", "InvalidLocationConstraint"},
		{"the last within the quota", "second", "", ""},
		{"one over the quota", "third", "", "TooManyBuckets"},
	} {
		t.Run(test.name, func(t *testing.T) {
			input := &s3.CreateBucketInput{Bucket: &test.bucket}
			if test.place != "" {
				input.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(test.place)}
			}
			_, err := f.CreateBucket(ctx, input)
			wantCode(t, err, test.want)
		})
	}
	list, err := f.ListBuckets(ctx, &s3.ListBucketsInput{MaxBuckets: aws.Int32(1)})
	must(t, err)
	if len(list.Buckets) != 1 || *list.Buckets[0].Name != "first" || aws.ToString(list.ContinuationToken) == "" {
		t.Errorf("first page of buckets: %+v", list)
	}
	list, err = f.ListBuckets(ctx, &s3.ListBucketsInput{ContinuationToken: list.ContinuationToken})
	must(t, err)
	if len(list.Buckets) != 1 || *list.Buckets[0].Name != "second" {
		t.Errorf("second page of buckets: %+v", list.Buckets)
	}
	_, err = f.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String("third")})
	wantCode(t, err, "NotFound")
}

func TestANewBucketHasTodaysDefaults(t *testing.T) {
	f := start(t, local.Options{})
	ctx := context.Background()
	b := aws.String("defaults")
	f.bucket(*b)
	block, err := f.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: b})
	must(t, err)
	if c := block.PublicAccessBlockConfiguration; !*c.BlockPublicAcls || !*c.BlockPublicPolicy || !*c.IgnorePublicAcls || !*c.RestrictPublicBuckets {
		t.Errorf("public access is not blocked: %+v", c)
	}
	ownership, err := f.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: b})
	must(t, err)
	if got := ownership.OwnershipControls.Rules[0].ObjectOwnership; got != types.ObjectOwnershipBucketOwnerEnforced {
		t.Errorf("ownership: %s", got)
	}
	encryption, err := f.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: b})
	must(t, err)
	if got := encryption.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm; got != types.ServerSideEncryptionAes256 {
		t.Errorf("encryption: %s", got)
	}
	location, err := f.GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: b})
	must(t, err)
	if location.LocationConstraint != "" {
		t.Errorf("location of a bucket in us-east-1: %q", location.LocationConstraint)
	}
	versioning, err := f.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: b})
	must(t, err)
	if versioning.Status != "" {
		t.Errorf("versioning: %s", versioning.Status)
	}
	for name, call := range map[string]func() error{
		"NoSuchBucketPolicy":         func() error { _, err := f.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b}); return err },
		"NoSuchWebsiteConfiguration": func() error { _, err := f.GetBucketWebsite(ctx, &s3.GetBucketWebsiteInput{Bucket: b}); return err },
		"NoSuchTagSet":               func() error { _, err := f.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: b}); return err },
		"NoSuchCORSConfiguration":    func() error { _, err := f.GetBucketCors(ctx, &s3.GetBucketCorsInput{Bucket: b}); return err },
		"ReplicationConfigurationNotFoundError": func() error {
			_, err := f.GetBucketReplication(ctx, &s3.GetBucketReplicationInput{Bucket: b})
			return err
		},
		"ObjectLockConfigurationNotFoundError": func() error {
			_, err := f.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: b})
			return err
		},
		"NoSuchLifecycleConfiguration": func() error {
			_, err := f.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: b})
			return err
		},
		"AccessControlListNotSupported": func() error {
			_, err := f.PutBucketAcl(ctx, &s3.PutBucketAclInput{Bucket: b, ACL: types.BucketCannedACLPublicRead})
			return err
		},
		"NotImplemented": func() error {
			_, err := f.PutBucketAccelerateConfiguration(ctx, &s3.PutBucketAccelerateConfigurationInput{
				Bucket: b, AccelerateConfiguration: &types.AccelerateConfiguration{Status: "Enabled"},
			})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, call(), name) })
	}
	_, err = f.DeletePublicAccessBlock(ctx, &s3.DeletePublicAccessBlockInput{Bucket: b})
	must(t, err)
	_, err = f.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: b})
	wantCode(t, err, "NoSuchPublicAccessBlockConfiguration")
}

func TestConfigurationOutlivesTheProcess(t *testing.T) {
	ctx := context.Background()
	dir, b := t.TempDir(), aws.String("durable")
	first := start(t, local.Options{Dir: dir})
	first.versionedBucket(*b)
	first.put(*b, "a", "one")
	_, err := first.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: b, Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("sandbox"), Value: aws.String("1")}}}})
	must(t, err)
	must(t, first.policy(*b, allow(`{"AWS":"000000000000"}`, *b)))
	_, err = first.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{Bucket: b, LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{{
		ID: aws.String("old"), Status: "Enabled", Filter: &types.LifecycleRuleFilter{Prefix: aws.String("")},
		NoncurrentVersionExpiration:    &types.NoncurrentVersionExpiration{NoncurrentDays: aws.Int32(30)},
		AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(1)},
	}}}})
	must(t, err)
	_, err = first.PutBucketWebsite(ctx, &s3.PutBucketWebsiteInput{Bucket: b, WebsiteConfiguration: &types.WebsiteConfiguration{
		IndexDocument: &types.IndexDocument{Suffix: aws.String("index.html")}, ErrorDocument: &types.ErrorDocument{Key: aws.String("404.html")},
	}})
	must(t, err)
	_, err = first.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: b, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{Rules: []types.ServerSideEncryptionRule{{
		ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: "aws:kms", KMSMasterKeyID: aws.String("alias/site")},
	}}}})
	must(t, err)

	second := start(t, local.Options{Dir: dir}) // as after a kill: the first was never closed
	if body, err := second.get(*b, "a", ""); err != nil || body != "one" {
		t.Errorf("object: %q %v", body, err)
	}
	tags, err := second.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: b})
	if err != nil || *tags.TagSet[0].Value != "1" {
		t.Errorf("tags: %+v %v", tags, err)
	}
	policy, err := second.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: b})
	if err != nil || *policy.Policy != allow(`{"AWS":"000000000000"}`, *b) {
		t.Errorf("policy: %+v %v", policy, err)
	}
	lifecycle, err := second.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: b})
	if err != nil || *lifecycle.Rules[0].NoncurrentVersionExpiration.NoncurrentDays != 30 || *lifecycle.Rules[0].AbortIncompleteMultipartUpload.DaysAfterInitiation != 1 || lifecycle.Rules[0].Filter == nil {
		t.Errorf("lifecycle: %+v %v", lifecycle, err)
	}
	site, err := second.GetBucketWebsite(ctx, &s3.GetBucketWebsiteInput{Bucket: b})
	if err != nil || *site.IndexDocument.Suffix != "index.html" || *site.ErrorDocument.Key != "404.html" || site.RedirectAllRequestsTo != nil {
		t.Errorf("website: %+v %v", site, err)
	}
	encryption, err := second.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: b})
	if err != nil || *encryption.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.KMSMasterKeyID != "alias/site" {
		t.Errorf("encryption: %+v %v", encryption, err)
	}
	versioning, err := second.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: b})
	if err != nil || versioning.Status != "Enabled" {
		t.Errorf("versioning: %+v %v", versioning, err)
	}
}

func TestErrorsHaveS3sShape(t *testing.T) {
	f := start(t, local.Options{})
	f.bucket("shape")
	for _, test := range []struct {
		name, method, path string
		header             map[string]string
		status             int
		parts              []string
	}{
		{"an operation that is not there names itself", "PUT", "/shape?inventory&id=1", signed, 501, []string{"<Code>NotImplemented</Code>", "<Operation>PutBucketInventoryConfiguration</Operation>"}},
		{"a method that nothing has", "PATCH", "/shape/key", signed, 501, []string{"<Code>NotImplemented</Code>"}},
		{"a bucket that is not there", "GET", "/no-such-bucket", signed, 404, []string{"<Code>NoSuchBucket</Code>", "<BucketName>no-such-bucket</BucketName>"}},
		{"nobody sees a missing key", "GET", "/shape/missing", nil, 403, []string{"<Code>AccessDenied</Code>", "<Message>Access Denied</Message>"}},
		{"the owner does", "GET", "/shape/missing", signed, 404, []string{"<Code>NoSuchKey</Code>", "<Key>missing</Key>"}},
		{"HEAD has no body", "HEAD", "/shape/missing", signed, 404, nil},
		{"an old signature", "GET", "/shape", map[string]string{"Authorization": "AWS key:signature"}, 400, []string{"<Code>InvalidRequest</Code>"}},
		{"a torn header", "GET", "/shape", map[string]string{"Authorization": "AWS4-HMAC-SHA256 Credential=a"}, 400, []string{"<Code>AuthorizationHeaderMalformed</Code>"}},
		{"another account's bucket expected", "GET", "/shape", map[string]string{"Authorization": signature, "X-Amz-Expected-Bucket-Owner": "111111111111"}, 403, []string{"<Code>AccessDenied</Code>"}},
		{"a version id of no kind", "GET", "/shape/key?versionId=nonsense", signed, 400, []string{"<Code>InvalidArgument</Code>", "<ArgumentName>versionId</ArgumentName>"}},
		{"not XML", "PUT", "/shape?tagging", signed, 400, []string{"<Code>MissingRequestBodyError</Code>"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			response, body := f.raw(test.method, test.path, test.header, "")
			if response.StatusCode != test.status {
				t.Errorf("status %d, want %d: %s", response.StatusCode, test.status, body)
			}
			if response.Header.Get("X-Amz-Request-Id") == "" || response.Header.Get("X-Amz-Id-2") == "" {
				t.Error("no request id")
			}
			if test.parts == nil && body != "" {
				t.Errorf("a body: %s", body)
			}
			for _, part := range test.parts {
				if !strings.Contains(body, part) {
					t.Errorf("%s is not in %s", part, body)
				}
			}
			if test.parts != nil && !strings.Contains(body, "<RequestId>"+response.Header.Get("X-Amz-Request-Id")+"</RequestId>") {
				t.Errorf("the request's id is not in %s", body)
			}
		})
	}
}

func TestBucketsAreAddressedByHostAndByPath(t *testing.T) {
	f := start(t, local.Options{})
	f.bucket("addressed")
	f.put("addressed", "dir/key", "content")
	for _, host := range []string{"addressed.localhost:4566", "addressed.s3.localhost", "addressed.s3.us-east-1.amazonaws.com", "ADDRESSED.S3.amazonaws.com:443"} {
		response, body := f.raw("GET", "/dir/key", map[string]string{"Host": host, "Authorization": signature}, "")
		if response.StatusCode != http.StatusOK || body != "content" {
			t.Errorf("%s: %d %s", host, response.StatusCode, body)
		}
	}
	for _, host := range []string{"s3.localhost:4566", "localhost", "s3.us-east-1.amazonaws.com", "127.0.0.1:9"} {
		response, body := f.raw("GET", "/addressed/dir/key", map[string]string{"Host": host, "Authorization": signature}, "")
		if response.StatusCode != http.StatusOK || body != "content" {
			t.Errorf("%s: %d %s", host, response.StatusCode, body)
		}
	}
}
