package emptybucket_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"golang.org/x/sync/errgroup"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/emptybucket"
	local "github.com/mayfly-dev/mayfly/local/s3"
	"github.com/mayfly-dev/mayfly/sandbox"
	"github.com/mayfly-dev/mayfly/steptest"
)

var versionsFlag = flag.Int("versions", 20_000, "how many versions the benchmark of the purge deletes")

// serveS3, in the environment, makes of this program an S3 of its own in the
// folder that it names, until its standard input ends: what the step holds in
// memory must not be mixed up with what S3 does.
const serveS3 = "MAYFLY_TEST_SERVE_S3"

func serve(dir string) error {
	service, err := local.New(local.Options{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	server := httptest.NewServer(service)
	defer server.Close()
	fmt.Println(server.URL)
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// served starts such an S3 in a folder and returns a client of it, and what stops
// it.
func served(b *testing.B, dir string) (client *s3.Client, stop func()) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveS3+"="+dir)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	said := bufio.NewScanner(out)
	if !said.Scan() {
		b.Fatal("the S3 did not start")
	}
	url, transport := said.Text(), &http.Transport{MaxIdleConnsPerHost: 16}
	return s3.New(s3.Options{
			Region: "us-east-1", BaseEndpoint: &url, UsePathStyle: true, HTTPClient: &http.Client{Transport: transport},
			Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		}), func() {
			transport.CloseIdleConnections()
			_ = in.Close()
			_ = cmd.Wait() // it ends as its input does
		}
}

// fill puts versions into a new versioned bucket of an S3 in a folder: ten of each
// key, empty ones, in a thousand folders. It does without a network, which would
// take longer than all else.
func fill(b *testing.B, dir, bucket string, versions int) {
	b.Helper()
	service, err := local.New(local.Options{Dir: dir, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	transport := service.RoundTripper(local.Root())
	put := func(path, body string) error {
		r, err := http.NewRequestWithContext(b.Context(), http.MethodPut, "http://s3.localhost/"+bucket+path, strings.NewReader(body))
		if err != nil {
			return err
		}
		answer, err := transport.RoundTrip(r)
		if err != nil {
			return err
		}
		if answer.StatusCode != http.StatusOK {
			err = fmt.Errorf("put %s%s: %s", bucket, path, answer.Status)
		}
		return errors.Join(err, answer.Body.Close())
	}
	err = errors.Join(put("", ""), put("?versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"))
	group := errgroup.Group{}
	group.SetLimit(8)
	for i := range versions {
		group.Go(func() error { return put(fmt.Sprintf("/%03d/%06d", i/10%1000, i/10), "") })
	}
	if err := errors.Join(err, group.Wait(), service.Close(b.Context())); err != nil {
		b.Fatal(err)
	}
}

// most is the largest heap that it was shown.
type most struct{ bytes atomic.Uint64 }

func (m *most) look() {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
	metrics.Read(sample)
	m.bytes.Store(max(m.bytes.Load(), sample[0].Value.Uint64()+sample[1].Value.Uint64()))
}

// watch looks every few milliseconds until the returned function is called.
func (m *most) watch() func() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			m.look()
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	}()
	return func() { cancel(); <-done }
}

// BenchmarkPurge empties a bucket of -versions versions on the local S3, in a
// process of its own, and measures how many go in a second and how large the
// step's heap becomes.
func BenchmarkPurge(b *testing.B) {
	of := steptest.New(time.Now())
	of.Phase = sandbox.PhaseDeleting
	store := steptest.NewStore(time.Now, of)
	var heap most
	b.StopTimer()
	b.ResetTimer()
	for i := range b.N {
		dir, bucket := b.TempDir(), sandbox.BucketName(of.Name, of.ID, i)
		fill(b, dir, bucket, *versionsFlag)
		client, end := served(b, dir)
		step := emptybucket.New(client, store.Ledger(), emptybucket.Options{Margin: 20 * time.Second, Parallel: 4, Now: time.Now})
		flow := events.Flow{Sandbox: of.Event(), Made: events.Made{Bucket: &events.Bucket{Name: bucket}}}
		debug.FreeOSMemory() // what was needed to fill it
		stop := heap.watch()
		b.StartTimer()
		got, err := step.Handle(b.Context(), flow)
		b.StopTimer()
		stop()
		if err != nil || !got.Done || got.Deleted != *versionsFlag {
			b.Fatalf("%+v, %v", got, err)
		}
		left, err := client.ListObjectVersions(b.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String(bucket)})
		if err != nil || len(left.Versions)+len(left.DeleteMarkers) != 0 {
			b.Fatalf("%v: %d versions are left", err, len(left.Versions))
		}
		end()
	}
	b.ReportMetric(float64(*versionsFlag)*float64(b.N)/b.Elapsed().Seconds(), "versions/s")
	b.ReportMetric(float64(heap.bytes.Load())/(1<<20), "MiB-heap")
	b.ReportMetric(0, "ns/op")
}
