package s3store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/releasetest"
	"github.com/mayfly-dev/mayfly/release/s3store"
)

const bucket = "uploads"

func stored(t *testing.T, key string, data []byte) *releasetest.S3 {
	t.Helper()
	client := &releasetest.S3{}
	client.CreateBucket(bucket)
	put(t, client, key, data)
	return client
}

func put(t *testing.T, client *releasetest.S3, key string, data []byte) {
	t.Helper()
	name := bucket
	if _, err := client.PutObject(context.WithoutCancel(t.Context()), &s3.PutObjectInput{Bucket: &name, Key: &key, Body: bytes.NewReader(data)}); err != nil {
		t.Fatal(err)
	}
}

func random(n int) []byte {
	data := make([]byte, n)
	source := rand.New(rand.NewPCG(1, 2))
	for i := range data {
		data[i] = byte(source.Uint32())
	}
	return data
}

func TestAConnectionThatBreaksIsOpenedAgainWhereItBroke(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		data := random(100_000)
		client := stored(t, "a", data)
		opened := 0
		client.Reading = func(_ string, body io.Reader) io.Reader {
			if opened++; opened%3 == 0 {
				return iotest.ErrReader(errors.New("reset"))
			}
			return io.LimitReader(body, 7_000)
		}
		archive, err := s3store.OpenArchive(t.Context(), client, bucket, "a", "")
		if err != nil {
			t.Fatal(err)
		}
		body, err := archive.Content(t.Context()).Stream(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(body)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d of %d bytes, %v", len(got), len(data), err)
		}
	})
}

func TestAConnectionThatAlwaysBreaksIsAnErrorThatPasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := stored(t, "a", random(100))
		client.Reading = func(string, io.Reader) io.Reader { return iotest.ErrReader(errors.New("reset")) }
		archive, err := s3store.OpenArchive(t.Context(), client, bucket, "a", "")
		if err != nil {
			t.Fatal(err)
		}
		content := archive.Content(t.Context())
		_, err = release.Inspect(t.Context(), content, release.DefaultLimits(), "index.html")
		if awserr.Name(err) != "NetworkError" {
			t.Errorf("streamed: %v", err)
		}
		if _, err := content.At.ReadAt(make([]byte, 10), 0); awserr.Name(err) != "NetworkError" {
			t.Errorf("at an offset: %v", err)
		}
	})
}

func TestAnArchiveIsReadAtAnyOffset(t *testing.T) {
	data := random(9<<20 + 123)
	client := stored(t, "a", data)
	archive, err := s3store.OpenArchive(t.Context(), client, bucket, "a", "")
	if err != nil {
		t.Fatal(err)
	}
	at := archive.Content(t.Context()).At
	source := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		offset := source.IntN(len(data))
		p := make([]byte, source.IntN(5<<20))
		n, err := at.ReadAt(p, int64(offset))
		want := data[offset:min(offset+len(p), len(data))]
		if !bytes.Equal(p[:n], want) || (n < len(p)) != (err == io.EOF) {
			t.Fatalf("%d bytes at %d: %d, %v", len(p), offset, n, err)
		}
	}
	if n, err := at.ReadAt(make([]byte, 1), int64(len(data))); n != 0 || err != io.EOF {
		t.Errorf("at the end: %d, %v", n, err)
	}
	if _, err := at.ReadAt(make([]byte, 1), -1); err == nil {
		t.Error("before the beginning: no error")
	}
}

func TestAnArchiveThatIsReplacedIsNotReadOn(t *testing.T) {
	client := stored(t, "a", random(8<<20))
	archive, err := s3store.OpenArchive(t.Context(), client, bucket, "a", "")
	if err != nil {
		t.Fatal(err)
	}
	put(t, client, "a", random(100))
	var changed *release.ChangedError
	if _, err := archive.Content(t.Context()).At.ReadAt(make([]byte, 1), 0); !errors.As(err, &changed) {
		t.Errorf("replaced: %v", err)
	}
	if _, err := s3store.OpenArchive(t.Context(), client, bucket, "a", archive.ETag); !errors.As(err, &changed) {
		t.Errorf("opened by its ETag: %v", err)
	}
	var refused *release.ContentError
	if _, err := s3store.OpenArchive(t.Context(), client, bucket, "none", ""); !errors.As(err, &refused) {
		t.Errorf("never uploaded: %v", err)
	}
	if _, err := s3store.OpenArchive(t.Context(), client, "nowhere", "a", ""); awserr.Name(err) != "NoSuchBucket" {
		t.Errorf("no bucket: %v", err)
	}
}

func TestListsArePagedToTheirEnd(t *testing.T) {
	client := &releasetest.S3{Page: 3}
	client.CreateBucket(bucket)
	for i := range 10 {
		put(t, client, fmt.Sprintf("k%02d", i), nil)
		put(t, client, fmt.Sprintf("k%02d", i), []byte("newer"))
	}
	n := 0
	for o, err := range s3store.List(t.Context(), client, bucket, "k") {
		if err != nil || o.Key != fmt.Sprintf("k%02d", n) || o.Size != 5 || len(o.ETag) != 32 {
			t.Errorf("%+v, %v", o, err)
		}
		n++
	}
	versions := 0
	for v, err := range s3store.Current(t.Context(), client, bucket) {
		if all := client.Versions(bucket, v.Key); err != nil || v.VersionID != all[1].ID {
			t.Errorf("%+v, %v", v, err)
		}
		versions++
	}
	if n != 10 || versions != 10 {
		t.Errorf("%d objects, %d current versions", n, versions)
	}
	for _, err := range s3store.List(t.Context(), client, "nowhere", "") {
		if awserr.Name(err) != "NoSuchBucket" {
			t.Errorf("no bucket: %v", err)
		}
	}
}

func TestAManifestIsStreamed(t *testing.T) {
	client := &releasetest.S3{}
	client.CreateBucket(bucket)
	m := release.Manifest{ManifestHeader: release.ManifestHeader{SandboxID: "s", Release: "r"}, Objects: []release.Object{{Path: "a"}, {Path: "b"}}}
	if err := s3store.PutManifest(t.Context(), client, bucket, m); err != nil {
		t.Fatal(err)
	}
	header, objects, done, err := s3store.StreamManifest(t.Context(), client, bucket, release.ManifestKey("s", "r"))
	if err != nil || header.Files != 2 {
		t.Fatal(header, err)
	}
	n := 0
	for o, err := range objects {
		if n++; err != nil || o.Path == "" {
			t.Error(o, err)
		}
	}
	if err := done(); err != nil || n != 2 {
		t.Error(n, err)
	}
	if _, _, _, err := s3store.StreamManifest(t.Context(), client, bucket, "none"); awserr.Name(err) != "NoSuchKey" {
		t.Error(err)
	}
}
