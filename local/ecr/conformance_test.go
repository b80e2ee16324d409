package ecr_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"

	local "github.com/mayfly-dev/mayfly/local/ecr"
)

// TestConformance walks through the OCI distribution specification: each
// endpoint, with what it must answer when all is well and when it is not.
func TestConformance(t *testing.T) {
	f := start(t, local.Options{})
	f.create("org/site")
	base := "/v2/org/site/"
	blob := []byte("a blob of some length")
	digest := sha(blob)

	t.Run("end-1 support", func(t *testing.T) {
		f := f.in(t)
		for _, path := range []string{"/v2/", "/v2"} {
			response := f.wantRaw(http.MethodGet, path, nil, "", http.StatusOK, "")
			if response.Header.Get("Docker-Distribution-Api-Version") != "registry/2.0" {
				t.Errorf("%v", response.Header)
			}
		}
		f.wantRaw(http.MethodGet, "/v2/no/such/thing", nil, "", http.StatusNotFound, "UNSUPPORTED")
	})
	t.Run("end-4 upload, then end-6 with all content", func(t *testing.T) {
		f := f.in(t)
		response := f.wantRaw(http.MethodPost, base+"blobs/uploads/", nil, "", http.StatusAccepted, "")
		location := response.Header.Get("Location")
		if response.Header.Get("Range") != "0-0" || response.Header.Get("Docker-Upload-Uuid") == "" {
			t.Errorf("%v", response.Header)
		}
		f.wantRaw(http.MethodPut, location+"?digest="+sha([]byte("other")), nil, string(blob), http.StatusBadRequest, "DIGEST_INVALID")
		f.wantRaw(http.MethodPut, location+"?digest="+digest, nil, string(blob), http.StatusNotFound, "BLOB_UPLOAD_UNKNOWN")
		location = f.wantRaw(http.MethodPost, base+"blobs/uploads/", nil, "", http.StatusAccepted, "").Header.Get("Location")
		f.wantRaw(http.MethodPut, location, nil, string(blob), http.StatusBadRequest, "DIGEST_INVALID")
		f.wantRaw(http.MethodPut, location+"?digest=sha256:abc", nil, "", http.StatusBadRequest, "DIGEST_INVALID")
		response = f.wantRaw(http.MethodPut, location+"?digest="+digest, nil, string(blob), http.StatusCreated, "")
		if response.Header.Get("Docker-Content-Digest") != digest || response.Header.Get("Location") != f.url+base+"blobs/"+digest {
			t.Errorf("%v", response.Header)
		}
	})
	t.Run("end-4b upload in one request", func(t *testing.T) {
		f := f.in(t)
		f.wantRaw(http.MethodPost, base+"blobs/uploads/?digest="+sha([]byte("in one")), nil, "in one", http.StatusCreated, "")
		f.wantRaw(http.MethodPost, base+"blobs/uploads/?digest="+sha([]byte("in one")), nil, "another", http.StatusBadRequest, "DIGEST_INVALID")
		f.wantRaw(http.MethodGet, base+"blobs/"+sha([]byte("in one")), nil, "", http.StatusOK, "")
	})
	t.Run("end-5 upload in parts", func(t *testing.T) {
		f := f.in(t)
		location := f.wantRaw(http.MethodPost, base+"blobs/uploads/", nil, "", http.StatusAccepted, "").Header.Get("Location")
		part := func(content, contentRange string, status int, reached string) {
			t.Helper()
			response := f.wantRaw(http.MethodPatch, location, map[string]string{"Content-Range": contentRange}, content, status, "")
			if got := response.Header.Get("Range"); got != reached {
				t.Errorf("%s: %s, want %s", contentRange, got, reached)
			}
		}
		part("first ", "0-5", http.StatusAccepted, "0-5")
		part("too far", "12-18", http.StatusRequestedRangeNotSatisfiable, "0-5")
		part("again ", "0-5", http.StatusRequestedRangeNotSatisfiable, "0-5")
		f.wantRaw(http.MethodPatch, location, map[string]string{"Content-Range": "all"}, "x", http.StatusRequestedRangeNotSatisfiable, "BLOB_UPLOAD_INVALID")
		response := f.wantRaw(http.MethodGet, location, nil, "", http.StatusNoContent, "")
		if response.Header.Get("Range") != "0-5" {
			t.Errorf("%v", response.Header)
		}
		part("second ", "6-12", http.StatusAccepted, "0-12")
		f.wantRaw(http.MethodPut, location+"?digest="+sha([]byte("first second third")), map[string]string{"Content-Range": "13-17"}, "third", http.StatusCreated, "")
		f.wantRaw(http.MethodGet, location, nil, "", http.StatusNotFound, "BLOB_UPLOAD_UNKNOWN")
	})
	t.Run("an upload is given up", func(t *testing.T) {
		f := f.in(t)
		location := f.wantRaw(http.MethodPost, base+"blobs/uploads/", nil, "", http.StatusAccepted, "").Header.Get("Location")
		f.wantRaw(http.MethodDelete, location, nil, "", http.StatusNoContent, "")
		f.wantRaw(http.MethodPatch, location, nil, "x", http.StatusNotFound, "BLOB_UPLOAD_UNKNOWN")
		for _, id := range []string{"x", "..", "%2e%2e", "00000000-0000-0000-0000-000000000000"} {
			response, body := f.raw(http.MethodPatch, base+"blobs/uploads/"+id, nil, "x")
			if response.StatusCode < 400 || response.StatusCode >= 500 {
				t.Errorf("%s: %s %s", id, response.Status, body)
			}
		}
	})
	t.Run("end-2 get blobs", func(t *testing.T) {
		f := f.in(t)
		response := f.wantRaw(http.MethodHead, base+"blobs/"+digest, nil, "", http.StatusOK, "")
		if response.ContentLength != int64(len(blob)) || response.Header.Get("Docker-Content-Digest") != digest {
			t.Errorf("%v", response.Header)
		}
		response, body := f.raw(http.MethodGet, base+"blobs/"+digest, map[string]string{"Range": "bytes=2-5"}, "")
		if response.StatusCode != http.StatusPartialContent || body != string(blob[2:6]) {
			t.Errorf("%s %q", response.Status, body)
		}
		f.wantRaw(http.MethodGet, base+"blobs/"+digest, map[string]string{"Range": "bytes=100-200"}, "", http.StatusRequestedRangeNotSatisfiable, "")
		f.wantRaw(http.MethodGet, base+"blobs/"+digest, map[string]string{"If-None-Match": `"` + digest + `"`}, "", http.StatusNotModified, "")
		f.wantRaw(http.MethodGet, base+"blobs/"+sha([]byte("none")), nil, "", http.StatusNotFound, "BLOB_UNKNOWN")
		f.wantRaw(http.MethodGet, base+"blobs/sha256:..", nil, "", http.StatusBadRequest, "DIGEST_INVALID")
		f.wantRaw(http.MethodGet, base+"blobs/sha512:"+strings.Repeat("0", 128), nil, "", http.StatusBadRequest, "DIGEST_INVALID")
		f.wantRaw(http.MethodDelete, base+"blobs/"+digest, nil, "", http.StatusMethodNotAllowed, "UNSUPPORTED")
	})
	config := f.upload("org/site", []byte("{}"))
	manifest := manifestOf(config, "conformance")
	oci := map[string]string{"Content-Type": "application/vnd.oci.image.manifest.v1+json"}
	t.Run("end-7 put manifests", func(t *testing.T) {
		f := f.in(t)
		response := f.wantRaw(http.MethodPut, base+"manifests/v1", oci, manifest, http.StatusCreated, "")
		if response.Header.Get("Docker-Content-Digest") != sha([]byte(manifest)) || response.Header.Get("Location") != f.url+base+"manifests/"+sha([]byte(manifest)) {
			t.Errorf("%v", response.Header)
		}
		f.wantRaw(http.MethodPut, base+"manifests/"+sha([]byte(manifest)), oci, manifest, http.StatusCreated, "")
		f.wantRaw(http.MethodPut, base+"manifests/"+sha([]byte("x")), oci, manifest, http.StatusBadRequest, "DIGEST_INVALID")
		f.wantRaw(http.MethodPut, base+"manifests/-v1", oci, manifest, http.StatusBadRequest, "TAG_INVALID")
		f.wantRaw(http.MethodPut, base+"manifests/v+1", oci, manifest, http.StatusBadRequest, "TAG_INVALID")
		f.wantRaw(http.MethodPut, base+"manifests/"+strings.Repeat("v", 129), oci, manifest, http.StatusBadRequest, "TAG_INVALID")
		f.wantRaw(http.MethodPut, "/v2/other/manifests/v1", oci, manifest, http.StatusNotFound, "NAME_UNKNOWN")
	})
	t.Run("end-3 get manifests", func(t *testing.T) {
		f := f.in(t)
		for _, reference := range []string{"v1", sha([]byte(manifest))} {
			response, body := f.raw(http.MethodGet, base+"manifests/"+reference, nil, "")
			if body != manifest || response.Header.Get("Content-Type") != oci["Content-Type"] || response.Header.Get("Docker-Content-Digest") != sha([]byte(manifest)) {
				t.Errorf("%s: %v %s", reference, response.Header, body)
			}
			response, body = f.raw(http.MethodHead, base+"manifests/"+reference, nil, "")
			if body != "" || response.StatusCode != http.StatusOK || response.ContentLength != int64(len(manifest)) {
				t.Errorf("%s: %s %v", reference, response.Status, response.Header)
			}
		}
		f.wantRaw(http.MethodGet, base+"manifests/v2", nil, "", http.StatusNotFound, "MANIFEST_UNKNOWN")
		f.wantRaw(http.MethodGet, base+"manifests/sha256:12", nil, "", http.StatusBadRequest, "DIGEST_INVALID")
		f.wantRaw(http.MethodPost, base+"manifests/v1", nil, "", http.StatusMethodNotAllowed, "UNSUPPORTED")
	})
	t.Run("end-8 list tags", func(t *testing.T) {
		f := f.in(t)
		for i := range 5 {
			f.wantRaw(http.MethodPut, base+"manifests/t"+number(i), oci, manifest, http.StatusCreated, "")
		}
		var listed []string
		path := base + "tags/list?n=2"
		for pages := 0; path != ""; pages++ {
			response, body := f.raw(http.MethodGet, path, nil, "")
			var page struct {
				Name string
				Tags []string
			}
			must(t, json.Unmarshal([]byte(body), &page))
			if page.Name != "org/site" || len(page.Tags) > 2 || pages > 5 {
				t.Fatalf("page %d: %s", pages, body)
			}
			listed = append(listed, page.Tags...)
			path, _, _ = strings.Cut(strings.TrimPrefix(response.Header.Get("Link"), "<"), ">")
		}
		if got := strings.Join(listed, " "); got != "t000 t001 t002 t003 t004 v1" {
			t.Errorf("listed %s", got)
		}
		_, body := f.raw(http.MethodGet, base+"tags/list?n=0", nil, "")
		if !strings.Contains(body, `"tags":[]`) {
			t.Errorf("none: %s", body)
		}
		f.wantRaw(http.MethodGet, base+"tags/list?n=x", nil, "", http.StatusBadRequest, "PAGINATION_NUMBER_INVALID")
	})
	t.Run("catalog", func(t *testing.T) {
		f := f.in(t)
		f.create("another")
		response, body := f.raw(http.MethodGet, "/v2/_catalog?n=1", nil, "")
		if body != `{"repositories":["another"]}` || !strings.Contains(response.Header.Get("Link"), "last=another") {
			t.Errorf("%s %v", body, response.Header)
		}
	})
	t.Run("end-12 referrers", func(t *testing.T) {
		f := f.in(t)
		about := strings.Replace(manifest, `"layers":[]`, fmt.Sprintf(`"layers":[],"artifactType":"application/x","subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":%q,"size":1}`, sha([]byte(manifest))), 1)
		response := f.wantRaw(http.MethodPut, base+"manifests/"+sha([]byte(about)), oci, about, http.StatusCreated, "")
		if response.Header.Get("Oci-Subject") != sha([]byte(manifest)) {
			t.Errorf("%v", response.Header)
		}
		for query, want := range map[string]int{"": 1, "?artifactType=application/x": 1, "?artifactType=application/y": 0} {
			response, body := f.raw(http.MethodGet, base+"referrers/"+sha([]byte(manifest))+query, nil, "")
			if strings.Count(body, `"digest"`) != want || response.Header.Get("Content-Type") != "application/vnd.oci.image.index.v1+json" || (query != "") != (response.Header.Get("Oci-Filters-Applied") == "artifactType") {
				t.Errorf("%s: %v %s", query, response.Header, body)
			}
		}
		f.wantRaw(http.MethodGet, base+"referrers/x", nil, "", http.StatusBadRequest, "DIGEST_INVALID")
	})
	t.Run("end-9 delete manifests", func(t *testing.T) {
		f := f.in(t)
		f.wantRaw(http.MethodDelete, base+"manifests/t000", nil, "", http.StatusAccepted, "")
		f.wantRaw(http.MethodDelete, base+"manifests/"+sha([]byte(manifest)), nil, "", http.StatusAccepted, "")
		f.wantRaw(http.MethodGet, base+"manifests/v1", nil, "", http.StatusNotFound, "MANIFEST_UNKNOWN")
		f.wantRaw(http.MethodDelete, base+"manifests/v1", nil, "", http.StatusNotFound, "MANIFEST_UNKNOWN")
	})
}

// A repository may be called like a part of the protocol's paths.
func TestNamesThatLookLikePaths(t *testing.T) {
	f := start(t, local.Options{})
	for _, name := range []string{"blobs/uploads", "tags/list", "manifests/latest", "referrers", "blobs", "v2/v2"} {
		if name == "referrers" || name == "blobs" {
			name += "/x"
		}
		f.create(name)
		image := f.push(name+":v1", 1)
		if tags := f.tags(name); tags["v1"] != digestOf(t, image) {
			t.Errorf("%s: %v", name, tags)
		}
	}
}

// TestManifestsThatECRRefuses: what is wrong with a manifest leaves nothing
// behind, and what was there stays.
func TestManifestsThatECRRefuses(t *testing.T) {
	f := start(t, local.Options{})
	f.create("site")
	config := f.upload("site", []byte("{}"))
	good := manifestOf(config, "good")
	oci, docker := "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"
	f.wantRaw(http.MethodPut, "/v2/site/manifests/v1", map[string]string{"Content-Type": oci}, good, http.StatusCreated, "")
	replace := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	for _, row := range []struct {
		why, mediaType, text string
		status               int
		code                 string
	}{
		{"empty", oci, "", http.StatusMethodNotAllowed, "UNSUPPORTED"},
		{"not JSON", oci, "manifest", http.StatusMethodNotAllowed, "UNSUPPORTED"},
		{"cut", oci, good[:len(good)-1], http.StatusMethodNotAllowed, "UNSUPPORTED"},
		{"two of them", oci, good + good, http.StatusMethodNotAllowed, "UNSUPPORTED"},
		{"a list", oci, "[" + good + "]", http.StatusMethodNotAllowed, "UNSUPPORTED"},
		{"another type in the request", docker, good, http.StatusMethodNotAllowed, "UNSUPPORTED"},
		{"a type that is none", "application/", good, http.StatusMethodNotAllowed, "UNSUPPORTED"},
		{"schema 1", "application/vnd.docker.distribution.manifest.v1+prettyjws", `{"schemaVersion":1,"fsLayers":[]}`, http.StatusMethodNotAllowed, "UNSUPPORTED"},
		{"text", "text/plain", good, http.StatusMethodNotAllowed, "UNSUPPORTED"},
		{"no schema version", oci, replace(`"schemaVersion":2`, `"schemaVersion":0`), http.StatusMethodNotAllowed, "UNSUPPORTED"},
		{"no config", oci, `{"schemaVersion":2,"mediaType":"` + oci + `","layers":[]}`, http.StatusMethodNotAllowed, "UNSUPPORTED"},
		{"a config of another algorithm", oci, replace(config, "sha512:"+strings.Repeat("0", 128)), http.StatusMethodNotAllowed, "UNSUPPORTED"},
		{"a digest that leads out", oci, replace(config, "sha256:../../../../etc/passwd"), http.StatusMethodNotAllowed, "UNSUPPORTED"},
		{"a config that is missing", oci, replace(config, sha([]byte("x"))), http.StatusNotFound, "MANIFEST_BLOB_UNKNOWN"},
		{"a layer that is missing", oci, replace(`"layers":[]`, `"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"`+sha([]byte("x"))+`","size":1}]`), http.StatusNotFound, "MANIFEST_BLOB_UNKNOWN"},
		{"a negative size", oci, replace(`"size":2`, `"size":-2`), http.StatusMethodNotAllowed, "UNSUPPORTED"},
		{"an image with manifests", oci, replace(`"layers":[]`, `"layers":[],"manifests":[]`), http.StatusMethodNotAllowed, "UNSUPPORTED"},
		{"an index with a config", "application/vnd.oci.image.index.v1+json", strings.ReplaceAll(good, "image.manifest", "image.index"), http.StatusMethodNotAllowed, "UNSUPPORTED"},
		{"an index of what is missing", "application/vnd.oci.image.index.v1+json", `{"schemaVersion":2,"manifests":[{"mediaType":"` + oci + `","digest":"` + sha([]byte("x")) + `","size":1}]}`, http.StatusNotFound, "MANIFEST_BLOB_UNKNOWN"},
		{"a subject that is no digest", oci, replace(`"layers":[]`, `"layers":[],"subject":{"digest":"x"}`), http.StatusMethodNotAllowed, "UNSUPPORTED"},
		{"more than 4 MiB", oci, replace("good", strings.Repeat("x", 4<<20)), http.StatusBadRequest, "MANIFEST_INVALID"},
		{"deep", oci, strings.Repeat("[", 100_000), http.StatusMethodNotAllowed, "UNSUPPORTED"},
	} {
		t.Run(row.why, func(t *testing.T) {
			f := f.in(t)
			f.wantRaw(http.MethodPut, "/v2/site/manifests/v1", map[string]string{"Content-Type": row.mediaType}, row.text, row.status, row.code)
			if images := f.describe("site"); len(images) != 1 || *images[0].ImageDigest != sha([]byte(good)) || len(images[0].ImageTags) != 1 {
				t.Errorf("there is now: %+v", images)
			}
		})
	}
}

// A client that goes away in the middle of a layer leaves nothing that counts,
// and can go on from there.
func TestAPushThatIsCutCanGoOn(t *testing.T) {
	f := start(t, local.Options{})
	f.create("site")
	f.remote()
	basic := f.auth.(*authn.Basic)
	location := f.wantRaw(http.MethodPost, "/v2/site/blobs/uploads/", nil, "", http.StatusAccepted, "").Header.Get("Location")
	path := strings.TrimPrefix(location, f.url)
	connection, err := net.Dial("tcp", f.host)
	must(t, err)
	request, err := http.NewRequest(http.MethodPatch, location, nil)
	must(t, err)
	request.SetBasicAuth(basic.Username, basic.Password)
	_, err = fmt.Fprintf(connection, "PATCH %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nContent-Length: 1000\r\n\r\n%s", path, f.host, request.Header.Get("Authorization"), strings.Repeat("a", 400))
	must(t, err)
	must(t, connection.Close())

	reached := ""
	deadline := time.Now().Add(10 * time.Second)
	for reached != "0-399" && time.Now().Before(deadline) {
		response, _ := f.raw(http.MethodGet, location, nil, "") // busy until the server sees it
		reached = response.Header.Get("Range")
	}
	if reached != "0-399" || len(f.describe("site")) != 0 {
		t.Fatalf("reached %s", reached)
	}
	whole := strings.Repeat("a", 400) + strings.Repeat("b", 600)
	f.wantRaw(http.MethodPatch, location, map[string]string{"Content-Range": "400-999"}, whole[400:], http.StatusAccepted, "")
	f.wantRaw(http.MethodPut, location+"?digest="+sha([]byte(whole)), nil, "", http.StatusCreated, "")
	_, body := f.raw(http.MethodGet, "/v2/site/blobs/"+sha([]byte(whole)), nil, "")
	if body != whole {
		t.Errorf("%d bytes came back", len(body))
	}
}

func TestOneUploadHasOneWriterAtATime(t *testing.T) {
	f := start(t, local.Options{})
	f.create("site")
	location := f.wantRaw(http.MethodPost, "/v2/site/blobs/uploads/", nil, "", http.StatusAccepted, "").Header.Get("Location")
	basic := f.auth.(*authn.Basic)
	patch := func(content io.Reader) <-chan int {
		status := make(chan int, 1)
		request, err := http.NewRequest(http.MethodPatch, location, content)
		must(t, err)
		request.SetBasicAuth(basic.Username, basic.Password)
		go func() {
			response, err := f.http.Do(request)
			if err != nil {
				status <- 0
				return
			}
			_ = response.Body.Close()
			status <- response.StatusCode
		}()
		return status
	}
	reader, writer := io.Pipe()
	first := patch(reader)
	_, err := writer.Write([]byte("the first is slow"))
	must(t, err)
	reached := ""
	for deadline := time.Now().Add(10 * time.Second); reached != "0-16" && time.Now().Before(deadline); {
		response, _ := f.raw(http.MethodGet, location, nil, "")
		reached = response.Header.Get("Range")
	}
	second := patch(strings.NewReader(", the second waits"))
	_, err = writer.Write([]byte(" and long"))
	must(t, err)
	must(t, writer.Close())
	if a, b := <-first, <-second; a != http.StatusAccepted || b != http.StatusAccepted {
		t.Errorf("they got %d and %d", a, b)
	}
	f.wantRaw(http.MethodPut, location+"?digest="+sha([]byte("the first is slow and long, the second waits")), nil, "", http.StatusCreated, "")
}
