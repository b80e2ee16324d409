package releasetest_test

import (
	"encoding/base64"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/inspectcontent"
	"github.com/mayfly-dev/mayfly/functions/writeobjects"
	localecr "github.com/mayfly-dev/mayfly/local/ecr"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/ecrrepo"
	"github.com/mayfly-dev/mayfly/release/image/imagetest"
)

// registry is the ECR of one machine, with a client that pushes to it.
type registry struct {
	t      testing.TB
	client *ecr.Client
	host   string
	push   []remote.Option
}

// withRegistry has a world's images in the ECR of one machine.
func (w *world) withRegistry() *registry {
	t := w.t
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	service, err := localecr.New(localecr.Options{Dir: t.TempDir(), Host: listener.Addr().String()})
	must(t, err)
	api, blobs := service.API(), service.Registry()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Target") != "" {
			api.ServeHTTP(w, r)
		} else {
			blobs.ServeHTTP(w, r)
		}
	}))
	must(t, server.Listener.Close())
	server.Listener = listener
	server.Start()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		server.Close()
		must(t, service.Close())
	})
	r := &registry{t: t, host: listener.Addr().String(), client: ecr.New(ecr.Options{
		Region: "us-east-1", BaseEndpoint: &server.URL, HTTPClient: client, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})}
	_, err = r.client.CreateRepository(t.Context(), &ecr.CreateRepositoryInput{RepositoryName: aws.String("shop")})
	must(t, err)
	token, err := r.client.GetAuthorizationToken(t.Context(), &ecr.GetAuthorizationTokenInput{})
	must(t, err)
	login, err := base64.StdEncoding.DecodeString(*token.AuthorizationData[0].AuthorizationToken)
	must(t, err)
	user, password, _ := strings.Cut(string(login), ":")
	r.push = []remote.Option{remote.WithAuth(&authn.Basic{Username: user, Password: password}), remote.WithTransport(client.Transport), remote.WithContext(t.Context())}

	images, clock := ecrrepo.Images{ECR: r.client, HTTP: client}, func() time.Time { return w.now }
	w.inspect = inspectcontent.New(w.client, images, w.store, uploads, release.DefaultLimits(), clock)
	w.write = writeobjects.New(w.client, images, w.store, release.DefaultLimits(), clock)
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func imageOf(t testing.TB, layers ...v1.Layer) v1.Image {
	t.Helper()
	all, err := mutate.AppendLayers(mutate.MediaType(empty.Image, types.OCIManifestSchema1), layers...)
	must(t, err)
	return mutate.ConfigMediaType(all, types.OCIConfigJSON)
}

// publish pushes an index of an image for linux/amd64 and another one, and
// returns its digest.
func (r *registry) publish(tag string, image, other v1.Image) string {
	r.t.Helper()
	index := mutate.AppendManifests(mutate.IndexMediaType(empty.Index, types.OCIImageIndex),
		mutate.IndexAddendum{Add: other, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "arm64"}}},
		mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}}})
	ref, err := name.ParseReference(r.host + "/shop:" + tag)
	must(r.t, err)
	must(r.t, remote.WriteIndex(ref, index, r.push...))
	digest, err := index.Digest()
	must(r.t, err)
	return digest.String()
}

func TestAnImageIsPushedReleasedAndRolledBackOnOneMachine(t *testing.T) {
	w, client, count := newLocal(t)
	r := w.withRegistry()
	large := strings.Repeat("0123456789abcdef", 6<<20/16)
	base := static.NewLayer(layer(file{"index.html", "base"}, file{"large.bin", large}, file{"old.css", "old"}), types.OCILayer)
	other := imageOf(t, static.NewLayer(layer(file{"index.html", "arm"}), types.OCILayer))
	v1tag := r.publish("v1", imageOf(t, base, static.NewLayer(layer(file{"index.html", "one"}), types.OCILayer)), other)
	zstd := imagetest.Zstd(imagetest.Tar(imagetest.File("usr/share/nginx/html/index.html", "two"), imagetest.File("usr/share/nginx/html/.wh.old.css", "")))
	v2tag := r.publish("v2", imageOf(t, base, static.NewLayer(zstd, types.OCILayerZStd)), other)

	one := w.begin(w.nextID(), events.ReleaseSource{Kind: events.SourceImage, Repository: "shop", Digest: v1tag, Tag: "v1"})
	w.mustRun()
	want := map[string]string{"index.html": "one", "large.bin": large, "old.css": "old"}
	if diff := cmp.Diff(want, read(t, client)); diff != "" {
		t.Fatalf("first image: %.2000s", diff)
	}
	count.n.Store(0)
	w.begin(w.nextID(), events.ReleaseSource{Kind: events.SourceImage, Repository: "shop", Digest: v2tag, Registry: "000000000000"})
	w.mustRun()
	if diff := cmp.Diff(map[string]string{"index.html": "two", "large.bin": large}, read(t, client)); diff != "" {
		t.Fatalf("second image: %.2000s", diff)
	}
	if n := count.n.Load(); n != 1 {
		t.Errorf("%d objects were put, not 1", n)
	}
	w.begin(w.nextID(), events.ReleaseSource{Kind: events.SourceRollback, ReleaseID: one})
	w.mustRun()
	if diff := cmp.Diff(want, read(t, client)); diff != "" {
		t.Fatalf("rolled back: %.2000s", diff)
	}
	for code, source := range map[string]events.ReleaseSource{
		"ImageNotFound": {Repository: "shop", Digest: imagetest.Digest([]byte("none"))},
		"BadContent":    {Repository: "shop", Digest: "latest"},
	} {
		source.Kind = events.SourceImage
		w.begin(w.nextID(), source)
		if err := w.run(t.Context(), nil); awserr.Name(err) != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	w.begin(w.nextID(), events.ReleaseSource{Kind: events.SourceImage, Repository: "other", Digest: v1tag})
	if err := w.run(t.Context(), nil); awserr.Name(err) != "ImageNotFound" {
		t.Errorf("another repository: %v", err)
	}
}
