package inspectcontent_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/inspectcontent"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/releasetest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func prepared(t *testing.T) (*releasetest.S3, *releasetest.Store) {
	t.Helper()
	client := &releasetest.S3{}
	client.CreateBucket("uploads")
	client.CreateBucket("site")
	site, key := "site", "page.html"
	if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &site, Key: &key, Body: bytes.NewReader([]byte("page"))}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &site, Key: &key}); err != nil {
		t.Fatal(err)
	}
	return client, releasetest.NewStore(sandbox.Sandbox{
		ID: "id", Name: "shop", Phase: sandbox.PhaseUpdating, ActiveRelease: "r",
		Resources: map[sandbox.Kind]sandbox.Resource{sandbox.KindBucket: {Kind: sandbox.KindBucket, Status: sandbox.StatusMade, ID: "site"}},
	})
}

func TestASourceThatIsNotThereIsNamed(t *testing.T) {
	for _, c := range []struct {
		name, code, cause string
		source            events.ReleaseSource
	}{
		{"no upload", "BadContent", "nothing was uploaded", events.ReleaseSource{Kind: events.SourceUpload, Bucket: "uploads", Key: "none"}},
		{"no bucket", "NoSuchBucket", "nowhere", events.ReleaseSource{Kind: events.SourceUpload, Bucket: "nowhere", Key: "none"}},
		{"no kind", "BadContent", "unknown kind", events.ReleaseSource{}},
		{"no release", "BadContent", `"r-none" has no manifest`, events.ReleaseSource{Kind: events.SourceRollback, ReleaseID: "r-none"}},
		{"a release that failed", "BadContent", `"r-failed" has no manifest`, events.ReleaseSource{Kind: events.SourceRollback, ReleaseID: "r-failed"}},
		{"a release whose manifest is gone", "BadContent", `"r-gone" has no manifest`, events.ReleaseSource{Kind: events.SourceRollback, ReleaseID: "r-gone"}},
		{"no path", "BadContent", "not a path", events.ReleaseSource{Kind: events.SourceRestore, VersionID: "v000001"}},
		{"a path out of the site", "BadContent", "not a path", events.ReleaseSource{Kind: events.SourceRestore, Path: "../x", VersionID: "v000001"}},
		{"a path with a dot", "BadContent", "not a path", events.ReleaseSource{Kind: events.SourceRestore, Path: "./page.html", VersionID: "v000001"}},
		{"no version", "VersionExpired", "page.html", events.ReleaseSource{Kind: events.SourceRestore, Path: "page.html"}},
		{"another object's version", "VersionExpired", "v000009", events.ReleaseSource{Kind: events.SourceRestore, Path: "page.html", VersionID: "v000009"}},
		{"a delete marker", "VersionExpired", "v000002", events.ReleaseSource{Kind: events.SourceRestore, Path: "page.html", VersionID: "v000002"}},
	} {
		client, store := prepared(t)
		for _, r := range []sandbox.Release{{ID: "r-failed", Status: sandbox.ReleaseFailed}, {ID: "r-gone", ManifestBucket: "uploads", ManifestKey: "none"}} {
			if err := store.PutRelease(t.Context(), sandbox.Ref{}, r); err != nil {
				t.Fatal(err)
			}
		}
		client.Calls()
		flow := events.ReleaseFlow{Sandbox: events.Sandbox{ID: "id", Name: "shop"}, Release: events.Release{ID: "r", Source: c.source}}
		_, err := inspectcontent.New(client, nil, store, "uploads", release.DefaultLimits(), time.Now).Handle(t.Context(), flow)
		if err == nil || awserr.Name(err) != c.code || !strings.Contains(err.Error(), c.cause) {
			t.Errorf("%s: %v", c.name, err)
		}
		if calls := client.Calls(); len(calls) != 0 {
			t.Errorf("%s: %q", c.name, calls)
		}
	}
}

func TestADeletedObjectIsPlannedToComeBack(t *testing.T) {
	client, store := prepared(t)
	source := events.ReleaseSource{Kind: events.SourceRestore, Path: "page.html", VersionID: "v000001"}
	flow := events.ReleaseFlow{Sandbox: events.Sandbox{ID: "id", Name: "shop"}, Release: events.Release{ID: "r", Source: source}}
	out, err := inspectcontent.New(client, nil, store, "uploads", release.DefaultLimits(), time.Now).Handle(t.Context(), flow)
	if err != nil || !out.Changed || out.Write != 1 || out.Remove != 0 || out.Files != 1 || out.Bytes != 4 {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestASandboxWithoutABucketTakesNoContent(t *testing.T) {
	client, _ := prepared(t)
	store := releasetest.NewStore(sandbox.Sandbox{ID: "id", Name: "shop", Phase: sandbox.PhaseUpdating, ActiveRelease: "r"})
	flow := events.ReleaseFlow{Sandbox: events.Sandbox{ID: "id", Name: "shop"}, Release: events.Release{ID: "r"}}
	if _, err := inspectcontent.New(client, nil, store, "uploads", release.DefaultLimits(), time.Now).Handle(t.Context(), flow); err == nil {
		t.Error("no error")
	}
}
