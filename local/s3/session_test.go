package s3_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/mayfly-dev/mayfly/local/iam"
	local "github.com/mayfly-dev/mayfly/local/s3"
)

// principals say who asks; the root unless a test says otherwise.
type principals struct {
	who    iam.Caller
	failed error
}

func (p *principals) Caller(*http.Request) (iam.Caller, error) { return p.who, p.failed }

// TestARolesSessionMayWhatItsPoliciesAllow, and asks for what each operation
// needs.
func TestARolesSessionMayWhatItsPoliciesAllow(t *testing.T) {
	who := &principals{who: iam.RootCaller(local.Account)}
	f := start(t, local.Options{Principals: who})
	f.bucket("site")
	f.put("site", "k", "v")

	var asked []string
	as := func(statements string) {
		asked = nil
		caller, err := iam.RoleCaller("arn:aws:sts::000000000000:assumed-role/writer/one", []string{`{"Version":"2012-10-17","Statement":[` + statements + `]}`}, nil,
			func(a iam.Asked) {
				asked = append(asked, strings.TrimPrefix(a.Action, "s3:")+" "+strings.TrimPrefix(a.Resource, "arn:aws:s3:::"))
			})
		must(t, err)
		who.who = caller
	}
	allow := func(action, resource string) string {
		return `{"Effect":"Allow","Action":"` + action + `","Resource":"` + resource + `"}`
	}
	s := aws.String
	for _, row := range []struct {
		name, statements string
		do               func() error
		code             string
		asks             []string
	}{
		{"an object", allow("s3:GetObject", "arn:aws:s3:::site/*"), func() error { _, err := f.get("site", "k", ""); return err }, "", []string{"GetObject site/k"}},
		{"an object of another bucket", allow("s3:GetObject", "arn:aws:s3:::other/*"), func() error { _, err := f.get("site", "k", ""); return err }, "AccessDenied", []string{"GetObject site/k"}},
		{"a missing object, for who may not list", allow("s3:GetObject", "*"), func() error { _, err := f.get("site", "gone", ""); return err }, "AccessDenied", []string{"GetObject site/gone", "ListBucket site"}},
		{"a missing object", allow("s3:*", "*"), func() error { _, err := f.get("site", "gone", ""); return err }, "NoSuchKey", []string{"GetObject site/gone", "ListBucket site"}},
		{"a missing bucket", allow("s3:ListBucket", "*"), func() error {
			_, err := f.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: s("none")})
			return err
		}, "NoSuchBucket", []string{"ListBucket none"}},
		{"a missing bucket, for who may not ask", allow("s3:GetObject", "*"), func() error {
			_, err := f.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: s("none")})
			return err
		}, "AccessDenied", []string{"ListBucket none"}},
		{"a bucket with ownership", allow("s3:CreateBucket", "*"), func() error {
			_, err := f.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: s("owned"), ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced})
			return err
		}, "AccessDenied", []string{"CreateBucket owned", "PutBucketOwnershipControls owned"}},
		{"a tagged object", allow("s3:PutObject", "*"), func() error {
			_, err := f.PutObject(t.Context(), &s3.PutObjectInput{Bucket: s("site"), Key: s("tagged"), Tagging: s("a=b"), Body: strings.NewReader("")})
			return err
		}, "AccessDenied", []string{"PutObject site/tagged", "PutObjectTagging site/tagged"}},
		{"a copy", allow("s3:PutObject", "*"), func() error {
			_, err := f.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: s("site"), Key: s("copy"), CopySource: s("site/k")})
			return err
		}, "AccessDenied", []string{"PutObject site/copy", "GetObject site/k"}},
	} {
		as(row.statements)
		if got := code(row.do()); got != row.code {
			t.Errorf("%s: %q, want %q", row.name, got, row.code)
		}
		if !slices.Equal(asked, row.asks) {
			t.Errorf("%s asks for %q, want %q", row.name, asked, row.asks)
		}
	}

	// Of many, each key by itself.
	as(allow("s3:DeleteObject", "arn:aws:s3:::site/may/*"))
	out, err := f.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: s("site"), Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: s("may/a")}, {Key: s("k")}}}})
	must(t, err)
	if len(out.Deleted) != 1 || len(out.Errors) != 1 || *out.Errors[0].Key != "k" || *out.Errors[0].Code != "AccessDenied" || !strings.Contains(*out.Errors[0].Message, "assumed-role/writer/one is not authorized to perform: s3:DeleteObject") {
		t.Errorf("deleted %+v, refused %+v", out.Deleted, out.Errors)
	}

	// The bucket's own policy decides, too.
	who.who = iam.RootCaller(local.Account)
	_, err = f.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: s("site"), Policy: s(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:role/writer"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::site/*"},
		{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::site/*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::000000000000:role/writer"}}}]}`)})
	must(t, err)
	as(allow("s3:PutObject", "*"))
	if _, err := f.get("site", "k", ""); err != nil {
		t.Errorf("what the bucket's policy allows: %v", err)
	}
	if _, err := f.PutObject(t.Context(), &s3.PutObjectInput{Bucket: s("site"), Key: s("k"), Body: strings.NewReader("")}); code(err) != "AccessDenied" {
		t.Errorf("what the bucket's policy denies: %v", err)
	}
	who.failed = errors.New("expired")
	if _, err := f.get("site", "k", ""); code(err) != "InvalidToken" {
		t.Errorf("a session that is over: %v", err)
	}
}
