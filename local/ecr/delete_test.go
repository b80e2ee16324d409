package ecr_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	local "github.com/mayfly-dev/mayfly/local/ecr"
)

func (f *fixture) remove(repository string, ids ...types.ImageIdentifier) *ecr.BatchDeleteImageOutput {
	f.t.Helper()
	out, err := f.BatchDeleteImage(f.t.Context(), &ecr.BatchDeleteImageInput{RepositoryName: &repository, ImageIds: ids})
	must(f.t, err)
	return out
}

func TestDeletingFreesTheDisk(t *testing.T) {
	dir := t.TempDir()
	f := start(t, local.Options{Dir: dir})
	f.create("site")
	f.create("other")
	image := f.push("site:v1", 1)
	must(t, remote.Write(f.ref("site:v2"), image, f.remote()...))
	must(t, remote.Write(f.ref("other:v1"), image, f.remote()...))
	files := len(blobFiles(t, dir)) // 3 blobs with 2 links each

	// A tag goes alone while there is another.
	out := f.remove("site", types.ImageIdentifier{ImageTag: ptr("v1")})
	if len(out.ImageIds) != 1 || *out.ImageIds[0].ImageTag != "v1" || *out.ImageIds[0].ImageDigest != digestOf(t, image) {
		t.Errorf("deleted %+v", out.ImageIds)
	}
	if now := len(blobFiles(t, dir)); now != files || len(f.describe("site")) != 1 {
		t.Errorf("%d files, were %d", now, files)
	}
	// With the last tag goes the image; what the other repository has stays.
	f.remove("site", types.ImageIdentifier{ImageTag: ptr("v2")})
	if now := len(blobFiles(t, dir)); now != files-3 || len(f.describe("site")) != 0 {
		t.Errorf("%d files, were %d", now, files)
	}
	_, err := remote.Image(f.ref("other:v1"), f.remote()...)
	must(t, err)
	// By its digest it goes with all its tags.
	must(t, remote.Tag(f.ref("other:v3").Context().Tag("v3"), image, f.remote()...))
	out = f.remove("other", types.ImageIdentifier{ImageDigest: ptr(digestOf(t, image))})
	if len(out.ImageIds) != 2 || len(out.Failures) != 0 {
		t.Errorf("deleted %+v", out)
	}
	if left := blobFiles(t, dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestDeletingSaysWhatItCouldNot(t *testing.T) {
	f := start(t, local.Options{})
	f.create("site")
	image := f.push("site:v1", 1)
	index, err := random.Index(64, 1, 1)
	must(t, err)
	must(t, remote.WriteIndex(f.ref("site:all"), index, f.remote()...))
	manifest, err := index.IndexManifest()
	must(t, err)
	child := manifest.Manifests[0].Digest.String()
	out := f.remove("site",
		types.ImageIdentifier{ImageTag: ptr("v9")},
		types.ImageIdentifier{ImageDigest: &child},
		types.ImageIdentifier{ImageTag: ptr("v1"), ImageDigest: &child},
		types.ImageIdentifier{ImageTag: ptr("v1")})
	want := []types.ImageFailureCode{types.ImageFailureCodeImageNotFound, types.ImageFailureCodeImageReferencedByManifestList, types.ImageFailureCodeImageTagDoesNotMatchDigest}
	for i, failure := range out.Failures {
		if failure.FailureCode != want[i] {
			t.Errorf("failure %d is %s, want %s", i, failure.FailureCode, want[i])
		}
	}
	if len(out.Failures) != 3 || len(out.ImageIds) != 1 || *out.ImageIds[0].ImageDigest != digestOf(t, image) {
		t.Errorf("deleted %+v", out)
	}
	// After the index its images go.
	if out := f.remove("site", types.ImageIdentifier{ImageTag: ptr("all")}, types.ImageIdentifier{ImageDigest: &child}); len(out.ImageIds) != 2 {
		t.Errorf("deleted %+v", out)
	}
	_, err = f.BatchDeleteImage(t.Context(), &ecr.BatchDeleteImageInput{RepositoryName: ptr("site"), ImageIds: make([]types.ImageIdentifier, 101)})
	wantCode(t, err, "InvalidParameterException")
}

func TestDeletingThroughTheRegistry(t *testing.T) {
	f := start(t, local.Options{})
	f.create("site")
	image := f.push("site:v1", 1)
	must(t, remote.Write(f.ref("site:v2"), image, f.remote()...))
	must(t, remote.Delete(f.ref("site:v2"), f.remote()...))
	if tags := f.tags("site"); len(tags) != 1 || tags["v1"] == "" {
		t.Errorf("tags: %v", tags)
	}
	must(t, remote.Delete(f.ref("site@"+digestOf(t, image)), f.remote()...))
	err := remote.Delete(f.ref("site@"+digestOf(t, image)), f.remote()...)
	wantProblem(t, err, http.StatusNotFound, "MANIFEST_UNKNOWN", "")
}

// What is about an image, such as its signature, goes with it.
func TestWhatIsAboutAnImageGoesWithIt(t *testing.T) {
	dir := t.TempDir()
	f := start(t, local.Options{Dir: dir})
	f.create("site")
	image := f.push("site:v1", 1)
	subject, err := remote.Head(f.ref("site:v1"), f.remote()...)
	must(t, err)
	signature := mutate.Subject(mutate.ConfigMediaType(mutate.MediaType(empty.Image, "application/vnd.oci.image.manifest.v1+json"), "application/vnd.example.signature"), *subject).(v1.Image)
	must(t, remote.Write(f.ref("site@"+digestOf(t, signature)), signature, f.remote()...))
	referrers, err := remote.Referrers(f.ref("site@"+digestOf(t, image)).Context().Digest(digestOf(t, image)), f.remote()...)
	must(t, err)
	index, err := referrers.IndexManifest()
	must(t, err)
	if len(index.Manifests) != 1 || index.Manifests[0].Digest.String() != digestOf(t, signature) || index.Manifests[0].ArtifactType != "application/vnd.example.signature" {
		t.Errorf("referrers: %+v", index.Manifests)
	}
	listed, err := f.ListImageReferrers(t.Context(), &ecr.ListImageReferrersInput{RepositoryName: ptr("site"), SubjectId: &types.SubjectIdentifier{ImageDigest: ptr(digestOf(t, image))}})
	must(t, err)
	if len(listed.Referrers) != 1 || *listed.Referrers[0].Digest != digestOf(t, signature) {
		t.Errorf("listed: %+v", listed.Referrers)
	}
	f.remove("site", types.ImageIdentifier{ImageTag: ptr("v1")})
	if left := blobFiles(t, dir); len(left) != 0 || len(f.describe("site")) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestAPushUnderWayKeepsItsLayers(t *testing.T) {
	dir := t.TempDir()
	time0 := &clock{now: time.Now()}
	f := start(t, local.Options{Dir: dir, Now: time0.Now})
	f.create("site")
	image := f.push("site:v1", 1)
	layers, err := image.Layers()
	must(t, err)
	layer := "/v2/site/blobs/" + digestOf(t, layers[0])
	// A client is told that the layer is there; then the image that has it goes.
	f.wantRaw(http.MethodHead, layer, nil, "", http.StatusOK, "")
	f.remove("site", types.ImageIdentifier{ImageTag: ptr("v1")})
	f.wantRaw(http.MethodHead, layer, nil, "", http.StatusOK, "")
	// If the client never comes back, the layer goes.
	time0.advance(2 * time.Hour)
	must(t, f.service.RunLifecycle(t.Context(), time0.now))
	if left := blobFiles(t, dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestWhatWasGivenUpIsSweptAway(t *testing.T) {
	dir := t.TempDir()
	f := start(t, local.Options{Dir: dir})
	f.create("site")
	kept := f.push("site:v1", 1)
	before := len(blobFiles(t, dir))
	f.upload("site", []byte("uploaded and never named"))
	_, err := f.InitiateLayerUpload(t.Context(), &ecr.InitiateLayerUploadInput{RepositoryName: ptr("site")})
	must(t, err)
	must(t, os.MkdirAll(filepath.Join(dir, "blobs/docker/registry/v2/repositories/r77/_uploads/x"), 0o700))
	// A layer without its link: the process died in between.
	orphan := filepath.Join(dir, "blobs/docker/registry/v2/blobs/sha256/ab/ab00000000000000000000000000000000000000000000000000000000000000/data")
	must(t, os.MkdirAll(filepath.Dir(orphan), 0o700))
	must(t, os.WriteFile(orphan, []byte("orphan"), 0o600))
	must(t, f.service.RunLifecycle(t.Context(), time.Now()))
	if len(blobFiles(t, dir)) <= before {
		t.Error("what is young was swept away")
	}
	f.stop()

	tomorrow := &clock{now: time.Now().Add(25 * time.Hour)}
	f = start(t, local.Options{Dir: dir, Now: tomorrow.Now})
	must(t, f.service.RunLifecycle(t.Context(), tomorrow.now))
	if now := blobFiles(t, dir); len(now) != before {
		t.Errorf("%d files, want %d: %v", len(now), before, now)
	}
	back, err := remote.Image(f.ref("site:v1"), f.remote()...)
	must(t, err)
	if digestOf(t, back) != digestOf(t, kept) {
		t.Error("the image is not what it was")
	}
}
