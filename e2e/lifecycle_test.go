package e2e_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecrpublic"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"
	waftypes "github.com/aws/aws-sdk-go-v2/service/wafv2/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/inventory"
	"github.com/mayfly-dev/mayfly/local"
	"github.com/mayfly-dev/mayfly/release"
)

func page(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

func site() fstest.MapFS {
	return fstest.MapFS{
		"index.html":                page("<h1>one</h1>"),
		"404.html":                  page("<h1>not here</h1>"),
		"docs/index.html":           page("<h1>docs</h1>"),
		"assets/app.4f9d2c7ab1.css": page("h1 { color: teal }"),
	}
}

// TestOneRequestOneLiveSite is the first thing a person does, from the request
// to the last trace.
func TestOneRequestOneLiveSite(t *testing.T) {
	for _, access := range []events.OriginAccess{events.OriginAccessIdentity, events.OriginAccessControl} {
		t.Run(string(access), func(t *testing.T) { live(t, start(t, nil), access) })
	}
}

func live(t *testing.T, c *cloud, access events.OriginAccess) {
	before := c.inventory(t)
	box := c.create(t, events.CreateSandbox{Name: "hello", Owner: "ana", ErrorDocument: "404.html", OriginAccess: access})
	if box.URL == "" || box.Bucket == "" || box.DistributionID == "" || (box.OriginAccessIdentity == "") == (box.OriginAccessControl == "") {
		t.Fatalf("the sandbox lacks something: %+v", box)
	}
	first := c.release(t, "hello", site())
	if first.Status != "live" || first.Files != 4 || first.Written != 4 {
		t.Fatalf("first release: %+v", first)
	}

	for _, tc := range []struct {
		path   string
		status int
		body   string
	}{
		{"", 200, "<h1>one</h1>"},
		{"index.html", 200, "<h1>one</h1>"},
		{"docs/", 200, "<h1>docs</h1>"},
		{"assets/app.4f9d2c7ab1.css", 200, "teal"},
		{"nowhere", 404, "<h1>not here</h1>"},
	} {
		if status, header, body := c.get(t, box.URL+tc.path); status != tc.status || !strings.Contains(body, tc.body) {
			t.Errorf("GET /%s: %d %s (%s)", tc.path, status, body, header.Get("X-Cache"))
		}
	}
	if _, header, _ := c.get(t, box.URL); header.Get("X-Cache") != "Hit from cloudfront" {
		t.Errorf("the second GET of / was a %q", header.Get("X-Cache"))
	}
	if status, _, _ := c.get(t, c.awsURL+"/"+box.Bucket+"/index.html"); status != http.StatusForbidden {
		t.Errorf("an anonymous GET from the bucket: %d, want 403", status)
	}

	// One changed page is one PUT, and it is seen at once.
	c.calls.take()
	changed := site()
	changed["index.html"] = page("<h1>two</h1>")
	second := c.release(t, "hello", changed)
	if puts := c.puts(box.Bucket); second.Written != 1 || puts != 1 {
		t.Errorf("one changed page: %d written, %d PUTs", second.Written, puts)
	}
	c.shows(t, box.URL, "<h1>two</h1>")

	// A removed page is gone, and comes back with the release that had it.
	delete(changed, "docs/index.html")
	if third := c.release(t, "hello", changed); third.Removed != 1 {
		t.Errorf("one removed page: %+v", third)
	}
	if status, _, _ := c.get(t, box.URL+"docs/"); status != http.StatusNotFound {
		t.Errorf("a removed page answers %d", status)
	}
	c.wouldChange(t, "hello", first.ID, "added docs/index.html, changed index.html")
	c.wouldChange(t, "hello", "previous", "added docs/index.html")
	var back events.ReleaseState
	if err := c.api(t.Context(), "POST", "/v1/sandboxes/hello/rollback", events.Rollback{To: first.ID}, &back); err != nil {
		t.Fatal(err)
	}
	if back = c.released(t, "hello", back.ID); back.Status != "live" {
		t.Fatalf("rollback: %+v", back)
	}
	c.shows(t, box.URL, "<h1>one</h1>")
	c.shows(t, box.URL+"docs/", "<h1>docs</h1>")

	// One object's earlier version comes back alone.
	var versions events.ObjectVersions
	if err := c.api(t.Context(), "GET", "/v1/sandboxes/hello/objects/index.html/versions", nil, &versions); err != nil {
		t.Fatal(err)
	}
	if len(versions.Versions) != 3 {
		t.Fatalf("versions of index.html: %+v", versions)
	}
	var restored events.ReleaseState
	if err := c.api(t.Context(), "POST", "/v1/sandboxes/hello/restore", events.Restore{Key: "index.html", VersionID: versions.Versions[1].VersionID}, &restored); err != nil {
		t.Fatal(err)
	}
	c.released(t, "hello", restored.ID)
	c.shows(t, box.URL, "<h1>two</h1>")
	c.shows(t, box.URL+"docs/", "<h1>docs</h1>")

	if err := c.api(t.Context(), "DELETE", "/v1/sandboxes/hello", nil, nil); err != nil {
		t.Fatal(err)
	}
	c.gone(t, "hello")
	if after := c.inventory(t); !maps.Equal(before, after) {
		t.Errorf("left behind: before %v, after %v", before, after)
	}
	if status, _, _ := c.get(t, box.URL); status == http.StatusOK {
		t.Error("the deleted site is still served")
	}
}

// shows waits until a page has a text.
func (c *cloud) shows(t *testing.T, address, want string) {
	t.Helper()
	if _, header, body := c.get(t, address); !strings.Contains(body, want) {
		t.Errorf("%s shows %q, want %q (%s)", address, body, want, header.Get("X-Cache"))
	}
}

// puts counts the objects that were written to a bucket since calls were last
// taken.
func (c *cloud) puts(bucket string) int {
	n := 0
	for _, call := range c.calls.take() {
		if call.Service == "s3" && strings.HasPrefix(call.Path, "/"+bucket+"/") && (call.Operation == "PutObject" || call.Operation == "CopyObject") {
			n++
		}
	}
	return n
}

// inventory counts everything that the account holds.
func (c *cloud) inventory(t testing.TB) map[string]int {
	t.Helper()
	ctx := t.Context()
	count := make(map[string]int)
	buckets, err := c.s3().ListBuckets(ctx, &s3.ListBucketsInput{})
	if err != nil {
		t.Fatal(err)
	}
	count["buckets"] = len(buckets.Buckets)
	for _, bucket := range buckets.Buckets {
		objects, err := c.s3().ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: bucket.Name})
		if err != nil {
			t.Fatal(err)
		}
		count["objects"] += len(objects.DeleteMarkers)
		for _, version := range objects.Versions {
			// What is known of an image's layers is the installation's: the next
			// image that has them may be another sandbox's. So are reports.
			if !strings.HasPrefix(*version.Key, release.LayersPrefix) && !strings.HasPrefix(*version.Key, inventory.ReportPrefix) {
				count["objects"]++
			}
		}
		uploads, err := c.s3().ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: bucket.Name})
		if err != nil {
			t.Fatal(err)
		}
		count["uploads"] += len(uploads.Uploads)
	}
	distributions, err := c.cloudfront().ListDistributions(ctx, &cloudfront.ListDistributionsInput{})
	if err != nil {
		t.Fatal(err)
	}
	count["distributions"] = len(distributions.DistributionList.Items)
	identities, err := c.cloudfront().ListCloudFrontOriginAccessIdentities(ctx, &cloudfront.ListCloudFrontOriginAccessIdentitiesInput{})
	if err != nil {
		t.Fatal(err)
	}
	count["identities"] = len(identities.CloudFrontOriginAccessIdentityList.Items)
	controls, err := c.cloudfront().ListOriginAccessControls(ctx, &cloudfront.ListOriginAccessControlsInput{})
	if err != nil {
		t.Fatal(err)
	}
	count["controls"] = len(controls.OriginAccessControlList.Items)
	acls, err := wafv2.NewFromConfig(c.aws()).ListWebACLs(ctx, &wafv2.ListWebACLsInput{Scope: waftypes.ScopeCloudfront})
	if err != nil {
		t.Fatal(err)
	}
	count["web ACLs"] = len(acls.WebACLs)
	repositories, err := ecr.NewFromConfig(c.aws()).DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{})
	if err != nil {
		t.Fatal(err)
	}
	public, err := ecrpublic.NewFromConfig(c.aws()).DescribeRepositories(ctx, &ecrpublic.DescribeRepositoriesInput{})
	if err != nil {
		t.Fatal(err)
	}
	count["repositories"] = len(repositories.Repositories) + len(public.Repositories)
	var sandboxes events.SandboxPage
	if err := c.api(ctx, "GET", "/v1/sandboxes", nil, &sandboxes); err != nil {
		t.Fatal(err)
	}
	count["sandboxes"] = len(sandboxes.Sandboxes)
	return count
}

// TestAWebsiteWithoutADistribution: on request a bucket's own endpoint.
func TestAWebsiteWithoutADistribution(t *testing.T) {
	c := start(t, nil)
	before := c.inventory(t)
	box := c.create(t, events.CreateSandbox{Name: "plain", ErrorDocument: "404.html", Delivery: events.DeliveryWebsite})
	if box.DistributionID != "" || !strings.Contains(box.URL, ".s3-website.localhost:") {
		t.Fatalf("a website: %+v", box)
	}
	c.release(t, "plain", site())
	c.shows(t, box.URL, "<h1>one</h1>")
	c.shows(t, strings.TrimSuffix(box.URL, "/")+"/docs/", "<h1>docs</h1>")
	if status, header, _ := c.get(t, strings.TrimSuffix(box.URL, "/")+"/docs"); status != http.StatusFound || !strings.HasSuffix(header.Get("Location"), "/docs/") {
		t.Errorf("a folder without its slash: %d to %q", status, header.Get("Location"))
	}
	// S3 says 403 of a missing page to who may not list the bucket, and nobody may.
	if status, _, body := c.get(t, strings.TrimSuffix(box.URL, "/")+"/nowhere"); status != http.StatusForbidden || !strings.Contains(body, "not here") {
		t.Errorf("a missing page: %d %s", status, body)
	}
	if err := c.api(t.Context(), "DELETE", "/v1/sandboxes/plain", nil, nil); err != nil {
		t.Fatal(err)
	}
	c.gone(t, "plain")
	if after := c.inventory(t); !maps.Equal(before, after) {
		t.Errorf("left behind: before %v, after %v", before, after)
	}
}

// TestARepositoryStandsAlone (B1, B4): without a site, private or public.
func TestARepositoryStandsAlone(t *testing.T) {
	c := start(t, nil)
	before := c.inventory(t)
	for _, visibility := range []events.Visibility{events.VisibilityPrivate, events.VisibilityPublic} {
		name := "alone-" + string(visibility)
		box := c.create(t, events.CreateSandbox{Name: name, Delivery: events.DeliveryNone, Repository: events.RepositorySpec{Visibility: visibility}})
		if box.Repository != name || !strings.HasSuffix(box.RepositoryURI, "/"+name) || box.URL != "" || box.Bucket != "" {
			t.Errorf("a repository alone: %+v", box)
		}
		if err := c.api(t.Context(), "DELETE", "/v1/sandboxes/"+name, nil, nil); err != nil {
			t.Fatal(err)
		}
		c.gone(t, name)
	}
	if after := c.inventory(t); !maps.Equal(before, after) {
		t.Errorf("left behind: before %v, after %v", before, after)
	}
}

// TestASinglePageApp: what is not there is the app's own page, with 200; the
// mode is switched off later.
func TestASinglePageApp(t *testing.T) {
	c := start(t, nil)
	box := c.create(t, events.CreateSandbox{Name: "app", SinglePageApp: true})
	c.release(t, "app", site())
	if status, _, body := c.get(t, box.URL+"any/route"); status != http.StatusOK || !strings.Contains(body, "<h1>one</h1>") {
		t.Errorf("a route of the app: %d %s", status, body)
	}
	if err := c.api(t.Context(), "PATCH", "/v1/sandboxes/app", events.UpdateSandbox{SinglePageApp: aws.Bool(false), ErrorDocument: aws.String("404.html")}, nil); err != nil {
		t.Fatal(err)
	}
	c.await(t, "app", "ready")
	if status, _, body := c.get(t, box.URL+"another/route"); status != http.StatusNotFound || !strings.Contains(body, "not here") {
		t.Errorf("a missing page after the update: %d %s", status, body)
	}
}

// TestDeletionOvertakesProvisioning: a sandbox that is deleted while it is
// made leaves nothing.
func TestDeletionOvertakesProvisioning(t *testing.T) {
	c := start(t, nil)
	before := c.inventory(t)
	for range 5 {
		if err := c.api(t.Context(), "POST", "/v1/sandboxes", events.CreateSandbox{Name: "brief"}, nil); err != nil {
			t.Fatal(err)
		}
		if err := c.api(t.Context(), "DELETE", "/v1/sandboxes/brief", nil, nil); err != nil {
			t.Fatal(err)
		}
		c.gone(t, "brief")
	}
	if after := c.inventory(t); !maps.Equal(before, after) {
		t.Errorf("left behind: before %v, after %v", before, after)
	}
}

// TestSitesSurviveARestart: everything is under the data folder.
func TestSitesSurviveARestart(t *testing.T) {
	data := t.TempDir()
	config := func(c *local.Config) { c.Data = data }
	c := start(t, config)
	c.create(t, events.CreateSandbox{Name: "stays"})
	c.release(t, "stays", site())
	if err := c.stop(); err != nil {
		t.Fatal(err)
	}
	c = start(t, config)
	c.shows(t, c.await(t, "stays", "ready").URL, "<h1>one</h1>")
}
