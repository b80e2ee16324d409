package release_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/release"
)

func site() fstest.MapFS {
	return fstest.MapFS{
		"index.html":       {Data: []byte("page"), ModTime: time.Unix(1, 0), Mode: 0o600},
		"docs/index.html":  {Data: []byte("docs")},
		"docs/a ü.txt":     {Data: []byte("text")},
		"z/empty":          {},
		".git/config":      {Data: []byte("secret")},
		"docs/.DS_Store":   {Data: []byte("junk")},
		".well-known/file": {Data: []byte("kept")},
		"long/" + strings.Repeat("n", 250) + "/" + strings.Repeat("m", 250): {Data: []byte("long")},
	}
}

func pack(t *testing.T, dir fs.FS) ([]byte, release.Progress, error) {
	t.Helper()
	var out bytes.Buffer
	done, err := release.Pack(t.Context(), dir, "index.html", small(), &out, nil)
	return out.Bytes(), done, err
}

func TestAPackedFolderIsWhatAReleaseReads(t *testing.T) {
	data, done, err := pack(t, site())
	if err != nil {
		t.Fatal(err)
	}
	files, err := release.Inspect(t.Context(), archiveOf(data), small(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		got = append(got, f.Path)
	}
	want := []string{".well-known/file", "docs/a ü.txt", "docs/index.html", "index.html", "long/" + strings.Repeat("n", 250) + "/" + strings.Repeat("m", 250), "z/empty"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if done.Files != 6 || done.FilesTotal != 6 || done.Bytes != 20 || done.BytesTotal != 20 || done.Path != "z/empty" {
		t.Errorf("progress: %+v", done)
	}
}

func TestTheSameFolderIsTheSameArchive(t *testing.T) {
	one, _, err := pack(t, site())
	if err != nil {
		t.Fatal(err)
	}
	again := site()
	again["index.html"].ModTime, again["index.html"].Mode = time.Unix(99, 0), 0o755
	two, _, err := pack(t, again)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one, two) {
		t.Error("two archives of one folder differ")
	}
}

func TestWhatAReleaseWouldRefuseIsNotPacked(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "index.html"), []byte("page"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(folder, "link")); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	with := func(name string, file *fstest.MapFile) fs.FS {
		s := site()
		s[name] = file
		return s
	}
	without := site()
	delete(without, "index.html")
	for _, c := range []struct {
		name, entry, rule string
		dir               fs.FS
	}{
		{"a link out of the folder", "link", "symbolic link", root.FS()},
		{"a link within", "l", "symbolic link", with("l", &fstest.MapFile{Mode: fs.ModeSymlink, Data: []byte("index.html")})},
		{"a pipe", "p", "neither", with("p", &fstest.MapFile{Mode: fs.ModeNamedPipe})},
		{"a backslash", `a\b`, "backslash", with(`a\b`, &fstest.MapFile{})},
		{"a newline", "a\nb", "control", with("a\nb", &fstest.MapFile{})},
		{"a large file", "big", "larger than 1 MiB", with("big", &fstest.MapFile{Data: make([]byte, 1<<20+1)})},
		{"no index page", "", "missing", without},
		{"a folder above", "", `inside the folder "public"`, fstest.MapFS{"public/index.html": {}}},
		{"nothing", "", "no file", fstest.MapFS{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			data, _, err := pack(t, c.dir)
			var refused *release.ContentError
			if !errors.As(err, &refused) || refused.Entry != c.entry || !strings.Contains(refused.Rule, c.rule) {
				t.Errorf("error %v", err)
			}
			if len(data) != 0 {
				t.Errorf("%d bytes were written", len(data))
			}
		})
	}
}

func TestPackingTellsItsProgress(t *testing.T) {
	var got []int
	_, err := release.Pack(t.Context(), site(), "index.html", small(), new(bytes.Buffer), func(p release.Progress) { got = append(got, p.Files) })
	if diff := cmp.Diff([]int{1, 2, 3, 4, 5, 6}, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestAWriterThatFailsFailsThePacking(t *testing.T) {
	full := errors.New("disk full")
	if _, err := release.Pack(t.Context(), site(), "index.html", small(), failingWriter{full}, nil); !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }
