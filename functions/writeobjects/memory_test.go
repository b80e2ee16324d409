package writeobjects_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/writeobjects"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/releasetest"
	"github.com/mayfly-dev/mayfly/release/s3store"
)

// sink takes the site's objects, and what is known of layers, and keeps nothing
// of them.
type sink struct {
	*releasetest.S3
	bytes, most atomic.Int64
}

func (s *sink) look(n int64) {
	s.bytes.Add(n)
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
	metrics.Read(sample)
	s.most.Store(max(s.most.Load(), int64(sample[0].Value.Uint64()+sample[1].Value.Uint64())))
}

func (s *sink) UploadPart(_ context.Context, in *s3.UploadPartInput, _ ...func(*s3.Options)) (*s3.UploadPartOutput, error) {
	n, err := io.Copy(io.Discard, in.Body)
	s.look(n)
	return &s3.UploadPartOutput{ETag: ptr("etag")}, err
}

func (s *sink) CompleteMultipartUpload(context.Context, *s3.CompleteMultipartUploadInput, ...func(*s3.Options)) (*s3.CompleteMultipartUploadOutput, error) {
	return &s3.CompleteMultipartUploadOutput{ETag: ptr("etag"), VersionId: ptr("v")}, nil
}

func (s *sink) PutObject(ctx context.Context, in *s3.PutObjectInput, opts ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	if *in.Bucket != site && !strings.HasPrefix(*in.Key, release.LayersPrefix) {
		return s.S3.PutObject(ctx, in, opts...)
	}
	n, err := io.Copy(io.Discard, in.Body)
	s.look(n)
	return &s3.PutObjectOutput{ETag: ptr("etag"), VersionId: ptr("v")}, err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestHundredsOfMegabytesAreWrittenInALittleMemory(t *testing.T) {
	const member, large, medium = 16 << 20, 16, 60
	var archive bytes.Buffer
	packed := gzip.NewWriter(&archive)
	entries := tar.NewWriter(packed)
	for i := range medium {
		must(t, entries.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: fmt.Sprintf("m%02d.bin", i), Size: 4 << 20, Mode: 0o644}))
		_, err := entries.Write(make([]byte, 4<<20))
		must(t, err)
	}
	must(t, entries.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "large.bin", Size: large * member, Mode: 0o644}))
	for range large {
		_, err := entries.Write(make([]byte, member))
		must(t, err)
	}
	must(t, entries.Close())
	must(t, packed.Close())

	client, store, flow := prepared(t, releasetest.File{Name: "index", Content: ""})
	bucket, key := uploads, "archive"
	put, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(archive.Bytes())})
	must(t, err)
	opened, err := s3store.OpenArchive(t.Context(), client, uploads, "archive", "")
	must(t, err)
	files, err := release.Inspect(t.Context(), opened.Content(t.Context()), loose(), "m00.bin")
	must(t, err)
	plan, err := s3store.GetPlan(t.Context(), client, uploads, flow.Plan.Key)
	must(t, err)
	header := plan.PlanHeader
	plan, err = release.PlanFiles(files, nil, func(func(release.Listed, error) bool) {})
	must(t, err)
	plan.PlanHeader = header
	plan.ArchiveETag = strings.Trim(*put.ETag, `"`)
	must(t, s3store.PutPlan(t.Context(), client, uploads, plan))

	archive = bytes.Buffer{}
	runtime.GC()
	runtime.GC()
	drain := &sink{S3: client}
	drain.look(0)
	before := drain.most.Load()
	out, err := writeobjects.New(drain, nil, store, loose(), time.Now).Handle(t.Context(), events.Write{Pass: events.PassAssets, Flow: flow})
	must(t, err)
	if want := int64(medium*4<<20 + large*member); out.Bytes != want || drain.bytes.Load() != want {
		t.Errorf("%d and %d bytes were written, not %d", out.Bytes, drain.bytes.Load(), want)
	}
	grown := drain.most.Load() - before
	t.Logf("%d MiB written, heap grew by %d MiB at most", out.Bytes>>20, grown>>20)
	if grown > 80<<20 {
		t.Errorf("heap grew by %d MiB", grown>>20)
	}
}
