package e2e_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local"
	"github.com/mayfly-dev/mayfly/local/gateway"
)

// TestALifeThatTakesItsTime: with a CloudFront that needs a while, everything is
// waited for: what is made, changed, released and taken away.
func TestALifeThatTakesItsTime(t *testing.T) {
	c := start(t, func(config *local.Config) { config.Propagation = 1200 * time.Millisecond })
	before := c.inventory(t)
	box := c.create(t, events.CreateSandbox{Name: "slow"})
	c.release(t, "slow", site())
	changed := site()
	changed["index.html"] = page("<h1>two</h1>")
	c.release(t, "slow", changed)
	c.shows(t, box.URL, "<h1>two</h1>")
	if err := c.api(t.Context(), "PATCH", "/v1/sandboxes/slow", events.UpdateSandbox{ErrorDocument: aws.String("404.html")}, nil); err != nil {
		t.Fatal(err)
	}
	c.await(t, "slow", events.PhaseReady)
	c.remove(t, "slow")
	if after := c.inventory(t); !maps.Equal(before, after) {
		t.Errorf("left behind: before %v, after %v", before, after)
	}
}

func (c *cloud) remove(t *testing.T, name string) {
	t.Helper()
	if err := c.api(t.Context(), "DELETE", "/v1/sandboxes/"+name, nil, nil); err != nil {
		t.Fatal(err)
	}
	c.gone(t, name)
}

// TestUnfinishedUploadsGoWithTheirSandbox, those of its site and those of its
// releases; and an upload that never came is no release.
func TestUnfinishedUploadsGoWithTheirSandbox(t *testing.T) {
	c := start(t, nil)
	before := c.inventory(t)
	box := c.create(t, events.CreateSandbox{Name: "halfway"})
	var upload events.Upload
	if err := c.api(t.Context(), "POST", "/v1/sandboxes/halfway/uploads", events.CreateUpload{Format: "tar.gz", Size: 100}, &upload); err != nil {
		t.Fatal(err)
	}
	err := c.api(t.Context(), "POST", "/v1/sandboxes/halfway/releases", events.CreateRelease{Upload: upload.ID}, nil)
	if status(err) != http.StatusBadRequest || !strings.Contains(err.Error(), "PUT the archive") {
		t.Errorf("an upload that never came: %v", err)
	}
	at, err := url.Parse(upload.URL)
	if err != nil {
		t.Fatal(err)
	}
	uploads, key, _ := strings.Cut(strings.TrimPrefix(at.Path, "/"), "/")
	for bucket, key := range map[string]string{box.Bucket: "video.mp4", uploads: key} {
		if _, err := c.s3().CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: &bucket, Key: &key}); err != nil {
			t.Fatal(err)
		}
	}
	c.remove(t, "halfway")
	if after := c.inventory(t); !maps.Equal(before, after) {
		t.Errorf("left behind: before %v, after %v", before, after)
	}
}

// TestChangesOfWhatIsRare: the repository beside a website, and who may push to a
// public one, from the start and later.
func TestChangesOfWhatIsRare(t *testing.T) {
	c := start(t, nil)
	before := c.inventory(t)
	c.create(t, events.CreateSandbox{Name: "plain", Delivery: events.DeliveryWebsite})
	if err := c.api(t.Context(), "PATCH", "/v1/sandboxes/plain", events.UpdateSandbox{Repository: &events.RepositoryChange{KeepImages: aws.Int(3)}}, nil); err != nil {
		t.Fatal(err)
	}
	if box := c.await(t, "plain", events.PhaseReady); box.Spec.Repository.KeepImages != 3 {
		t.Errorf("%d images are kept", box.Spec.Repository.KeepImages)
	}
	pushers := []string{"arn:aws:iam::000000000000:role/ci"}
	c.create(t, events.CreateSandbox{Name: "open", Delivery: events.DeliveryNone, Repository: events.RepositorySpec{Visibility: events.VisibilityPublic, Pushers: pushers}})
	for _, to := range [][]string{{}, pushers} {
		if err := c.api(t.Context(), "PATCH", "/v1/sandboxes/open", events.UpdateSandbox{Repository: &events.RepositoryChange{Pushers: &to}}, nil); err != nil {
			t.Fatal(err)
		}
		if box := c.await(t, "open", events.PhaseReady); !slices.Equal(box.Spec.Repository.Pushers, to) {
			t.Errorf("the pushers are %q, want %q", box.Spec.Repository.Pushers, to)
		}
	}
	for _, name := range []string{"plain", "open"} {
		c.remove(t, name)
	}
	if after := c.inventory(t); !maps.Equal(before, after) {
		t.Errorf("left behind: before %v, after %v", before, after)
	}
}

// TestLostRepliesAndRefusals: what was made though nobody heard of it is found
// again, and taken away where its sandbox fails.
func TestLostRepliesAndRefusals(t *testing.T) {
	c := start(t, nil)
	before := c.inventory(t)
	for name, row := range map[string]struct {
		in    events.CreateSandbox
		fault gateway.Fault
	}{
		"control":  {events.CreateSandbox{OriginAccess: events.OriginAccessControl}, gateway.Fault{Service: "cloudfront", Operation: "CreateOriginAccessControl"}},
		"identity": {events.CreateSandbox{}, gateway.Fault{Service: "cloudfront", Operation: "CreateCloudFrontOriginAccessIdentity"}},
		"public": {events.CreateSandbox{Delivery: events.DeliveryNone, Repository: events.RepositorySpec{Visibility: events.VisibilityPublic}},
			gateway.Fault{Service: "ecr-public", Operation: "CreateRepository"}},
	} {
		row.in.Name = name
		lost := row.fault
		lost.LoseReply = true
		c.faults.Add(lost)
		c.create(t, row.in)
		c.remove(t, name)

		refused := row.fault
		refused.Code, refused.Status = "AccessDenied", http.StatusForbidden
		c.faults.Add(refused)
		if err := c.api(t.Context(), "POST", "/v1/sandboxes", row.in, nil); err != nil {
			t.Fatal(err)
		}
		c.await(t, name, events.PhaseFailed)
		c.remove(t, name)
	}
	if after := c.inventory(t); !maps.Equal(before, after) {
		t.Errorf("left behind: before %v, after %v", before, after)
	}
}
