package emptybucket_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
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

// served starts such an S3 and returns a client of it.
func served(b *testing.B) *s3.Client {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveS3+"="+b.TempDir())
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
	b.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait() // it ends as its input does
	})
	said := bufio.NewScanner(out)
	for said.Scan() { // the store greets first
		if url := said.Text(); strings.HasPrefix(url, "http://") {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			transport := &http.Transport{MaxIdleConnsPerHost: 16}
			b.Cleanup(transport.CloseIdleConnections)
			return s3.New(s3.Options{
				Region: "us-east-1", BaseEndpoint: &url, UsePathStyle: true, HTTPClient: &http.Client{Transport: transport},
				Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
			})
		}
	}
	b.Fatal("the S3 did not start")
	return nil
}

// fill puts versions into a new versioned bucket: ten of each key, empty ones,
// in a thousand folders.
func fill(b *testing.B, client *s3.Client, bucket string, versions int) {
	b.Helper()
	_, err := client.CreateBucket(b.Context(), &s3.CreateBucketInput{Bucket: &bucket})
	if err == nil {
		_, err = client.PutBucketVersioning(b.Context(), &s3.PutBucketVersioningInput{
			Bucket: &bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
		})
	}
	if err != nil {
		b.Fatal(err)
	}
	group, ctx := errgroup.WithContext(b.Context())
	group.SetLimit(8)
	for i := range versions {
		group.Go(func() error {
			key := fmt.Sprintf("%03d/%06d", i/10%1000, i/10)
			_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader("")})
			return err
		})
	}
	if err := group.Wait(); err != nil {
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
	client := served(b)
	of := steptest.New(time.Now())
	of.Phase = sandbox.PhaseDeleting
	store := steptest.NewStore(time.Now, of)
	step := emptybucket.New(client, store.Ledger(), emptybucket.Options{Margin: 20 * time.Second, Parallel: 4, Now: time.Now})
	var heap most
	b.StopTimer()
	b.ResetTimer()
	for i := range b.N {
		bucket := sandbox.BucketName(of.Name, of.ID, i)
		fill(b, client, bucket, *versionsFlag)
		flow := events.Flow{Sandbox: of.Event(), Made: events.Made{Bucket: &events.Bucket{Name: bucket}}}
		runtime.GC()
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
	}
	b.ReportMetric(float64(*versionsFlag)*float64(b.N)/b.Elapsed().Seconds(), "versions/s")
	b.ReportMetric(float64(heap.bytes.Load())/(1<<20), "MiB-heap")
	b.ReportMetric(0, "ns/op")
}
