package ecr_test

import (
	"io/fs"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/validate"

	local "github.com/mayfly-dev/mayfly/local/ecr"
)

// blobFiles are the files of blobs, links and uploads under a data folder.
func blobFiles(t testing.TB, dir string) []string {
	t.Helper()
	var found []string
	must(t, filepath.WalkDir(filepath.Join(dir, "blobs"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			found = append(found, path)
		}
		return err
	}))
	return found
}

func TestAnImageComesBackAsItWasPushed(t *testing.T) {
	f := start(t, local.Options{})
	f.create("team/site")
	image := f.push("team/site:v1", 1)
	back, err := remote.Image(f.ref("team/site:v1"), f.remote()...)
	must(t, err)
	must(t, validate.Image(back))
	if digestOf(t, back) != digestOf(t, image) {
		t.Errorf("pulled %s, pushed %s", digestOf(t, back), digestOf(t, image))
	}
	detail := f.describe("team/site")[0]
	var want int64
	layers, err := image.Layers()
	must(t, err)
	for _, layer := range layers {
		size, err := layer.Size()
		must(t, err)
		want += size
	}
	config, err := partial.ConfigLayer(image)
	must(t, err)
	size, err := config.Size()
	must(t, err)
	want += size
	if *detail.ImageSizeInBytes != want || *detail.ImageDigest != digestOf(t, image) || detail.ImageTags[0] != "v1" || detail.ImagePushedAt == nil || detail.LastRecordedPullTime == nil {
		t.Errorf("described as %+v, want %d bytes", detail, want)
	}
	if *detail.ImageManifestMediaType != "application/vnd.docker.distribution.manifest.v2+json" || *detail.ArtifactMediaType != "application/vnd.docker.container.image.v1+json" {
		t.Errorf("types: %s %s", *detail.ImageManifestMediaType, *detail.ArtifactMediaType)
	}
}

func TestAnIndexComesBackWithItsImages(t *testing.T) {
	f := start(t, local.Options{})
	f.create("site")
	index, err := random.Index(512, 2, 3)
	must(t, err)
	must(t, remote.WriteIndex(f.ref("site:all"), index, f.remote()...))
	back, err := remote.Index(f.ref("site:all"), f.remote()...)
	must(t, err)
	must(t, validate.Index(back))
	images := f.describe("site")
	var largest int64
	for _, detail := range images {
		if len(detail.ImageTags) == 0 {
			largest = max(largest, *detail.ImageSizeInBytes)
		}
	}
	if len(images) != 4 || *f.describe("site", types.ImageIdentifier{ImageTag: ptr("all")})[0].ImageSizeInBytes != largest {
		t.Errorf("%d images, the largest of %d bytes: %+v", len(images), largest, images)
	}
}

func TestAPushThatECRRefuses(t *testing.T) {
	f := start(t, local.Options{})
	_, err := f.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: ptr("fixed"), ImageTagMutability: types.ImageTagMutabilityImmutable})
	must(t, err)
	first := f.push("fixed:v1", 1)

	err = remote.Write(f.ref("not/created:v1"), first, f.remote()...)
	wantProblem(t, err, http.StatusNotFound, "NAME_UNKNOWN", "The repository with name 'not/created' does not exist in the registry with id '000000000000'")
	err = remote.Write(f.ref("fixed:v1"), newImage(t, 2, 1), f.remote()...)
	wantProblem(t, err, http.StatusBadRequest, "TAG_INVALID", "The image tag 'v1' already exists in the 'fixed' repository and cannot be overwritten because the repository is immutable.")
	// The same again is no other image: a client whose answer was lost may ask again.
	must(t, remote.Write(f.ref("fixed:v1"), first, f.remote()...))
	must(t, remote.Write(f.ref("fixed:v2"), first, f.remote()...))
	if tags := f.tags("fixed"); len(tags) != 2 || tags["v1"] != digestOf(t, first) {
		t.Errorf("tags: %v", tags)
	}
}

func TestTagsMoveAsTheRepositorySays(t *testing.T) {
	for _, row := range []struct {
		mutability types.ImageTagMutability
		filters    []string
		moves      map[string]bool
	}{
		{types.ImageTagMutabilityMutable, nil, map[string]bool{"v1": true}},
		{types.ImageTagMutabilityImmutable, nil, map[string]bool{"v1": false}},
		{types.ImageTagMutabilityImmutableWithExclusion, []string{"latest", "dev-*"}, map[string]bool{"v1": false, "latest": true, "latest2": false, "dev-": true, "dev-1": true, "xdev-1": false}},
		{types.ImageTagMutabilityMutableWithExclusion, []string{"v*.*"}, map[string]bool{"v1": true, "v1.0": false, "latest": true}},
	} {
		f := start(t, local.Options{})
		in := &ecr.CreateRepositoryInput{RepositoryName: ptr("site"), ImageTagMutability: row.mutability}
		for _, filter := range row.filters {
			in.ImageTagMutabilityExclusionFilters = append(in.ImageTagMutabilityExclusionFilters, types.ImageTagMutabilityExclusionFilter{FilterType: "WILDCARD", Filter: &filter})
		}
		_, err := f.CreateRepository(t.Context(), in)
		must(t, err)
		for tag, moves := range row.moves {
			f.push("site:"+tag, 1)
			err := remote.Write(f.ref("site:"+tag), newImage(t, 2, 1), f.remote()...)
			if moves != (err == nil) {
				t.Errorf("%s %v: moving %s: %v", row.mutability, row.filters, tag, err)
			}
			if err != nil {
				wantProblem(t, err, http.StatusBadRequest, "TAG_INVALID", "cannot be overwritten because the")
			}
		}
		f.stop()
	}
}

func TestALoginLastsTwelveHours(t *testing.T) {
	time0 := &clock{now: time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)}
	dir := t.TempDir()
	f := start(t, local.Options{Dir: dir, Now: time0.Now})
	f.create("site")
	f.push("site:v1", 1)
	token := f.auth

	time0.advance(12*time.Hour - time.Second)
	_, err := remote.Head(f.ref("site:v1"), f.with(token)...)
	must(t, err)
	f.stop() // another process takes the token, too
	f = start(t, local.Options{Dir: dir, Now: time0.Now})
	_, err = remote.Get(f.ref("site:v1"), f.with(token)...)
	must(t, err)

	time0.advance(time.Second)
	_, err = remote.Get(f.ref("site:v1"), f.with(token)...)
	wantProblem(t, err, http.StatusForbidden, "DENIED", "Your authorization token has expired. Reauthenticate and try again.")
	if _, err = remote.Get(f.ref("site:v1"), f.remote()...); err != nil {
		t.Errorf("with a new token: %v", err)
	}
}

func TestWithoutALoginThereIsAChallenge(t *testing.T) {
	f := start(t, local.Options{})
	f.create("site")
	token := f.login(f.Client).(*authn.Basic)
	other := start(t, local.Options{})
	foreign := other.login(other.Client).(*authn.Basic)
	for _, row := range []struct{ why, user, password string }{
		{"nobody", "", ""},
		{"another user", "root", token.Password},
		{"no token", "AWS", "secret"},
		{"a token with one letter changed", "AWS", flip(token.Password)},
		{"a token of another installation", "AWS", foreign.Password},
		{"a signature alone", "AWS", "." + strings.Split(token.Password, ".")[1]},
	} {
		for _, path := range []string{"/v2/", "/v2/site/manifests/v1", "/v2/site/blobs/uploads/", "/v2/_catalog"} {
			r, err := http.NewRequest(http.MethodGet, f.url+path, nil)
			must(t, err)
			if row.user != "" {
				r.SetBasicAuth(row.user, row.password)
			}
			response, err := f.http.Do(r)
			must(t, err)
			must(t, response.Body.Close())
			if response.StatusCode != http.StatusUnauthorized || response.Header.Get("Www-Authenticate") != `Basic realm="http://`+f.host+`/",service="ecr.amazonaws.com"` {
				t.Errorf("%s: %s: %s, %v", row.why, path, response.Status, response.Header)
			}
		}
	}
	f.wantRaw(http.MethodGet, "/v2/", nil, "", http.StatusOK, "")
}

// flip changes the first letter of a token's text.
func flip(token string) string {
	if token[0] == 'e' {
		return "f" + token[1:]
	}
	return "e" + token[1:]
}

func TestALayerIsMountedFromAnotherRepository(t *testing.T) {
	f := start(t, local.Options{})
	f.create("from")
	f.create("into")
	image := f.push("from:v1", 1)
	layers, err := image.Layers()
	must(t, err)
	digest := digestOf(t, layers[0])
	f.wantRaw(http.MethodHead, "/v2/into/blobs/"+digest, nil, "", http.StatusNotFound, "")
	response := f.wantRaw(http.MethodPost, "/v2/into/blobs/uploads/?mount="+digest+"&from=from", nil, "", http.StatusCreated, "")
	if response.Header.Get("Docker-Content-Digest") != digest {
		t.Errorf("mounted: %v", response.Header)
	}
	f.wantRaw(http.MethodHead, "/v2/into/blobs/"+digest, nil, "", http.StatusOK, "")
	// What cannot be mounted is to be uploaded.
	f.wantRaw(http.MethodPost, "/v2/into/blobs/uploads/?mount="+digest+"&from=nowhere", nil, "", http.StatusAccepted, "")
	f.wantRaw(http.MethodPost, "/v2/into/blobs/uploads/?mount=sha256:"+strings.Repeat("0", 64)+"&from=from", nil, "", http.StatusAccepted, "")
	_, err = f.DeleteRepository(t.Context(), &ecr.DeleteRepositoryInput{RepositoryName: ptr("from"), Force: true})
	must(t, err)
	f.wantRaw(http.MethodGet, "/v2/into/blobs/"+digest, nil, "", http.StatusOK, "")
}
