package ecr_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/aws-sdk-go-v2/service/ecrpublic"
	"github.com/aws/smithy-go"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"go.uber.org/goleak"

	local "github.com/mayfly-dev/mayfly/local/ecr"
)

const account = "000000000000"

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		victim(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

// A fixture is a service behind a listener, with clients of all three sides.
type fixture struct {
	*ecr.Client
	public  *ecrpublic.Client
	t       testing.TB
	service *local.Service
	host    string // of the registry: 127.0.0.1:PORT
	url     string
	http    *http.Client
	auth    authn.Authenticator
	stop    func()
}

// start starts a service. Options.Dir and Host are filled in.
func start(t testing.TB, options local.Options) *fixture {
	t.Helper()
	t.Setenv("AWS_CA_BUNDLE", "")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	if options.Dir == "" {
		options.Dir = t.TempDir()
	}
	options.Host = listener.Addr().String()
	if options.Logger == nil {
		options.Logger = slog.New(slog.NewTextHandler(testWriter{t}, nil))
	}
	service, err := local.New(options)
	must(t, err)
	api, public, registry := service.API(), service.PublicAPI(), service.Registry()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch target := r.Header.Get("X-Amz-Target"); {
		case strings.HasPrefix(target, "Spencer"):
			public.ServeHTTP(w, r)
		case target != "":
			api.ServeHTTP(w, r)
		default:
			registry.ServeHTTP(w, r)
		}
	}))
	must(t, server.Listener.Close())
	server.Listener = listener
	server.Start()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	f := &fixture{t: t, service: service, host: options.Host, url: server.URL, http: client}
	f.Client = f.as("test")
	f.public = ecrpublic.New(ecrpublic.Options{
		Region: "us-east-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1, HTTPClient: client,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	stopped := false
	f.stop = func() {
		if stopped {
			return
		}
		stopped = true
		client.CloseIdleConnections()
		server.Close()
		must(t, service.Close())
	}
	t.Cleanup(f.stop)
	return f
}

// as is a client that signs with an access key.
func (f *fixture) as(key string) *ecr.Client {
	return ecr.New(ecr.Options{
		Region: "us-east-1", BaseEndpoint: &f.url, RetryMaxAttempts: 1, HTTPClient: f.http,
		Credentials: credentials.NewStaticCredentialsProvider(key, "test", ""),
	})
}

// login logs in as a client's principal.
func (f *fixture) login(client *ecr.Client) authn.Authenticator {
	f.t.Helper()
	out, err := client.GetAuthorizationToken(f.t.Context(), &ecr.GetAuthorizationTokenInput{})
	must(f.t, err)
	decoded, err := base64.StdEncoding.DecodeString(*out.AuthorizationData[0].AuthorizationToken)
	must(f.t, err)
	user, password, _ := strings.Cut(string(decoded), ":")
	return &authn.Basic{Username: user, Password: password}
}

func (f *fixture) ref(path string) name.Reference {
	f.t.Helper()
	ref, err := name.ParseReference(f.host + "/" + path)
	must(f.t, err)
	return ref
}

// remote is how the registry client talks to the fixture: once, logged in.
func (f *fixture) remote() []remote.Option {
	if f.auth == nil {
		f.auth = f.login(f.Client)
	}
	return f.with(f.auth)
}

func (f *fixture) with(auth authn.Authenticator) []remote.Option {
	return []remote.Option{
		remote.WithAuth(auth), remote.WithTransport(f.http.Transport), remote.WithContext(f.t.Context()),
		remote.WithRetryBackoff(remote.Backoff{Steps: 1}), remote.WithRetryPredicate(func(error) bool { return false }),
	}
}

// in is the fixture for a test within the test.
func (f *fixture) in(t testing.TB) *fixture {
	within := *f
	within.t = t
	return &within
}

func (f *fixture) create(repository string) {
	f.t.Helper()
	_, err := f.CreateRepository(f.t.Context(), &ecr.CreateRepositoryInput{RepositoryName: &repository})
	must(f.t, err)
}

// push pushes a new image of some layers, the same for the same seed.
func (f *fixture) push(path string, seed int64) v1.Image {
	f.t.Helper()
	image := newImage(f.t, seed, 2)
	must(f.t, remote.Write(f.ref(path), image, f.remote()...))
	return image
}

func newImage(t testing.TB, seed int64, layers int64) v1.Image {
	t.Helper()
	image, err := random.Image(512, layers, random.WithSource(rand.NewSource(seed)))
	must(t, err)
	return image
}

func digestOf(t testing.TB, image interface{ Digest() (v1.Hash, error) }) string {
	t.Helper()
	digest, err := image.Digest()
	must(t, err)
	return digest.String()
}

// tags are the tags of a repository's images by their digests.
func (f *fixture) tags(repository string) map[string]string {
	f.t.Helper()
	found := map[string]string{}
	pages := ecr.NewListImagesPaginator(f, &ecr.ListImagesInput{RepositoryName: &repository})
	for pages.HasMorePages() {
		out, err := pages.NextPage(f.t.Context())
		must(f.t, err)
		for _, id := range out.ImageIds {
			found[deref(id.ImageTag)] = deref(id.ImageDigest)
		}
	}
	return found
}

func (f *fixture) describe(repository string, ids ...types.ImageIdentifier) []types.ImageDetail {
	f.t.Helper()
	out, err := f.DescribeImages(f.t.Context(), &ecr.DescribeImagesInput{RepositoryName: &repository, ImageIds: ids})
	must(f.t, err)
	return out.ImageDetails
}

// raw sends a request to the registry, logged in unless it has a header that
// says otherwise.
func (f *fixture) raw(method, path string, header map[string]string, body string) (*http.Response, string) {
	f.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = f.url + path
	}
	r, err := http.NewRequestWithContext(context.Background(), method, path, strings.NewReader(body))
	must(f.t, err)
	if _, given := header["Authorization"]; !given {
		f.remote()
		basic := f.auth.(*authn.Basic)
		r.SetBasicAuth(basic.Username, basic.Password)
	}
	for key, value := range header {
		r.Header.Set(key, value)
	}
	if header["Authorization"] == "none" {
		r.Header.Del("Authorization")
	}
	response, err := f.http.Do(r)
	must(f.t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	must(f.t, err)
	return response, string(content)
}

// wantRaw expects a status and, for a refusal, the code of the error.
func (f *fixture) wantRaw(method, path string, header map[string]string, body string, status int, code string) *http.Response {
	f.t.Helper()
	response, content := f.raw(method, path, header, body)
	if response.StatusCode != status || code != "" && !strings.Contains(content, `"code":"`+code+`"`) {
		f.t.Errorf("%s %s: %d %s, want %d %s", method, path, response.StatusCode, content, status, code)
	}
	return response
}

// wantProblem expects the registry's refusal of a push or pull.
func wantProblem(t testing.TB, err error, status int, code, message string) {
	t.Helper()
	var refused *transport.Error
	if !errors.As(err, &refused) {
		t.Errorf("got %v, want %d %s", err, status, code)
		return
	}
	if refused.StatusCode != status || len(refused.Errors) != 1 || string(refused.Errors[0].Code) != code || !strings.Contains(refused.Errors[0].Message, message) {
		t.Errorf("got %d %v, want %d %s %q", refused.StatusCode, refused.Errors, status, code, message)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func wantCode(t testing.TB, err error, want string) {
	t.Helper()
	if got := code(err); got != want {
		t.Errorf("error code: got %q (%v), want %q", got, err, want)
	}
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func ptr[T any](v T) *T { return &v }

func number(i int) string { return fmt.Sprintf("%03d", i) }

type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

// A clock that the test moves.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func (c *clock) advance(d time.Duration) { c.now = c.now.Add(d) }

func sha(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func password(auth authn.Authenticator) string { return auth.(*authn.Basic).Password }

// blobsOf are the digests of an image's configuration and layers.
func blobsOf(t testing.TB, image v1.Image) []string {
	t.Helper()
	manifest, err := image.Manifest()
	must(t, err)
	all := []string{manifest.Config.Digest.String()}
	for _, layer := range manifest.Layers {
		all = append(all, layer.Digest.String())
	}
	return all
}
