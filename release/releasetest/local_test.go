package releasetest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/events"
	locals3 "github.com/mayfly-dev/mayfly/local/s3"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/releasetest"
	"github.com/mayfly-dev/mayfly/release/s3store"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// puts counts the objects that are put into the site.
type puts struct {
	http.Handler
	n atomic.Int64
}

func (p *puts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPut && strings.HasPrefix(r.URL.Path, "/"+site+"/") {
		p.n.Add(1)
	}
	p.Handler.ServeHTTP(w, r)
}

// newLocal returns a world on the S3 of one machine, over HTTP.
func newLocal(t testing.TB) (*world, *s3.Client, *puts) {
	t.Helper()
	t.Setenv("AWS_CA_BUNDLE", "")
	service, err := locals3.New(locals3.Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	count := &puts{Handler: service}
	server := httptest.NewServer(count)
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
		if err := service.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	client := s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: &server.URL, UsePathStyle: true, HTTPClient: &http.Client{Transport: transport},
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	for _, name := range []string{site, uploads} {
		if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: aws.String(site), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	}); err != nil {
		t.Fatal(err)
	}
	return newWorldOn(t, client), client, count
}

func read(t testing.TB, client *s3.Client) map[string]string {
	t.Helper()
	all := make(map[string]string)
	for o, err := range s3store.List(t.Context(), client, site, "") {
		if err != nil {
			t.Fatal(err)
		}
		out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(site), Key: &o.Key})
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(out.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := out.Body.Close(); err != nil {
			t.Fatal(err)
		}
		all[o.Key] = string(data)
		if got := aws.ToString(out.ContentType); got != release.ContentType(o.Key) {
			t.Errorf("%s is served as %q", o.Key, got)
		}
		if got := aws.ToString(out.CacheControl); got != release.CacheControl(o.Key) {
			t.Errorf("%s is cached by %q", o.Key, got)
		}
	}
	return all
}

func TestASiteIsReleasedChangedRolledBackAndRestoredOnOneMachine(t *testing.T) {
	w, client, count := newLocal(t)
	large := strings.Repeat("0123456789abcdef", 11<<20/16)
	files := []file{
		{"index.html", "one"}, {"docs/index.html", "docs"}, {"a b+c?#ü&.txt", "odd"}, {"large.bin", large}, {"gone.css", "x"}, {"empty.txt", ""},
	}
	old := w.upload(releasetest.TarGz(files...))
	w.mustRun()
	want := map[string]string{"index.html": "one", "docs/index.html": "docs", "a b+c?#ü&.txt": "odd", "large.bin": large, "gone.css": "x", "empty.txt": ""}
	if diff := cmp.Diff(want, read(t, client)); diff != "" {
		t.Fatalf("first release: %.2000s", diff)
	}

	count.n.Store(0)
	files[1].Content = "better docs"
	w.upload(releasetest.TarGz(files...))
	w.mustRun()
	if n := count.n.Load(); n != 1 {
		t.Errorf("one changed file is %d PUTs", n)
	}

	w.upload(releasetest.Zip(file{"index.html", "three"}, file{"new.js", "n"}))
	w.mustRun()
	if diff := cmp.Diff(map[string]string{"index.html": "three", "new.js": "n"}, read(t, client)); diff != "" {
		t.Errorf("third release: %.2000s", diff)
	}

	w.begin(w.nextID(), events.ReleaseSource{Kind: events.SourceRollback, ReleaseID: old})
	w.mustRun()
	if diff := cmp.Diff(want, read(t, client)); diff != "" {
		t.Errorf("rollback: %.2000s", diff)
	}

	var version string
	listed, err := client.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String(site), Prefix: aws.String("docs/index.html")})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range listed.Versions {
		if aws.ToInt64(v.Size) == int64(len("better docs")) {
			version = *v.VersionId
		}
	}
	id := w.begin(w.nextID(), events.ReleaseSource{Kind: events.SourceRestore, Path: "docs/index.html", VersionID: version})
	w.mustRun()
	want["docs/index.html"] = "better docs"
	if diff := cmp.Diff(want, read(t, client)); diff != "" {
		t.Errorf("restore: %.2000s", diff)
	}
	r := w.record(id)
	manifest, err := s3store.GetManifest(t.Context(), client, r.ManifestBucket, r.ManifestKey)
	if err != nil {
		t.Fatal(err)
	}
	for v, err := range s3store.Current(t.Context(), client, site) {
		if o, ok := manifest.Find(v.Key); err != nil || !ok || o.VersionID != v.VersionID || o.ETag != v.ETag || len(o.SHA256) != 64 {
			t.Errorf("manifest has %+v, the bucket %+v, %v", o, v, err)
		}
	}
}

func TestAVersionThatNeverWasIsNamedOnOneMachine(t *testing.T) {
	w, client, _ := newLocal(t)
	w.upload(releasetest.TarGz(file{"index.html", "one"}))
	w.mustRun()
	for _, version := range []string{"01HZZZZZZZZZZZZZZZZZZZZZZZ", "nonsense", "null", ""} {
		id := w.begin(w.nextID(), events.ReleaseSource{Kind: events.SourceRestore, Path: "index.html", VersionID: version})
		err := w.run(t.Context(), nil)
		if r := w.record(id); err == nil || r.Failure == nil || r.Failure.Error != "VersionExpired" {
			t.Errorf("version %q: %v", version, err)
		}
	}
	if diff := cmp.Diff(map[string]string{"index.html": "one"}, read(t, client)); diff != "" {
		t.Error(diff)
	}
}

// BenchmarkRelease is a whole release by all six steps, over HTTP to the S3 of
// one machine, beside the same number of bare PUTs.
func BenchmarkRelease(b *testing.B) {
	for _, c := range []struct{ files, size int }{{5000, 1 << 10}, {400, 100 << 10}} {
		var files []file
		for i := range c.files {
			files = append(files, file{fmt.Sprintf("d%02d/f%05d.txt", i%50, i), string(bytes.Repeat([]byte{byte(i), byte(i >> 8), byte(i * 7), 'x'}, c.size/4))})
		}
		files = append(files, file{"index.html", "page"})
		b.Run(fmt.Sprintf("release %dx%dKiB", c.files, c.size>>10), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				w, _, _ := newLocal(b)
				id := w.upload(releasetest.TarGz(files...))
				b.StartTimer()
				w.mustRun()
				if r := w.record(id); r.Status != sandbox.ReleaseLive {
					b.Fatal(r)
				}
			}
			b.ReportMetric(float64(c.files)*float64(b.N)/b.Elapsed().Seconds(), "files/s")
			b.SetBytes(int64(c.files * c.size))
		})
		b.Run(fmt.Sprintf("puts %dx%dKiB", c.files, c.size>>10), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				w, _, _ := newLocal(b)
				b.StartTimer()
				bare(b, w, files)
			}
			b.ReportMetric(float64(c.files)*float64(b.N)/b.Elapsed().Seconds(), "files/s")
			b.SetBytes(int64(c.files * c.size))
		})
	}
}

// bare puts files by sixteen goroutines.
func bare(b *testing.B, w *world, files []file) {
	queue, done := make(chan file), make(chan struct{})
	for range 16 {
		go func() {
			defer func() { done <- struct{}{} }()
			for f := range queue {
				w.put(site, f.Name, []byte(f.Content))
			}
		}()
	}
	for _, f := range files {
		queue <- f
	}
	close(queue)
	for range 16 {
		<-done
	}
}
