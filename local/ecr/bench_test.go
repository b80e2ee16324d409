package ecr_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecr"

	local "github.com/mayfly-dev/mayfly/local/ecr"
)

// BenchmarkPush pushes images of one small layer that are all different: two
// blobs and a manifest each.
func BenchmarkPush(b *testing.B) {
	f := start(b, local.Options{})
	f.create("site")
	i := 0
	for b.Loop() {
		i++
		config, layer := fmt.Sprintf(`{"n":%d}`, i), fmt.Sprint("layer ", i)
		for _, blob := range []string{config, layer} {
			f.wantRaw(http.MethodPost, "/v2/site/blobs/uploads/?digest="+sha([]byte(blob)), nil, blob, http.StatusCreated, "")
		}
		f.wantRaw(http.MethodPut, fmt.Sprint("/v2/site/manifests/v", i), map[string]string{"Content-Type": "application/vnd.oci.image.manifest.v1+json"},
			fmt.Sprintf(`{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":%q,"size":1},"layers":[{"mediaType":"application/x","digest":%q,"size":1}]}`, sha([]byte(config)), sha([]byte(layer))),
			http.StatusCreated, "")
	}
}

// BenchmarkManifest pulls a manifest, which is counted.
func BenchmarkManifest(b *testing.B) {
	f := start(b, local.Options{})
	f.create("site")
	f.putMany("site", 1)
	for b.Loop() {
		f.wantRaw(http.MethodGet, "/v2/site/manifests/t000", nil, "", http.StatusOK, "")
	}
}

const large = 64 << 20 // bytes

// BenchmarkUpload and BenchmarkDownload move a layer of 64 MiB.
func BenchmarkUpload(b *testing.B) {
	f := start(b, local.Options{})
	f.create("site")
	content := bytes.Repeat([]byte("0123456789abcdef"), large/16)
	b.SetBytes(large)
	i := 0
	for b.Loop() {
		i++
		copy(content, fmt.Sprintf("%016d", i)) // another layer each time
		digest := sha(content)
		f.wantRaw(http.MethodPost, "/v2/site/blobs/uploads/?digest="+digest, nil, string(content), http.StatusCreated, "")
	}
}

func BenchmarkDownload(b *testing.B) {
	f := start(b, local.Options{})
	f.create("site")
	content := bytes.Repeat([]byte("0123456789abcdef"), large/16)
	digest := sha(content)
	f.wantRaw(http.MethodPost, "/v2/site/blobs/uploads/?digest="+digest, nil, string(content), http.StatusCreated, "")
	out, err := f.GetDownloadUrlForLayer(b.Context(), &ecr.GetDownloadUrlForLayerInput{RepositoryName: ptr("site"), LayerDigest: &digest})
	must(b, err)
	b.SetBytes(large)
	for b.Loop() {
		response, err := f.http.Get(*out.DownloadUrl)
		must(b, err)
		n, err := io.Copy(io.Discard, response.Body)
		must(b, err)
		must(b, response.Body.Close())
		if n != large {
			b.Fatalf("%d bytes", n)
		}
	}
}
