package objects

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/s3response"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, s *Store, key, body string) string {
	t.Helper()
	length := int64(len(body))
	out, err := s.Put(context.Background(), "b", key, s3response.PutObjectInput{ContentLength: &length, Body: strings.NewReader(body)}, nil)
	must(t, err)
	return out.VersionID
}

func content(t *testing.T, s *Store, key string) string {
	t.Helper()
	out, err := s.Get(context.Background(), "b", key, "", Part{})
	if err != nil {
		return err.Error()
	}
	defer func() { must(t, out.Body.Close()) }()
	body, err := io.ReadAll(out.Body)
	must(t, err)
	return string(body)
}

// snapshot does the first step of the backend's replacing a version: it copies
// the current one, with its attributes, among the earlier ones.
func snapshot(t *testing.T, s *Store, key, id string) {
	t.Helper()
	from, dir := filepath.Join(s.path("b"), encodeKey(key)), s.earlierDir("b", key)
	must(t, os.MkdirAll(dir, 0o700))
	body, err := os.ReadFile(from)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, id), body, 0o600))
	must(t, s.copyAttributes(s.path("b"), encodeKey(key), s.viewed(dir), id))
}

// Each case leaves the store as a kill at one moment does, and opens it again.
func TestOpenPutsRightWhatAKillLeft(t *testing.T) {
	const key = "dir/key"
	for _, test := range []struct {
		name string
		kill func(t *testing.T, s *Store, id string)
	}{
		{"before anything changed", func(*testing.T, *Store, string) {}},
		{"with the old version copied and not yet replaced", func(t *testing.T, s *Store, id string) {
			snapshot(t, s, key, id)
		}},
		{"with the copy made and the current marked as deleted under the old id", func(t *testing.T, s *Store, id string) {
			snapshot(t, s, key, id)
			must(t, s.meta.StoreAttribute(nil, s.path("b"), encodeKey(key), markerAttr, []byte{}))
		}},
		{"with temporary files beside the object and its versions", func(t *testing.T, s *Store, id string) {
			dir := s.earlierDir("b", key)
			must(t, os.MkdirAll(dir, 0o700))
			must(t, os.WriteFile(filepath.Join(dir, "."+id+".sgwtmp.1"), nil, 0o600))
			current := filepath.Join(s.path("b"), encodeKey(key))
			must(t, os.WriteFile(filepath.Join(filepath.Dir(current), "."+filepath.Base(current)+".sgwtmp.1"), nil, 0o600))
		}},
		{"while the note was being written", func(t *testing.T, s *Store, _ string) {
			must(t, os.WriteFile(filepath.Join(s.journal.dir, "99"), []byte(`{"buck`), 0o600))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			must(t, s.CreateBucket(context.Background(), "b"))
			must(t, s.SetVersioning(context.Background(), "b", true))
			put(t, s, key, "first")
			id := put(t, s, key, "second")
			_, err := s.journal.begin("b", key)
			must(t, err)
			test.kill(t, s, id)

			s = open(t, dir)
			if got := content(t, s, key); got != "second" {
				t.Errorf("current: %q", got)
			}
			versions, more, err := s.ListVersions(context.Background(), "b", Query{Max: 10}, "")
			must(t, err)
			if len(versions) != 2 || more || versions[0].ID != id || versions[0].Marker || !versions[0].Latest {
				t.Errorf("versions: %+v", versions)
			}
			notes, err := os.ReadDir(s.journal.dir)
			must(t, err)
			if len(notes) != 0 {
				t.Errorf("%d notes are left", len(notes))
			}
			for _, v := range versions {
				_, err := s.Delete(context.Background(), "b", key, v.ID, nil)
				must(t, err)
			}
			must(t, s.DeleteBucket(context.Background(), "b", func() error { return nil }))
			left, err := filepath.Glob(filepath.Join(dir, "*", "b"))
			must(t, err)
			if len(left) != 0 {
				t.Errorf("left over: %q", left)
			}
		})
	}
}

func TestAnUploadWhoseCompletionWasKilledCanBeCompleted(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	s := open(t, dir)
	must(t, s.CreateBucket(ctx, "b"))
	id, err := s.CreateUpload(ctx, "b", "k", s3response.CreateMultipartUploadInput{})
	must(t, err)
	uploads, err := filepath.Glob(filepath.Join(s.path("b"), multipartDir, "*", id))
	must(t, err)
	if len(uploads) != 1 {
		t.Fatalf("uploads: %q", uploads)
	}
	must(t, os.Rename(uploads[0], uploads[0]+".0123-1"+claimedSuffix))
	s = open(t, dir)
	found, err := s.Uploads(ctx, "b")
	must(t, err)
	if len(found) != 1 || found[0].ID != id || found[0].Key != "k" {
		t.Errorf("uploads: %+v", found)
	}
}

// The backend looks for buckets relative to the working directory and prefixes
// the versioning folder: a moved data folder must show the same all the same.
func TestADataFolderCanBeMoved(t *testing.T) {
	ctx := context.Background()
	parent := t.TempDir()
	s := open(t, filepath.Join(parent, "one"))
	must(t, s.CreateBucket(ctx, "b"))
	must(t, s.SetVersioning(ctx, "b", true))
	first := put(t, s, "k", "first")
	put(t, s, "k", "second")
	must(t, os.Rename(filepath.Join(parent, "one"), filepath.Join(parent, "two")))
	s = open(t, filepath.Join(parent, "two"))
	if status, err := s.Versioning(ctx, "b"); err != nil || status != types.BucketVersioningStatusEnabled {
		t.Errorf("versioning: %q %v", status, err)
	}
	out, err := s.Get(ctx, "b", "k", first, Part{})
	must(t, err)
	defer func() { must(t, out.Body.Close()) }()
	if body, err := io.ReadAll(out.Body); err != nil || string(body) != "first" {
		t.Errorf("first version: %q %v", body, err)
	}
}

func TestStoresDoNotMoveTheWorkingDirectory(t *testing.T) {
	before, err := os.Getwd()
	must(t, err)
	open(t, t.TempDir())
	open(t, t.TempDir())
	if after, err := os.Getwd(); err != nil || after != before {
		t.Errorf("working directory: %q, before %q (%v)", after, before, err)
	}
}

func FuzzKeysSurviveTheirPaths(f *testing.F) {
	for _, key := range []string{"a", "a/b", "a/", "/", "//", "..", ".sgwtmp", "\x01", "\x02E", "a/./b"} {
		f.Add(key, "a")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, key := range []string{a, b} {
			if got, ok := decodeKey(encodeKey(key)); !ok || got != key {
				t.Errorf("%q became %q by way of %q", key, got, encodeKey(key))
			}
			if clean := filepath.Clean(encodeKey(key)); clean != encodeKey(key) {
				t.Errorf("the path of %q is not clean: %q", key, encodeKey(key))
			}
		}
		// No key's file is another key's folder.
		if a != b && strings.HasPrefix(encodeKey(b)+"/", encodeKey(a)+"/") {
			t.Errorf("%q is under %q", b, a)
		}
	})
}
