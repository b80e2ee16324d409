package blobs_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mayfly-dev/mayfly/local/ecr/blobs"
)

func open(t *testing.T) (*blobs.Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := blobs.Open(dir, time.Now)
	must(t, err)
	return s, dir
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func sha(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// failing reads some text, and then fails.
func failing(text string) io.Reader {
	return io.MultiReader(strings.NewReader(text), readerFunc(func([]byte) (int, error) { return 0, errors.New("connection reset") }))
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestAnUploadGoesOnWhereItWasCut(t *testing.T) {
	s, dir := open(t)
	ctx := t.Context()
	id, err := s.Begin(ctx, "r1")
	must(t, err)
	if _, err := s.Append(ctx, "r1", id, 0, failing("the first ")); err == nil || !strings.Contains(err.Error(), "connection reset") {
		t.Errorf("a part that is cut: %v", err)
	}
	size, err := s.UploadSize(ctx, "r1", id)
	must(t, err)
	if size != 10 {
		t.Errorf("%d bytes are there", size)
	}
	var elsewhere *blobs.OffsetError
	if _, err := s.Append(ctx, "r1", id, 0, strings.NewReader("again")); !errors.As(err, &elsewhere) || elsewhere.Size != 10 {
		t.Errorf("a part from the beginning: %v", err)
	}
	// Another process goes on.
	s, err = blobs.Open(dir, time.Now)
	must(t, err)
	_, err = s.Append(ctx, "r1", id, 10, strings.NewReader("and the second"))
	must(t, err)
	size, err = s.Commit(ctx, "r1", id, sha("the first and the second"))
	must(t, err)
	content, _, err := s.Read(ctx, "r1", sha("the first and the second"))
	must(t, err)
	text, err := io.ReadAll(content)
	must(t, errors.Join(err, content.Close()))
	if size != 24 || string(text) != "the first and the second" {
		t.Errorf("%d bytes: %q", size, text)
	}
}

// The digest's state is lost with the process: the content is read again.
func TestTheDigestIsThatOfTheWholeContent(t *testing.T) {
	s, dir := open(t)
	ctx := t.Context()
	id, err := s.Begin(ctx, "r1")
	must(t, err)
	_, err = s.Append(ctx, "r1", id, blobs.Anywhere, strings.NewReader("one "))
	must(t, err)
	must(t, os.RemoveAll(filepath.Join(dir, "docker/registry/v2/repositories/r1/_uploads", id, "hashstates")))
	_, err = s.Append(ctx, "r1", id, blobs.Anywhere, strings.NewReader("two"))
	must(t, err)
	if _, err := s.Commit(ctx, "r1", id, sha("two")); !errors.Is(err, blobs.ErrDigest) {
		t.Errorf("committed as its end: %v", err)
	}
}

func TestBlobsAreRefused(t *testing.T) {
	s, dir := open(t)
	ctx := t.Context()
	_, err := s.Put(ctx, "r1", []byte("secret"))
	must(t, err)
	for digest, want := range map[string]error{
		sha("none"): blobs.ErrUnknown, "sha256:abc": blobs.ErrDigest, "": blobs.ErrDigest, "sha256:../../../x": blobs.ErrDigest,
		"sha512:" + strings.Repeat("a", 128): blobs.ErrDigest, strings.ToUpper(sha("secret")): blobs.ErrDigest,
	} {
		if _, err := s.Stat(ctx, "r1", digest); !errors.Is(err, want) {
			t.Errorf("Stat(%q) = %v, want %v", digest, err, want)
		}
		if _, err := s.Mount(ctx, "r1", "r2", digest); !errors.Is(err, want) {
			t.Errorf("Mount(%q) = %v, want %v", digest, err, want)
		}
	}
	if _, err := s.Stat(ctx, "r2", sha("secret")); !errors.Is(err, blobs.ErrUnknown) {
		t.Errorf("another repository's blob: %v", err)
	}
	for _, id := range []string{"", "..", "../../r2", "x", strings.Repeat("0", 36), "00000000-0000-0000-0000-000000000000"} {
		_, a := s.Append(ctx, "r1", id, 0, strings.NewReader("x"))
		_, b := s.Commit(ctx, "r1", id, sha("x"))
		_, c := s.UploadSize(ctx, "r1", id)
		for _, err := range []error{a, b, c, s.Cancel(ctx, "r1", id)} {
			if !errors.Is(err, blobs.ErrUploadUnknown) {
				t.Errorf("upload %q: %v", id, err)
			}
		}
	}
	if _, err := s.Begin(ctx, "../r1"); err == nil {
		t.Error("an upload to a repository that leads out of its folder")
	}
	entries, err := os.ReadDir(filepath.Dir(dir))
	must(t, err)
	if len(entries) != 1 {
		t.Errorf("beside the folder there is now %v", entries)
	}
}

func TestAWriterThatDoesNotEndIsNotWaitedForForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := open(t)
		id, err := s.Begin(context.Background(), "r1")
		must(t, err)
		reader, writer := io.Pipe()
		done := make(chan error)
		go func() {
			_, err := s.Append(context.Background(), "r1", id, 0, reader)
			done <- err
		}()
		_, err = writer.Write([]byte("slow"))
		must(t, err)
		if _, err := s.Append(context.Background(), "r1", id, 4, strings.NewReader("x")); !errors.Is(err, blobs.ErrUploadBusy) {
			t.Errorf("the second writer: %v", err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := s.Append(ctx, "r1", id, 4, strings.NewReader("x")); !errors.Is(err, context.Canceled) {
			t.Errorf("a writer that left: %v", err)
		}
		must(t, writer.Close())
		must(t, <-done)
	})
}
