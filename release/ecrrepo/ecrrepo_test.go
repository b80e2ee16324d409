package ecrrepo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/registry"
	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/ecrrepo"
	"github.com/mayfly-dev/mayfly/release/image"
	"github.com/mayfly-dev/mayfly/release/image/imagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// cloud answers as ECR does, before a registry that holds the images.
type cloud struct {
	*httptest.Server
	registry http.Handler
	client   *http.Client
	// answer, if set, may answer a request in place of the cloud.
	answer func(w http.ResponseWriter, r *http.Request) bool
	asked  []string
}

const secret = "X-Amz-Signature=0123456789abcdef"

func newCloud(t *testing.T) *cloud {
	c := &cloud{registry: registry.New(registry.Logger(log.New(io.Discard, "", 0)))}
	c.Server = httptest.NewServer(http.HandlerFunc(c.serve))
	c.client = &http.Client{Transport: &http.Transport{}}
	t.Cleanup(func() { c.client.CloseIdleConnections(); c.Close() })
	return c
}

func (c *cloud) serve(w http.ResponseWriter, r *http.Request) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	c.asked = append(c.asked, operation+r.Method+" "+r.URL.Path+" "+r.Header.Get("Range"))
	switch {
	case c.answer != nil && c.answer(w, r):
	case operation == "BatchGetImage":
		c.batchGetImage(w, r)
	case operation == "GetDownloadUrlForLayer":
		var in struct{ RepositoryName, LayerDigest string }
		_ = json.NewDecoder(r.Body).Decode(&in)
		if c.ask(http.MethodHead, "/v2/"+in.RepositoryName+"/blobs/"+in.LayerDigest, nil).Code != http.StatusOK {
			refuse(w, 400, "LayersNotFoundException")
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"layerDigest": in.LayerDigest, "downloadUrl": c.URL + "/v2/" + in.RepositoryName + "/blobs/" + in.LayerDigest + "?" + secret})
	default:
		if begin, ok := strings.CutSuffix(r.Header.Get("Range"), "-"); ok { // this registry wants to be told the end
			size := c.ask(http.MethodHead, r.URL.Path, nil).Header().Get("Content-Length")
			var end int
			_, _ = fmt.Sscan(size, &end)
			r.Header.Set("Range", fmt.Sprintf("%s-%d", begin, end-1))
		}
		c.registry.ServeHTTP(w, r)
	}
}

func (c *cloud) batchGetImage(w http.ResponseWriter, r *http.Request) {
	var in struct {
		RegistryID, RepositoryName string
		AcceptedMediaTypes         []string
		ImageIDs                   []struct{ ImageDigest string }
	}
	_ = json.NewDecoder(r.Body).Decode(&in)
	if in.RepositoryName != "team/shop" {
		refuse(w, 400, "RepositoryNotFoundException")
		return
	}
	id := map[string]string{"imageDigest": in.ImageIDs[0].ImageDigest}
	got := c.ask(http.MethodGet, "/v2/"+in.RepositoryName+"/manifests/"+in.ImageIDs[0].ImageDigest, nil)
	if got.Code != http.StatusOK {
		_ = json.NewEncoder(w).Encode(map[string]any{"images": []any{}, "failures": []any{map[string]any{"imageId": id, "failureCode": "ImageNotFound", "failureReason": "Requested image not found"}}})
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"failures": []any{}, "images": []any{map[string]any{
		"registryId": in.RegistryID, "repositoryName": in.RepositoryName, "imageId": id,
		"imageManifest": got.Body.String(), "imageManifestMediaType": got.Header().Get("Content-Type"),
	}}})
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"__type":%q,"message":"no"}`, code)
}

// ask asks the registry itself.
func (c *cloud) ask(method, path string, body []byte) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, bytes.NewReader(body))
	if strings.Contains(path, "/manifests/") {
		request.Header.Set("Content-Type", "application/vnd.oci.image.manifest.v1+json")
	}
	w := httptest.NewRecorder()
	c.registry.ServeHTTP(w, request)
	return w
}

// push keeps an image of one layer, and returns its digest and the layer's.
func (c *cloud) push(t *testing.T, layer []byte) (digest, layerDigest string) {
	t.Helper()
	var kept imagetest.Repository
	digest = kept.Put(nil, layer)
	_, manifest, err := kept.Manifest(t.Context(), digest)
	if err != nil {
		t.Fatal(err)
	}
	var names struct {
		Config struct{ Digest string }
		Layers []struct{ Digest string }
	}
	if err := json.Unmarshal(manifest, &names); err != nil {
		t.Fatal(err)
	}
	for _, blob := range []string{names.Config.Digest, names.Layers[0].Digest} {
		body, err := kept.Blob(t.Context(), blob, 0)
		if err != nil {
			t.Fatal(err)
		}
		data, _ := io.ReadAll(body)
		if w := c.ask(http.MethodPost, "/v2/team/shop/blobs/uploads/?digest="+blob, data); w.Code != http.StatusCreated {
			t.Fatal(w.Code, w.Body)
		}
	}
	if w := c.ask(http.MethodPut, "/v2/team/shop/manifests/"+digest, manifest); w.Code != http.StatusCreated {
		t.Fatal(w.Code, w.Body)
	}
	return digest, names.Layers[0].Digest
}

func (c *cloud) repository(name string) image.Source {
	client := ecr.NewFromConfig(aws.Config{
		Region: "eu-west-1", BaseEndpoint: &c.URL, HTTPClient: c.client, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		Retryer: func() aws.Retryer { return retry.AddWithMaxAttempts(retry.NewStandard(), 1) },
	})
	return ecrrepo.Images{ECR: client, HTTP: c.client}.Repository("123456789012", name)
}

func site() []byte {
	return imagetest.Gzip(imagetest.Tar(imagetest.File("srv/index.html", strings.Repeat("home ", 5000)), imagetest.File("srv/a.css", "css")))
}

func TestASiteIsReadOutOfARepository(t *testing.T) {
	c := newCloud(t)
	digest, _ := c.push(t, site())
	got, err := image.Inspect(t.Context(), c.repository("team/shop"), &imagetest.Cache{}, digest, release.DefaultLimits(), "index.html")
	if err != nil || got.WebRoot != "/srv" || len(got.Files) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
}

func TestALayerGoesOnWhereItsConnectionBroke(t *testing.T) {
	c := newCloud(t)
	digest, layer := c.push(t, site())
	breaks := 0
	c.answer = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, layer) || breaks == 3 {
			return false
		}
		breaks++
		whole := c.ask(http.MethodGet, r.URL.Path, nil).Body.Bytes()
		var from int
		_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
		if from > 0 {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(whole)-1, len(whole)))
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(whole)-from))
		if from > 0 {
			w.WriteHeader(http.StatusPartialContent)
		}
		_, _ = w.Write(whole[from : from+20])
		panic(http.ErrAbortHandler)
	}
	got, err := image.Inspect(t.Context(), c.repository("team/shop"), &imagetest.Cache{}, digest, release.DefaultLimits(), "index.html")
	if err != nil || len(got.Files) != 2 || breaks != 3 {
		t.Fatalf("%+v, %v, %d breaks: %q", got, err, breaks, c.asked)
	}
}

func TestAServerWithoutRangesIsReadOn(t *testing.T) {
	c := newCloud(t)
	_, layer := c.push(t, site())
	c.answer = func(_ http.ResponseWriter, r *http.Request) bool { r.Header.Del("Range"); return false }
	body, err := c.repository("team/shop").Blob(t.Context(), layer, 100)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	if data, err := io.ReadAll(body); err != nil || !bytes.Equal(data, site()[100:]) {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}

func TestErrorsAreNamedForTheStateMachine(t *testing.T) {
	for _, c := range []struct {
		name, operation, code string // of ECR; an empty operation is the layer's own URL
		status                int
		want                  string
		passing               bool
	}{
		{"the service fails", "GetDownloadUrlForLayer", "ServerException", 500, "ServiceUnavailable", true},
		{"no such layer", "GetDownloadUrlForLayer", "LayersNotFoundException", 400, "ImageNotFound", false},
		{"no such repository", "GetDownloadUrlForLayer", "RepositoryNotFoundException", 400, "ImageNotFound", false},
		{"no right", "GetDownloadUrlForLayer", "AccessDeniedException", 400, "AccessDeniedException", false},
		{"throttled", "GetDownloadUrlForLayer", "ThrottlingException", 400, "ThrottlingException", false},
		{"storage fails", "", "", 503, "ServiceUnavailable", true},
		{"storage throttles", "", "", 429, "TooManyRequestsException", true},
		{"the URL ran out", "", "", 403, "AccessDenied", true},
		{"storage has it no more", "", "", 404, "ImageNotFound", false},
		{"another answer", "", "", 418, "Unclassified", false},
		{"another range", "", "", 206, "NetworkError", true},
		{"no answer", "", "", 0, "NetworkError", true},
	} {
		cloud := newCloud(t)
		_, layer := cloud.push(t, site())
		cloud.answer = func(w http.ResponseWriter, r *http.Request) bool {
			target := r.Header.Get("X-Amz-Target")
			switch {
			case c.operation != "" && strings.HasSuffix(target, c.operation):
				refuse(w, c.status, c.code)
			case c.operation != "" || target != "":
				return false
			case c.status == 0:
				panic(http.ErrAbortHandler)
			default:
				w.WriteHeader(c.status)
			}
			return true
		}
		body, err := cloud.repository("team/shop").Blob(t.Context(), layer, 1)
		var passing *image.PassingError
		if err == nil || awserr.Name(err) != c.want || errors.As(err, &passing) != c.passing {
			t.Errorf("%s: %s: %v", c.name, awserr.Name(err), err)
			if body != nil {
				body.Close()
			}
		}
		if strings.Contains(fmt.Sprint(err), secret) || !strings.Contains(fmt.Sprint(err), `"team/shop"`) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestAManifestThatIsNotThereIsNamed(t *testing.T) {
	c := newCloud(t)
	_, _, err := c.repository("team/shop").Manifest(t.Context(), imagetest.Digest(nil))
	if awserr.Name(err) != "ImageNotFound" || !strings.Contains(err.Error(), imagetest.Digest(nil)) {
		t.Errorf("no image: %v", err)
	}
	_, _, err = c.repository("other").Manifest(t.Context(), imagetest.Digest(nil))
	if awserr.Name(err) != "ImageNotFound" || !strings.Contains(err.Error(), `repository "other"`) {
		t.Errorf("no repository: %v", err)
	}
	c.answer = func(w http.ResponseWriter, _ *http.Request) bool {
		_, _ = io.WriteString(w, `{"images":[],"failures":[{"failureCode":"KmsError","failureReason":"key is gone"}]}`)
		return true
	}
	if _, _, err = c.repository("team/shop").Manifest(t.Context(), imagetest.Digest(nil)); err == nil || !strings.Contains(err.Error(), "KmsError: key is gone") {
		t.Errorf("a failure: %v", err)
	}
}

func TestAReadingThatIsGivenUpEnds(t *testing.T) {
	c := newCloud(t)
	_, layer := c.push(t, site())
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	c.answer = func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("X-Amz-Target") == "" {
			<-r.Context().Done()
		}
		return false
	}
	if _, err := c.repository("team/shop").Blob(ctx, layer, 0); err == nil {
		t.Error("no error")
	}
}
