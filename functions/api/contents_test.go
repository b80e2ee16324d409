package api_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestObjectsAreListedWithWhatWasDeleted(t *testing.T) {
	w := newWorld(t)
	w.readyFor("ada", "hello")
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	version := func(key, id string, size int64, latest bool) s3types.ObjectVersion {
		return s3types.ObjectVersion{Key: &key, VersionId: &id, Size: &size, IsLatest: &latest, LastModified: &at}
	}
	w.objects.versions = []s3types.ObjectVersion{version("a", "2", 20, true), version("a", "1", 10, false), version("b", "1", 5, false), version("c", "1", 7, true)}
	w.objects.markers = []s3types.DeleteMarkerEntry{{Key: aws.String("b"), VersionId: aws.String("2"), IsLatest: aws.Bool(true), LastModified: aws.Time(at.Add(time.Hour))}}
	want := []events.SiteObject{
		{Key: "a", Size: 20, LastModified: at, Versions: 2},
		{Key: "b", Deleted: true, LastModified: at.Add(time.Hour), Versions: 2},
		{Key: "c", Size: 7, LastModified: at, Versions: 1},
	}
	got := into[events.ObjectPage](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello/objects", ""))
	if diff := cmp.Diff(want, got.Objects); diff != "" || got.Next != "" {
		t.Errorf("next %q\n%s", got.Next, diff)
	}
	page := into[events.ObjectPage](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello/objects?limit=1", ""))
	if len(page.Objects) != 1 || page.Objects[0].Key != "a" || page.Next != "a" {
		t.Errorf("a page of one: %+v", page)
	}
	if rest := into[events.ObjectPage](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello/objects?cursor=b", "")); len(rest.Objects) != 1 || rest.Objects[0].Key != "c" {
		t.Errorf("after b: %+v", rest)
	}
	w.want(http.StatusBadRequest, "GET", "/v1/sandboxes/hello/objects?limit=0", "")
	w.want(http.StatusNotFound, "GET", "/v1/sandboxes/nobody/objects", "")
}

func TestImagesAreListedWithoutMayflysOwnTag(t *testing.T) {
	w := newWorld(t)
	w.readyFor("ada", "hello")
	if page := into[events.ImagePage](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello/images", "")); len(page.Images) != 0 {
		t.Errorf("without a repository: %+v", page)
	}
	w.change("hello", func(s *sandbox.Sandbox) {
		s.Resources[sandbox.KindRepository] = sandbox.Resource{Kind: sandbox.KindRepository, ID: "hello", Status: sandbox.StatusMade}
		s.LiveImage = events.Image{Repository: "hello", Digest: one}
	})
	w.images.Push("hello", one, sandbox.LiveTag, w.clock.Now())
	w.images.Push("hello", two, "v2", w.clock.Now())
	page := into[events.ImagePage](t, w.want(http.StatusOK, "GET", "/v1/sandboxes/hello/images", ""))
	if len(page.Images) != 2 {
		t.Fatalf("%+v", page)
	}
	for _, i := range page.Images {
		if i.Live != (i.Digest == one) || i.Digest == one && len(i.Tags) != 0 || i.Digest == two && (len(i.Tags) != 1 || i.Tags[0] != "v2") {
			t.Errorf("%+v", i)
		}
	}
}
