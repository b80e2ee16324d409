package release_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/releasetest"
)

func TestAnArchiveIsReadByItsFirstBytesWhateverPackedIt(t *testing.T) {
	pax := tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": "0123abc"}}
	for _, c := range []struct {
		name string
		data []byte
		want []string
	}{
		{"tar of a folder", tarOf(tar.Header{Typeflag: tar.TypeDir, Name: "./", Mode: 0o755}, regular("./index.html"), tar.Header{Typeflag: tar.TypeDir, Name: "./a/", Mode: 0o755}, regular("./a/b.txt")), []string{"index.html", "a/b.txt"}},
		{"tar of a dot", tarOf(tar.Header{Typeflag: tar.TypeDir, Name: ".", Mode: 0o755}, index()), []string{"index.html"}},
		{"git archive", tarOf(pax, index()), []string{"index.html"}},
		{"names beyond ASCII and odd ones", tarOf(index(), regular("ü b+c%?#*&.txt"), regular("..a/b..")), []string{"index.html", "ü b+c%?#*&.txt", "..a/b.."}},
		{"a name of 1,024 bytes", tarOf(index(), regular(strings.Repeat("n", 1024))), []string{"index.html", strings.Repeat("n", 1024)}},
		{"a folder twice", tarOf(tar.Header{Typeflag: tar.TypeDir, Name: "a/", Mode: 0o755}, tar.Header{Typeflag: tar.TypeDir, Name: "a", Mode: 0o755}, index()), []string{"index.html"}},
		{"what systems leave behind", tarOf(regular(".DS_Store"), regular("a/.DS_Store"), regular("__MACOSX/x"), regular("._index.html"),
			tar.Header{Typeflag: tar.TypeSymlink, Name: ".git/hooks", Linkname: "/"}, regular(".git/HEAD"), regular("Thumbs.db"), regular(".well-known/x"), index()),
			[]string{".well-known/x", "index.html"}},
		{"an empty file", tarOf(index(), tar.Header{Typeflag: tar.TypeReg, Name: "empty"}), []string{"index.html", "empty"}},
		{"gzip in two members", append(packed(rawTar(index())[:512]), packed(rawTar(index())[512:])...), []string{"index.html"}},
		{"zip", zipOf(zip.FileHeader{Name: "a/"}, zip.FileHeader{Name: "a/b.txt", Method: zip.Deflate}, zip.FileHeader{Name: "index.html"}), []string{"a/b.txt", "index.html"}},
		{"zip with a comment", zipCommented(), []string{"index.html"}},
		{"zip64 by its end record", zip64(), []string{"index.html"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			err := release.Walk(t.Context(), archiveOf(c.data), small(), func(f release.File, content io.Reader) error {
				if f.Index != len(got) {
					t.Errorf("file %q has index %d", f.Path, f.Index)
				}
				got = append(got, f.Path)
				data, err := io.ReadAll(content)
				if int64(len(data)) != f.Size {
					t.Errorf("file %q has %d bytes, not %d", f.Path, len(data), f.Size)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func zipCommented() []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	must(w.SetComment("made by somebody, " + strings.Repeat("long ", 500)))
	_, err := w.Create("index.html")
	must(err)
	must(w.Close())
	return out.Bytes()
}

// zip64 is a small zip whose end is written as that of a large one.
func zip64() []byte {
	plain := zipOf(zip.FileHeader{Name: "index.html"})
	end := plain[len(plain)-22:]
	body := bytes.Clone(plain[:len(plain)-22])
	at := uint64(len(body))
	record := make([]byte, 56)
	copy(record, "PK\x06\x06")
	record[4] = 44
	record[24], record[32] = 1, 1
	put64 := func(b []byte, v uint64) {
		for i := range 8 {
			b[i] = byte(v >> (8 * i))
		}
	}
	start := uint64(bytes.Index(body, []byte("PK\x01\x02")))
	put64(record[40:], at-start)
	put64(record[48:], start)
	locator := make([]byte, 20)
	copy(locator, "PK\x06\x07")
	put64(locator[8:], at)
	locator[16] = 1
	last := bytes.Clone(end)
	for i := 8; i < 20; i++ {
		last[i] = 0xff
	}
	return bytes.Join([][]byte{body, record, locator, last}, nil)
}

func TestWhereAnArchiveIsKeptMayFailWithoutTheArchiveBeingToBlame(t *testing.T) {
	broken := errors.New("connection reset")
	for name, data := range map[string][]byte{"tar": noise(1), "zip": zipMany(20)} {
		for at := range 5 {
			limit := int64(len(data) * at / 5)
			archive := release.Archive{
				Size: int64(len(data)),
				At:   failingAt{bytes.NewReader(data), limit, broken},
				Stream: func(context.Context) (io.ReadCloser, error) {
					return io.NopCloser(io.MultiReader(bytes.NewReader(data[:max(limit, 4)]), failing{broken})), nil
				},
			}
			_, err := release.Inspect(t.Context(), archive, small(), "index.html")
			var refused *release.ContentError
			if !errors.Is(err, broken) || errors.As(err, &refused) {
				t.Errorf("%s broken at %d: %v", name, limit, err)
			}
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

type failingAt struct {
	io.ReaderAt
	limit int64
	err   error
}

func (f failingAt) ReadAt(p []byte, offset int64) (int, error) {
	if offset+int64(len(p)) > f.limit {
		return 0, f.err
	}
	return f.ReaderAt.ReadAt(p, offset)
}

func TestTheVisitorsErrorEndsTheWalk(t *testing.T) {
	enough := errors.New("enough")
	for name, data := range map[string][]byte{"tar": tarOf(index(), regular("a")), "zip": zipMany(2)} {
		visits := 0
		err := release.Walk(t.Context(), archiveOf(data), small(), func(release.File, io.Reader) error { visits++; return enough })
		if !errors.Is(err, enough) || visits != 1 {
			t.Errorf("%s: %v after %d visits", name, err, visits)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	err := release.Walk(ctx, archiveOf(tarOf(index(), regular("a"))), small(), func(release.File, io.Reader) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestADigestIsWhatS3AndTheManifestCallTheContent(t *testing.T) {
	var digester release.Digester
	for _, size := range []int{0, 1, release.PartBytes, release.PartBytes + 1, 2 * release.PartBytes, 2*release.PartBytes + 7} {
		data := bytes.Repeat([]byte("0123456789"), size/10+1)[:size]
		got, err := digester.Read(bytes.NewReader(data), int64(size))
		if err != nil {
			t.Fatal(err)
		}
		sha, sum := sha256.Sum256(data), md5.Sum(data)
		want := release.Digest{Size: int64(size), SHA256: hex.EncodeToString(sha[:]), MD5: hex.EncodeToString(sum[:])}
		if size > release.PartBytes {
			var sums []byte
			parts := 0
			for rest := data; len(rest) > 0; parts++ {
				n := min(len(rest), release.PartBytes)
				part := md5.Sum(rest[:n])
				sums, rest = append(sums, part[:]...), rest[n:]
			}
			all := md5.Sum(sums)
			want.Multipart = fmt.Sprintf("%x-%d", all, parts)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d bytes: %s", size, diff)
		}
	}
}

func FuzzTarGz(f *testing.F) {
	f.Add(rawTar(index(), regular("a/b")))
	f.Add(rawTar(tar.Header{Typeflag: tar.TypeSymlink, Name: "l", Linkname: ".."}))
	f.Add(rawTar(regular(strings.Repeat("n", 300))))
	f.Fuzz(func(t *testing.T, raw []byte) { neverLies(t, packed(raw)) })
}

func FuzzZip(f *testing.F) {
	f.Add(releasetest.Zip(releasetest.File{Name: "index.html", Content: "page"}))
	f.Add(zip64())
	f.Add(overlapping(3))
	f.Fuzz(func(t *testing.T, raw []byte) { neverLies(t, raw) })
}

// neverLies checks what holds for any bytes: the archive is refused by a rule,
// or everything that came out of it is within the rules.
func neverLies(t *testing.T, data []byte) {
	limits := small()
	seen := make(map[string]bool)
	var total int64
	err := release.Walk(t.Context(), archiveOf(data), limits, func(f release.File, content io.Reader) error {
		n, err := io.Copy(io.Discard, content)
		if err != nil {
			return err
		}
		total += n
		clean, err := release.CleanName(f.Path, false)
		if err != nil || clean != f.Path || seen[f.Path] || n != f.Size || n > limits.FileBytes || total > limits.TotalBytes || f.Index != len(seen) {
			t.Errorf("file %+v of %d bytes: %v", f, n, err)
		}
		seen[f.Path] = true
		return nil
	})
	var refused *release.ContentError
	if err != nil && !errors.As(err, &refused) {
		t.Errorf("neither read nor refused: %v", err)
	}
	if len(seen) > limits.Entries {
		t.Errorf("%d entries", len(seen))
	}
}

func FuzzName(f *testing.F) {
	for _, name := range []string{"index.html", "./a/b", "../x", "a//b", "/", "a\\b", "C:/x", "", ".", "./", "a/", "\xff", "a\x00"} {
		f.Add(name, true)
		f.Add(name, false)
	}
	f.Fuzz(func(t *testing.T, name string, folder bool) {
		clean, err := release.CleanName(name, folder)
		if err != nil || clean == "" {
			return
		}
		again, err := release.CleanName(clean, false)
		if err != nil || again != clean {
			t.Errorf("%q is cleaned to %q, and then to %q: %v", name, clean, again, err)
		}
		if len(clean) > release.MaxKeyBytes || clean[0] == '/' || strings.Contains("/"+clean+"/", "/../") || strings.Contains("/"+clean+"/", "/./") || strings.Contains(clean, "//") || strings.ContainsAny(clean, "\\\x00\n") {
			t.Errorf("%q is cleaned to %q", name, clean)
		}
	})
}
