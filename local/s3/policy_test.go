package s3_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	local "github.com/mayfly-dev/mayfly/local/s3"
)

func (f *fixture) block(bucket string, on bool) {
	f.t.Helper()
	_, err := f.PutPublicAccessBlock(context.Background(), &s3.PutPublicAccessBlockInput{Bucket: &bucket, PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
		BlockPublicAcls: &on, BlockPublicPolicy: &on, IgnorePublicAcls: &on, RestrictPublicBuckets: &on,
	}})
	must(f.t, err)
}

func statement(text string) string {
	return `{"Version":"2012-10-17","Statement":[` + text + `]}`
}

func TestPoliciesThatS3Refuses(t *testing.T) {
	f := start(t, local.Options{Identities: oais{"E1": "canon1"}})
	f.bucket("pol")
	const oai = "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity "
	for _, test := range []struct{ name, policy, want, message string }{
		{"an unknown identity", allow(`{"AWS":"`+oai+`EGONE"}`, "pol"), "MalformedPolicy", "Invalid principal in policy"},
		{"an unknown canonical user", allow(`{"CanonicalUser":"nobody"}`, "pol"), "MalformedPolicy", "Invalid principal in policy"},
		{"a service of nobody", allow(`{"Service":"example.com"}`, "pol"), "MalformedPolicy", "Invalid principal in policy"},
		{"an unknown kind of principal", allow(`{"Robot":"x"}`, "pol"), "MalformedPolicy", "Invalid principal in policy"},
		{"a wildcard within a principal", allow(`{"AWS":"arn:aws:iam::000000000000:user/*"}`, "pol"), "MalformedPolicy", "Invalid principal in policy"},
		{"another bucket's objects", allow(`{"AWS":"000000000000"}`, "other"), "MalformedPolicy", "Policy has invalid resource"},
		{"another service's action", statement(`{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"ec2:Run","Resource":"arn:aws:s3:::pol/*"}`), "MalformedPolicy", "Policy has invalid action"},
		{"an object's action on the bucket", statement(`{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::pol"}`), "MalformedPolicy", "Action does not apply to any resource(s) in statement"},
		{"no principal", statement(`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::pol/*"}`), "MalformedPolicy", "Missing required field Principal"},
		{"no JSON", `hello`, "MalformedPolicy", ""},
		{"an unknown element", statement(`{"Effects":"Allow"}`), "MalformedPolicy", "Unknown field Effects"},
		{"too long", allow(`{"AWS":"000000000000"}`, "pol") + strings.Repeat(" ", 21000), "PolicyTooLarge", ""},
		{"public, which is blocked", allow(`"*"`, "pol"), "AccessDenied", "BlockPublicPolicy"},
		{"public by AWS *", allow(`{"AWS":"*"}`, "pol"), "AccessDenied", "BlockPublicPolicy"},
		{"an identity", allow(`{"AWS":"`+oai+`E1"}`, "pol"), "", ""},
		{"everybody of one source", statement(`{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::pol/*","Condition":{"StringEquals":{"aws:SourceAccount":"000000000000"}}}`), "", ""},
		{"a service", allow(`{"Service":"cloudfront.amazonaws.com"}`, "pol"), "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := f.policy("pol", test.policy)
			wantCode(t, err, test.want)
			if err != nil && !strings.Contains(err.Error(), test.message) {
				t.Errorf("message: %v, want %q", err, test.message)
			}
		})
	}
}

func TestACanonicalUserBecomesTheIdentitysName(t *testing.T) {
	f := start(t, local.Options{Identities: oais{"E1": "canon1"}})
	f.bucket("canon")
	f.put("canon", "k", "v")
	must(t, f.policy("canon", allow(`{"CanonicalUser":"canon1"}`, "canon")))
	out, err := f.GetBucketPolicy(context.Background(), &s3.GetBucketPolicyInput{Bucket: aws.String("canon")})
	must(t, err)
	if !strings.Contains(*out.Policy, `"AWS":"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"`) {
		t.Errorf("policy: %s", *out.Policy)
	}
	if status, _ := f.as(local.OriginAccessIdentity("E1", "canon1"), http.MethodGet, "canon/k"); status != 200 {
		t.Errorf("read as the identity: %d", status)
	}
}

func TestAccessControlIsBoundToItsDistribution(t *testing.T) {
	f := start(t, local.Options{})
	f.bucket("oac")
	f.put("oac", "k", "v")
	const arn = "arn:aws:cloudfront::000000000000:distribution/"
	must(t, f.policy("oac", statement(`{"Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::oac/*","Condition":{"StringEquals":{"AWS:SourceArn":"`+arn+`ONE"}}}`)))
	for distribution, want := range map[string]int{"ONE": 200, "TWO": 403} {
		if status, _ := f.as(local.CloudFront(arn+distribution), http.MethodGet, "oac/k"); status != want {
			t.Errorf("as distribution %s: %d, want %d", distribution, status, want)
		}
	}
	if status, _ := f.as(local.CloudFront(arn+"ONE"), http.MethodGet, "oac/missing"); status != 403 {
		t.Errorf("a missing key, without the right to list: %d, want 403", status)
	}
}

const tlsOnly = `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::tls","arn:aws:s3:::tls/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`

func TestLoopbackCountsAsTLSAndElsewhereDoesNot(t *testing.T) {
	f := start(t, local.Options{})
	f.bucket("tls")
	f.put("tls", "k", "v")
	must(t, f.policy("tls", statement(tlsOnly)))
	if body, err := f.get("tls", "k", ""); err != nil || body != "v" {
		t.Errorf("over loopback: %q %v", body, err)
	}
	for address, want := range map[string]int{"127.0.0.1:5": 200, "[::1]:5": 200, "10.1.2.3:5": 403} {
		r := httptest.NewRequest(http.MethodGet, "/tls/k", nil)
		r.Header.Set("Authorization", signature)
		r.RemoteAddr = address
		w := httptest.NewRecorder()
		f.service.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("from %s: %d, want %d: %s", address, w.Code, want, w.Body)
		}
	}
}

func TestDenyHoldsForTheRootButForThePolicyItself(t *testing.T) {
	f := start(t, local.Options{})
	ctx := context.Background()
	f.bucket("locked")
	f.put("locked", "k", "v")
	must(t, f.policy("locked", statement(`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::locked","arn:aws:s3:::locked/*"]}`)))
	_, err := f.get("locked", "k", "")
	wantCode(t, err, "AccessDenied")
	_, err = f.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("locked"), Key: aws.String("k"), Body: strings.NewReader("w")})
	wantCode(t, err, "AccessDenied")
	out, err := f.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: aws.String("locked"), Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String("k")}}}})
	must(t, err)
	if len(out.Errors) != 1 || *out.Errors[0].Code != "AccessDenied" {
		t.Errorf("DeleteObjects: %+v", out)
	}
	_, err = f.DeleteBucketPolicy(ctx, &s3.DeleteBucketPolicyInput{Bucket: aws.String("locked")})
	must(t, err)
	if body, err := f.get("locked", "k", ""); err != nil || body != "v" {
		t.Errorf("after the policy went: %q %v", body, err)
	}
}

func TestPublicPoliciesAndTheirRestriction(t *testing.T) {
	f := start(t, local.Options{Identities: oais{"E1": "canon1"}})
	ctx := context.Background()
	f.bucket("open")
	f.put("open", "k", "v")
	f.block("open", false)
	must(t, f.policy("open", allow(`"*"`, "open")))
	status, err := f.GetBucketPolicyStatus(ctx, &s3.GetBucketPolicyStatusInput{Bucket: aws.String("open")})
	must(t, err)
	if !*status.PolicyStatus.IsPublic {
		t.Error("the policy is not seen to be public")
	}
	if response, body := f.raw("GET", "/open/k", nil, ""); response.StatusCode != http.StatusOK || body != "v" {
		t.Errorf("anybody: %d %s", response.StatusCode, body)
	}
	if response, _ := f.raw("GET", "/open/missing", nil, ""); response.StatusCode != http.StatusForbidden {
		t.Errorf("a missing key to nobody: %d", response.StatusCode)
	}
	f.block("open", true)
	for _, reader := range []struct {
		who  local.Principal
		want int
	}{{local.Anonymous(), 403}, {local.OriginAccessIdentity("E1", "canon1"), 403}, {local.Root(), 200}, {local.CloudFront("arn:aws:cloudfront::000000000000:distribution/D"), 200}} {
		if status, _ := f.as(reader.who, http.MethodGet, "open/k"); status != reader.want {
			t.Errorf("restricted, as %s: %d, want %d", reader.who, status, reader.want)
		}
	}
}

func TestACLsWorkOnlyWhereTheyAreTurnedOn(t *testing.T) {
	f := start(t, local.Options{})
	ctx := context.Background()
	_, err := f.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("acl"), ObjectOwnership: types.ObjectOwnershipObjectWriter})
	must(t, err)
	acl := func() error {
		_, err := f.PutBucketAcl(ctx, &s3.PutBucketAclInput{Bucket: aws.String("acl"), ACL: types.BucketCannedACLPublicRead})
		return err
	}
	wantCode(t, acl(), "AccessDenied") // blocked
	f.block("acl", false)
	must(t, acl())
	if response, _ := f.raw("GET", "/acl?list-type=2", nil, ""); response.StatusCode != http.StatusOK {
		t.Errorf("a public list: %d", response.StatusCode)
	}
	f.block("acl", true)
	if response, _ := f.raw("GET", "/acl?list-type=2", nil, ""); response.StatusCode != http.StatusForbidden {
		t.Errorf("a list whose public ACL is ignored: %d", response.StatusCode)
	}
}

func TestAnIdentityCannotReadWhatAKeyEncrypts(t *testing.T) {
	f := start(t, local.Options{Identities: oais{"E1": "canon1"}})
	f.bucket("kms")
	must(t, f.policy("kms", statement(`{"Effect":"Allow","Principal":{"CanonicalUser":"canon1"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::kms/*"}`)))
	_, err := f.PutObject(context.Background(), &s3.PutObjectInput{Bucket: aws.String("kms"), Key: aws.String("k"), Body: strings.NewReader("v"), ServerSideEncryption: types.ServerSideEncryptionAwsKms})
	must(t, err)
	f.put("kms", "plain", "v")
	for key, want := range map[string]int{"k": 403, "plain": 200} {
		if status, _ := f.as(local.OriginAccessIdentity("E1", "canon1"), http.MethodGet, "kms/"+key); status != want {
			t.Errorf("%s as the identity: %d, want %d", key, status, want)
		}
	}
	out, err := f.HeadObject(context.Background(), &s3.HeadObjectInput{Bucket: aws.String("kms"), Key: aws.String("k")})
	must(t, err)
	if out.ServerSideEncryption != types.ServerSideEncryptionAwsKms || len(out.Metadata) != 0 {
		t.Errorf("%s %v", out.ServerSideEncryption, out.Metadata)
	}
}
