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

func (f *fixture) visit(method, host, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	r.Host = host
	w := httptest.NewRecorder()
	f.service.Website().ServeHTTP(w, r)
	return w
}

func (f *fixture) site(bucket string, configuration *types.WebsiteConfiguration) {
	f.t.Helper()
	f.bucket(bucket)
	f.block(bucket, false)
	must(f.t, f.policy(bucket, allow(`"*"`, bucket)))
	_, err := f.PutBucketWebsite(context.Background(), &s3.PutBucketWebsiteInput{Bucket: &bucket, WebsiteConfiguration: configuration})
	must(f.t, err)
}

func TestAWebsiteEndpointServesASite(t *testing.T) {
	f := start(t, local.Options{})
	f.site("site", &types.WebsiteConfiguration{
		IndexDocument: &types.IndexDocument{Suffix: aws.String("index.html")}, ErrorDocument: &types.ErrorDocument{Key: aws.String("oops.html")},
		RoutingRules: []types.RoutingRule{{Condition: &types.Condition{KeyPrefixEquals: aws.String("old/")}, Redirect: &types.Redirect{ReplaceKeyPrefixWith: aws.String("new/")}}},
	})
	for _, key := range []string{"index.html", "docs/index.html", "oops.html", "page.html"} {
		_, err := f.PutObject(context.Background(), &s3.PutObjectInput{Bucket: aws.String("site"), Key: &key, Body: strings.NewReader("this is " + key), ContentType: aws.String("text/html")})
		must(t, err)
	}
	_, err := f.PutObject(context.Background(), &s3.PutObjectInput{Bucket: aws.String("site"), Key: aws.String("moved"), WebsiteRedirectLocation: aws.String("/page.html")})
	must(t, err)
	for _, test := range []struct {
		name, method, host, path string
		status                   int
		part, location           string
	}{
		{"the index", "GET", "site.s3-website.localhost:4566", "/", 200, "this is index.html", ""},
		{"a page, by AWS's host", "GET", "site.s3-website-us-east-1.amazonaws.com", "/page.html", 200, "this is page.html", ""},
		{"a folder", "GET", "site.s3-website.localhost", "/docs/", 200, "this is docs/index.html", ""},
		{"a folder without its slash", "GET", "site.s3-website.localhost", "/docs", 302, "", "/docs/"},
		{"a page that is missing", "GET", "site.s3-website.localhost", "/missing", 403, "this is oops.html", ""},
		{"a page by HEAD", "HEAD", "site.s3-website.localhost", "/page.html", 200, "", ""},
		{"a POST", "POST", "site.s3-website.localhost", "/page.html", 405, "<li>Code: MethodNotAllowed</li>", ""},
		{"a rule", "GET", "site.s3-website.localhost:4566", "/old/x%20y", 301, "", "http://site.s3-website.localhost:4566/new/x%20y"},
		{"an object that redirects", "GET", "site.s3-website.localhost", "/moved", 301, "", "/page.html"},
		{"a bucket that is not there", "GET", "none.s3-website.localhost", "/", 404, "<li>Code: NoSuchBucket</li>", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := f.visit(test.method, test.host, test.path)
			if w.Code != test.status || !strings.Contains(w.Body.String(), test.part) || w.Header().Get("Location") != test.location {
				t.Errorf("%d %q %s\nwant %d %q %s", w.Code, w.Header().Get("Location"), w.Body, test.status, test.location, test.part)
			}
			if test.method == http.MethodHead && w.Body.Len() > 0 {
				t.Errorf("HEAD has a body: %s", w.Body)
			}
		})
	}

	// With the right to list, a missing page is 404; the error page stays.
	list := `{"Effect":"Allow","Principal":"*","Action":"s3:ListBucket","Resource":"arn:aws:s3:::site"},`
	must(t, f.policy("site", strings.Replace(allow(`"*"`, "site"), `[`, `[`+list, 1)))
	if w := f.visit("GET", "site.s3-website.localhost", "/missing"); w.Code != 404 || w.Body.String() != "this is oops.html" || w.Header().Get("Content-Type") != "text/html" {
		t.Errorf("missing, listable: %d %s", w.Code, w.Body)
	}
	// Blocked again, the public sees nothing, and S3's own page says so.
	f.block("site", true)
	if w := f.visit("GET", "site.s3-website.localhost", "/"); w.Code != 403 || !strings.Contains(w.Body.String(), "<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>") {
		t.Errorf("blocked: %d %s", w.Code, w.Body)
	}
}

func TestAWebsiteMayRedirectEverything(t *testing.T) {
	f := start(t, local.Options{})
	f.site("www", &types.WebsiteConfiguration{RedirectAllRequestsTo: &types.RedirectAllRequestsTo{HostName: aws.String("example.com"), Protocol: "https"}})
	if w := f.visit("GET", "www.s3-website.localhost", "/a/b"); w.Code != 301 || w.Header().Get("Location") != "https://example.com/a/b" {
		t.Errorf("%d %s", w.Code, w.Header().Get("Location"))
	}
	_, err := f.PutBucketWebsite(context.Background(), &s3.PutBucketWebsiteInput{Bucket: aws.String("www"), WebsiteConfiguration: &types.WebsiteConfiguration{IndexDocument: &types.IndexDocument{Suffix: aws.String("a/b")}}})
	wantCode(t, err, "InvalidArgument")
}
