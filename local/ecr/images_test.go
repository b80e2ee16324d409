package ecr_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	local "github.com/mayfly-dev/mayfly/local/ecr"
)

// upload uploads a blob through the API, in one part, and returns its digest.
func (f *fixture) upload(repository string, content []byte) string {
	f.t.Helper()
	begun, err := f.InitiateLayerUpload(f.t.Context(), &ecr.InitiateLayerUploadInput{RepositoryName: &repository})
	must(f.t, err)
	_, err = f.UploadLayerPart(f.t.Context(), &ecr.UploadLayerPartInput{
		RepositoryName: &repository, UploadId: begun.UploadId, LayerPartBlob: content, PartFirstByte: ptr(int64(0)), PartLastByte: ptr(int64(len(content) - 1)),
	})
	must(f.t, err)
	digest := sha(content)
	_, err = f.CompleteLayerUpload(f.t.Context(), &ecr.CompleteLayerUploadInput{RepositoryName: &repository, UploadId: begun.UploadId, LayerDigests: []string{digest}})
	must(f.t, err)
	return digest
}

// manifestOf is the text of an image of a configuration without layers; what
// differs in note makes another image.
func manifestOf(config, note string) string {
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":%q,"size":2},"layers":[],"annotations":{"note":%q}}`, config, note)
}

// putMany puts n images without layers, tagged t000, t001 …
func (f *fixture) putMany(repository string, n int) {
	f.t.Helper()
	config := f.upload(repository, []byte("{}"))
	for i := range n {
		_, err := f.PutImage(f.t.Context(), &ecr.PutImageInput{RepositoryName: &repository, ImageManifest: ptr(manifestOf(config, number(i))), ImageTag: ptr("t" + number(i))})
		must(f.t, err)
	}
}

func TestImagesAreListedToTheEnd(t *testing.T) {
	f := start(t, local.Options{})
	f.create("site")
	f.putMany("site", 250)
	if tags := f.tags("site"); len(tags) != 250 || tags["t249"] == "" {
		t.Errorf("%d tags", len(tags))
	}
	seen := map[string]bool{}
	pages := ecr.NewDescribeImagesPaginator(f, &ecr.DescribeImagesInput{RepositoryName: ptr("site"), MaxResults: ptr(int32(60))})
	for pages.HasMorePages() {
		out, err := pages.NextPage(t.Context())
		must(t, err)
		if len(out.ImageDetails) > 60 {
			t.Errorf("a page of %d", len(out.ImageDetails))
		}
		for _, detail := range out.ImageDetails {
			seen[*detail.ImageDigest] = true
		}
	}
	if len(seen) != 250 {
		t.Errorf("described %d images", len(seen))
	}
	names, err := remote.List(f.ref("site:t000").Context(), append(f.remote(), remote.WithPageSize(40))...)
	must(t, err)
	if len(names) != 250 || names[0] != "t000" || names[249] != "t249" {
		t.Errorf("the registry lists %d tags", len(names))
	}
}

func TestImagesByTheirTagStatus(t *testing.T) {
	f := start(t, local.Options{})
	f.create("site")
	f.push("site:v1", 1)
	f.push("site:v1", 2)
	f.push("site:v2", 3)
	for status, want := range map[types.TagStatus]int{"": 3, types.TagStatusAny: 3, types.TagStatusTagged: 2, types.TagStatusUntagged: 1} {
		out, err := f.DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: ptr("site"), Filter: &types.DescribeImagesFilter{TagStatus: status}})
		must(t, err)
		ids, err := f.ListImages(t.Context(), &ecr.ListImagesInput{RepositoryName: ptr("site"), Filter: &types.ListImagesFilter{TagStatus: status}})
		must(t, err)
		if len(out.ImageDetails) != want || len(ids.ImageIds) != want {
			t.Errorf("%q: %d described, %d listed, want %d", status, len(out.ImageDetails), len(ids.ImageIds), want)
		}
	}
	_, err := f.DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: ptr("site"), Filter: &types.DescribeImagesFilter{TagStatus: "MAYBE"}})
	wantCode(t, err, "InvalidParameterException")
	_, err = f.DescribeImages(t.Context(), &ecr.DescribeImagesInput{RepositoryName: ptr("site"), ImageIds: []types.ImageIdentifier{{ImageTag: ptr("v9")}}})
	wantCode(t, err, "ImageNotFoundException")
	if want := "The image with imageId {imageDigest:'null', imageTag:'v9'} does not exist within the repository with name 'site' in the registry with id '000000000000'"; !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestAnImageByTheAPI(t *testing.T) {
	f := start(t, local.Options{})
	f.create("site")
	repository := ptr("site")
	layer := bytes.Repeat([]byte("layer "), 1000)
	begun, err := f.InitiateLayerUpload(t.Context(), &ecr.InitiateLayerUploadInput{RepositoryName: repository})
	must(t, err)
	if *begun.PartSize != 20<<20 {
		t.Errorf("parts of %d bytes", *begun.PartSize)
	}
	part := func(first, last int64, content []byte) (*ecr.UploadLayerPartOutput, error) {
		return f.UploadLayerPart(t.Context(), &ecr.UploadLayerPartInput{RepositoryName: repository, UploadId: begun.UploadId, PartFirstByte: &first, PartLastByte: &last, LayerPartBlob: content})
	}
	complete := func(digest string) error {
		_, err := f.CompleteLayerUpload(t.Context(), &ecr.CompleteLayerUploadInput{RepositoryName: repository, UploadId: begun.UploadId, LayerDigests: []string{digest}})
		return err
	}
	wantCode(t, complete(sha(layer)), "EmptyUploadException")
	out, err := part(0, 3999, layer[:4000])
	must(t, err)
	if *out.LastByteReceived != 3999 {
		t.Errorf("received to %d", *out.LastByteReceived)
	}
	_, err = part(5000, 5999, layer[5000:])
	wantCode(t, err, "InvalidLayerPartException")
	_, err = part(4000, 4001, layer[4000:])
	wantCode(t, err, "InvalidParameterException")
	_, err = part(4000, 5999, layer[4000:])
	must(t, err)
	must(t, complete(sha(layer)))
	wantCode(t, complete(sha(layer)), "UploadNotFoundException")
	begun, err = f.InitiateLayerUpload(t.Context(), &ecr.InitiateLayerUploadInput{RepositoryName: repository})
	must(t, err)
	_, err = part(0, 2, []byte("abc"))
	must(t, err)
	wantCode(t, complete("sha256:"+strings.Repeat("0", 64)), "InvalidLayerException")
	begun, err = f.InitiateLayerUpload(t.Context(), &ecr.InitiateLayerUploadInput{RepositoryName: repository})
	must(t, err)
	_, err = part(0, int64(len(layer)-1), layer)
	must(t, err)
	wantCode(t, complete(sha(layer)), "LayerAlreadyExistsException")

	checked, err := f.BatchCheckLayerAvailability(t.Context(), &ecr.BatchCheckLayerAvailabilityInput{RepositoryName: repository, LayerDigests: []string{sha(layer), sha([]byte("other")), "sha1:abc"}})
	must(t, err)
	if len(checked.Layers) != 2 || checked.Layers[0].LayerAvailability != types.LayerAvailabilityAvailable || *checked.Layers[0].LayerSize != 6000 ||
		checked.Layers[1].LayerAvailability != types.LayerAvailabilityUnavailable || len(checked.Failures) != 1 || checked.Failures[0].FailureCode != types.LayerFailureCodeInvalidLayerDigest {
		t.Errorf("checked: %+v", checked)
	}

	config := f.upload("site", []byte("{}"))
	text := strings.Replace(manifestOf(config, "api"), `"layers":[]`, fmt.Sprintf(`"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":%q,"size":6000}]`, sha(layer)), 1)
	put := func(text, tag, digest string) error {
		in := &ecr.PutImageInput{RepositoryName: repository, ImageManifest: &text, ImageTag: &tag}
		if digest != "" {
			in.ImageDigest = &digest
		}
		_, err := f.PutImage(t.Context(), in)
		return err
	}
	wantCode(t, put(strings.Replace(text, sha(layer), sha([]byte("other")), 1), "v1", ""), "LayersNotFoundException")
	wantCode(t, put(text, "v1", sha([]byte("other"))), "ImageDigestDoesNotMatchException")
	wantCode(t, put("{", "v1", ""), "InvalidParameterException")
	wantCode(t, put(text, "no spaces", ""), "InvalidParameterException")
	must(t, put(text, "v1", sha([]byte(text))))
	wantCode(t, put(text, "v1", ""), "ImageAlreadyExistsException")
	must(t, put(text, "v2", ""))
	wantCode(t, put(fmt.Sprintf(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":%q,"size":1}]}`, sha([]byte("x"))), "v3", ""), "ReferencedImagesNotFoundException")

	got, err := f.BatchGetImage(t.Context(), &ecr.BatchGetImageInput{RepositoryName: repository, ImageIds: []types.ImageIdentifier{
		{ImageTag: ptr("v1")}, {ImageTag: ptr("v9")}, {}, {ImageDigest: ptr("abc")}, {ImageDigest: ptr(sha(layer))}, {ImageTag: ptr("v1"), ImageDigest: ptr(sha(layer))}, {ImageTag: ptr("-")},
	}})
	must(t, err)
	if len(got.Images) != 1 || *got.Images[0].ImageManifest != text || *got.Images[0].ImageId.ImageDigest != sha([]byte(text)) {
		t.Errorf("got %+v", got.Images)
	}
	want := []types.ImageFailureCode{types.ImageFailureCodeImageNotFound, types.ImageFailureCodeMissingDigestAndTag, types.ImageFailureCodeInvalidImageDigest, types.ImageFailureCodeImageNotFound, types.ImageFailureCodeImageTagDoesNotMatchDigest, types.ImageFailureCodeInvalidImageTag}
	for i, failure := range got.Failures {
		if i >= len(want) || failure.FailureCode != want[i] {
			t.Errorf("failure %d: %+v", i, failure)
		}
	}
	if len(got.Failures) != len(want) {
		t.Errorf("%d failures", len(got.Failures))
	}
}

func TestALayersDownloadURLWorksForAnybody(t *testing.T) {
	f := start(t, local.Options{})
	f.create("site")
	digest := f.upload("site", []byte("content of a layer"))
	out, err := f.GetDownloadUrlForLayer(t.Context(), &ecr.GetDownloadUrlForLayerInput{RepositoryName: ptr("site"), LayerDigest: &digest})
	must(t, err)
	response, err := f.http.Get(*out.DownloadUrl)
	must(t, err)
	body, err := io.ReadAll(response.Body)
	must(t, err)
	must(t, response.Body.Close())
	if string(body) != "content of a layer" || response.StatusCode != http.StatusOK {
		t.Errorf("%s %q", response.Status, body)
	}
	// It is for this layer, and for reading.
	other := f.upload("site", []byte("another"))
	anonymous := map[string]string{"Authorization": "none"}
	f.wantRaw(http.MethodGet, strings.Replace(*out.DownloadUrl, digest, other, 1), anonymous, "", http.StatusUnauthorized, "")
	f.wantRaw(http.MethodDelete, *out.DownloadUrl, anonymous, "", http.StatusUnauthorized, "")
	f.wantRaw(http.MethodGet, *out.DownloadUrl+"0", anonymous, "", http.StatusUnauthorized, "")
	_, err = f.GetDownloadUrlForLayer(t.Context(), &ecr.GetDownloadUrlForLayerInput{RepositoryName: ptr("site"), LayerDigest: ptr(sha([]byte("x")))})
	wantCode(t, err, "LayersNotFoundException")
	_, err = f.GetDownloadUrlForLayer(t.Context(), &ecr.GetDownloadUrlForLayerInput{RepositoryName: ptr("site"), LayerDigest: ptr("x")})
	wantCode(t, err, "InvalidParameterException")
}

func TestQuotasOfImages(t *testing.T) {
	f := start(t, local.Options{Quotas: local.Quotas{ImagesPerRepository: 2, TagsPerImage: 2, LayersPerImage: 1}})
	f.create("site")
	first := newImage(t, 1, 1)
	for _, tag := range []string{"a", "b"} {
		must(t, remote.Write(f.ref("site:"+tag), first, f.remote()...))
	}
	err := remote.Write(f.ref("site:c"), first, f.remote()...)
	wantProblem(t, err, http.StatusForbidden, "DENIED", "tags per image")
	err = remote.Write(f.ref("site:d"), newImage(t, 2, 2), f.remote()...)
	wantProblem(t, err, http.StatusForbidden, "DENIED", "layers per image")
	must(t, remote.Write(f.ref("site:d"), newImage(t, 3, 1), f.remote()...))
	err = remote.Write(f.ref("site:e"), newImage(t, 4, 1), f.remote()...)
	wantProblem(t, err, http.StatusForbidden, "DENIED", "images per repository")
}

func TestAnArchivedImageIsNotPulled(t *testing.T) {
	f := start(t, local.Options{})
	f.create("site")
	image := f.push("site:v1", 1)
	id := types.ImageIdentifier{ImageTag: ptr("v1")}
	move := func(to types.TargetStorageClass) (*ecr.UpdateImageStorageClassOutput, error) {
		return f.UpdateImageStorageClass(t.Context(), &ecr.UpdateImageStorageClassInput{RepositoryName: ptr("site"), ImageId: &id, TargetStorageClass: to})
	}
	out, err := move(types.TargetStorageClassArchive)
	must(t, err)
	if out.ImageStatus != types.ImageStatusArchived {
		t.Errorf("status %s", out.ImageStatus)
	}
	_, err = remote.Get(f.ref("site:v1"), f.remote()...)
	wantProblem(t, err, http.StatusNotFound, "MANIFEST_UNKNOWN", "archived")
	if detail := f.describe("site", id)[0]; detail.ImageStatus != types.ImageStatusArchived || detail.LastArchivedAt == nil {
		t.Errorf("described as %+v", detail)
	}
	if all := f.describe("site"); len(all) != 0 {
		t.Errorf("%d images that are not in the archive", len(all))
	}
	// Pushed again, or restored, it is as before.
	must(t, remote.Write(f.ref("site:v1"), image, f.remote()...))
	_, err = remote.Get(f.ref("site:v1"), f.remote()...)
	must(t, err)
	_, err = move(types.TargetStorageClassArchive)
	must(t, err)
	_, err = move(types.TargetStorageClassStandard)
	must(t, err)
	_, err = remote.Get(f.ref("site:v1"), f.remote()...)
	must(t, err)
	_, err = move("ATTIC")
	wantCode(t, err, "InvalidParameterException")

	index, err := random.Index(64, 1, 1)
	must(t, err)
	must(t, remote.WriteIndex(f.ref("site:all"), index, f.remote()...))
	manifest, err := index.IndexManifest()
	must(t, err)
	id = types.ImageIdentifier{ImageDigest: ptr(manifest.Manifests[0].Digest.String())}
	_, err = move(types.TargetStorageClassArchive)
	wantCode(t, err, "ImageStorageClassUpdateNotSupportedException")
}
