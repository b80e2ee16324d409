package release_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/mayfly-dev/mayfly/release"
)

// small are limits that a test reaches quickly.
func small() release.Limits {
	return release.Limits{Entries: 50, FileBytes: 1 << 20, TotalBytes: 4 << 20, Ratio: 50, RatioFrom: 256 << 10}
}

func archiveOf(data []byte) release.Archive {
	return release.Archive{
		Size:   int64(len(data)),
		At:     bytes.NewReader(data),
		Stream: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil },
	}
}

// must is for writes to memory, which do not fail.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func packed(raw []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(raw)
	must(err)
	must(w.Close())
	return out.Bytes()
}

// rawTar returns an uncompressed tar of headers; a header's content is its
// size in the letter x.
func rawTar(headers ...tar.Header) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, h := range headers {
		must(w.WriteHeader(&h))
		if h.Typeflag == tar.TypeReg {
			_, err := w.Write(bytes.Repeat([]byte("x"), int(h.Size)))
			must(err)
		}
	}
	must(w.Close())
	return out.Bytes()
}

func index() tar.Header { return regular("index.html") }

func regular(name string) tar.Header {
	return tar.Header{Typeflag: tar.TypeReg, Name: name, Size: 4, Mode: 0o644}
}

func tarOf(headers ...tar.Header) []byte { return packed(rawTar(headers...)) }

// named is an archive whose one odd entry has a name.
func named(name string) []byte { return tarOf(index(), regular(name)) }

func kind(flag byte, name string) []byte {
	return tarOf(index(), tar.Header{Typeflag: flag, Name: name, Linkname: "/etc/passwd", Mode: 0o644})
}

// checksum makes the first header of a raw tar valid again after it was
// altered.
func checksum(raw []byte) []byte {
	copy(raw[148:156], "        ")
	sum := 0
	for _, b := range raw[:512] {
		sum += int(b)
	}
	copy(raw[148:156], fmt.Sprintf("%06o\x00 ", sum))
	return raw
}

// patched is a tar.gz whose first entry's name is replaced byte by byte, as no
// writer would.
func patched(name string) []byte {
	raw := rawTar(regular(strings.Repeat("a", 99)), index())
	copy(raw[:100], make([]byte, 100))
	copy(raw, name)
	return packed(checksum(raw))
}

// zipOf returns a zip of headers, each with four bytes of content.
func zipOf(headers ...zip.FileHeader) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, h := range headers {
		body, err := w.CreateHeader(&h)
		must(err)
		if !strings.HasSuffix(h.Name, "/") {
			_, err = body.Write([]byte("page"))
			must(err)
		}
	}
	must(w.Close())
	return out.Bytes()
}

func zipNamed(name string) []byte {
	return zipOf(zip.FileHeader{Name: "index.html"}, zip.FileHeader{Name: name})
}

func zipKind(mode fs.FileMode, name string) []byte {
	h := zip.FileHeader{Name: name}
	h.SetMode(mode)
	return zipOf(zip.FileHeader{Name: "index.html"}, h)
}

// alter returns data after change.
func alter(data []byte, change func([]byte) []byte) []byte { return change(bytes.Clone(data)) }

// directory alters the zip's first directory header.
func directory(data []byte, change func(header []byte)) []byte {
	return alter(data, func(d []byte) []byte {
		change(d[bytes.Index(d, []byte("PK\x01\x02")):])
		return d
	})
}

// overlapping is a zip in which many entries share one content.
func overlapping(entries int) []byte {
	content := bytes.Repeat([]byte("x"), 1000)
	var out bytes.Buffer
	local := func(name string) []byte {
		h := make([]byte, 30, 30+len(name))
		copy(h, "PK\x03\x04")
		binary.LittleEndian.PutUint32(h[14:], crc32.ChecksumIEEE(content))
		binary.LittleEndian.PutUint32(h[18:], uint32(len(content)))
		binary.LittleEndian.PutUint32(h[22:], uint32(len(content)))
		binary.LittleEndian.PutUint16(h[26:], uint16(len(name)))
		return append(h, name...)
	}
	out.Write(local("index.html"))
	out.Write(content)
	start := out.Len()
	for i := range entries {
		name := "index.html"
		if i > 0 {
			name = fmt.Sprintf("%05d.html", i)
		}
		h := make([]byte, 46, 46+len(name))
		copy(h, "PK\x01\x02")
		copy(h[16:], local(name)[14:28])
		binary.LittleEndian.PutUint16(h[28:], uint16(len(name)))
		out.Write(append(h, name...))
	}
	end := make([]byte, 22)
	copy(end, "PK\x05\x06")
	binary.LittleEndian.PutUint16(end[8:], uint16(entries))
	binary.LittleEndian.PutUint16(end[10:], uint16(entries))
	binary.LittleEndian.PutUint32(end[12:], uint32(out.Len()-start))
	binary.LittleEndian.PutUint32(end[16:], uint32(start))
	out.Write(end)
	return out.Bytes()
}

func many(n int) (headers []tar.Header) {
	for i := range n {
		headers = append(headers, tar.Header{Typeflag: tar.TypeReg, Name: fmt.Sprintf("%d", i), Mode: 0o644})
	}
	return headers
}

func zipMany(n int) []byte {
	var headers []zip.FileHeader
	for i := range n {
		headers = append(headers, zip.FileHeader{Name: fmt.Sprintf("%d", i)})
	}
	return zipOf(headers...)
}

func zeros(n int64) tar.Header {
	return tar.Header{Typeflag: tar.TypeReg, Name: "zeros", Size: n, Mode: 0o644}
}

func TestAHostileArchiveIsRefusedByTheNameOfItsEntry(t *testing.T) {
	goodTar, goodZip := tarOf(index(), regular("a.txt")), zipOf(zip.FileHeader{Name: "index.html", Method: zip.Deflate}, zip.FileHeader{Name: "a.txt"})
	for _, c := range []struct {
		name  string
		data  []byte
		entry string
		rule  string
	}{
		{"nothing", nil, "", "is empty"},
		{"text", []byte("hello"), "", "neither"},
		{"one byte", []byte{0x1f}, "", "neither"},
		{"a tar without gzip", rawTar(index()), "", "neither"},
		{"a zstd", []byte("\x28\xb5\x2f\xfd0000"), "", "neither"},
		{"a rar", []byte("Rar!\x1a\x07\x00"), "", "neither"},
		{"an executable before a zip", append([]byte("MZ\x90\x00"), goodZip...), "", "neither"},

		{"tar: parent", named("../evil"), "../evil", `".."`},
		{"tar: parent within", named("a/../../evil"), "a/../../evil", `".."`},
		{"tar: parent at the end", named("a/.."), "a/..", `".."`},
		{"tar: parent folder", tarOf(index(), tar.Header{Typeflag: tar.TypeDir, Name: "../", Mode: 0o755}), "../", `".."`},
		{"tar: parent after dot", named("./../evil"), "./../evil", `".."`},
		{"tar: absolute", named("/etc/passwd"), "/etc/passwd", "absolute"},
		{"tar: absolute after dot", named(".//etc/passwd"), ".//etc/passwd", "absolute"},
		{"tar: root folder", tarOf(index(), tar.Header{Typeflag: tar.TypeDir, Name: "/", Mode: 0o755}), "/", "empty"},
		{"tar: drive", named("C:/evil"), "C:/evil", "absolute"},
		{"tar: backslash", named(`a\b`), `a\b`, "backslash"},
		{"tar: backslash parent", named(`..\evil`), `..\evil`, "backslash"},
		{"tar: empty segment", named("a//b"), "a//b", "empty segment"},
		{"tar: dot segment", named("a/./b"), "a/./b", `"."`},
		{"tar: newline", named("a\nb"), "a\nb", "control"},
		{"tar: delete", named("a\x7fb"), "a\x7fb", "control"},
		{"tar: C1 control", named("a\u0085b"), "a\u0085b", "control"},
		{"tar: not a character", named("a\uffffb"), "a\uffffb", "control"},
		{"tar: escape sequence", named("\x1b[31mred"), "\x1b[31mred", "control"},
		{"tar: not UTF-8", patched("a\xff\xfeb"), "a\xff\xfeb", "UTF-8"},
		{"tar: surrogate", patched("a\xed\xa0\x80"), "a\xed\xa0\x80", "UTF-8"},
		{"tar: overlong slash", patched("..\xc0\xafevil"), "..\xc0\xafevil", "UTF-8"},
		{"tar: no name", patched(""), "", "empty name"},
		{"tar: only a dot", patched("."), ".", `"."`},
		{"tar: name of 1,025 bytes", named(strings.Repeat("n", 1025)), strings.Repeat("n", 200), "1025 bytes"},
		{"tar: name of 1,026 bytes in two-byte letters", named(strings.Repeat("ü", 513)), "ü", "1026 bytes"},

		{"tar: symbolic link", kind(tar.TypeSymlink, "link"), "link", "symbolic link"},
		{"tar: hard link", kind(tar.TypeLink, "hard"), "hard", "hard link"},
		{"tar: character device", kind(tar.TypeChar, "tty"), "tty", "device"},
		{"tar: block device", kind(tar.TypeBlock, "sda"), "sda", "device"},
		{"tar: pipe", kind(tar.TypeFifo, "pipe"), "pipe", "pipe"},
		{"tar: unknown kind", packed(checksum(alter(rawTar(regular("odd"), index()), func(d []byte) []byte { d[156] = 'Z'; return d }))), "odd", "unknown kind"},
		{"tar: sparse file", sparseTar(), "sparse", "sparse"},

		{"tar: twice", tarOf(index(), regular("a"), regular("a")), "a", "twice"},
		{"tar: twice by dot", tarOf(index(), regular("a"), regular("./a")), "./a", "twice"},
		{"tar: the index twice", tarOf(index(), index()), "index.html", "twice"},
		{"tar: file, then folder of it", tarOf(index(), regular("a"), regular("a/b")), "a", "both"},
		{"tar: in a folder, then file", tarOf(index(), regular("a/b"), regular("a")), "a", "both"},
		{"tar: folder, then file", tarOf(index(), tar.Header{Typeflag: tar.TypeDir, Name: "a/", Mode: 0o755}, regular("a")), "a", "both"},
		{"tar: file, then folder", tarOf(index(), regular("a"), tar.Header{Typeflag: tar.TypeDir, Name: "a/", Mode: 0o755}), "a/", "both"},
		{"tar: 51 entries", tarOf(many(51)...), "", "more than 50 entries"},
		{"tar: 51 folders", tarOf(func() (f []tar.Header) {
			for i := range 51 {
				f = append(f, tar.Header{Typeflag: tar.TypeDir, Name: fmt.Sprintf("d%d/", i), Mode: 0o755})
			}
			return f
		}()...), "", "more than 50 entries"},
		{"tar: 100,000 entries", hundredThousand(), "", "more than 50 entries"},

		{"tar: large file", tarOf(index(), zeros(1<<20+1)), "zeros", "larger than 1 MiB"},
		{"tar: large in all", tarOf(index(), tar.Header{Typeflag: tar.TypeReg, Name: "1", Size: 1 << 20}, tar.Header{Typeflag: tar.TypeReg, Name: "2", Size: 1 << 20},
			tar.Header{Typeflag: tar.TypeReg, Name: "3", Size: 1 << 20}, tar.Header{Typeflag: tar.TypeReg, Name: "4", Size: 1 << 20}), "", "times its size"},
		{"tar: bomb", tarOf(index(), zeros(1<<20)), "zeros", "times its size"},
		{"tar: bomb in what is ignored", tarOf(index(), tar.Header{Typeflag: tar.TypeReg, Name: ".git/pack", Size: 1 << 20}), ".git/pack", "times its size"},
		{"tar: bomb after the end", packed(append(rawTar(index()), make([]byte, 1<<20)...)), "", "times its size"},
		{"tar: large without ratio", noise(5), "", "larger than 4 MiB"},

		{"tar: no index", tarOf(regular("a.txt")), "", `"index.html" is missing`},
		{"tar: no file", tarOf(), "", "no file"},
		{"tar: all in a folder", tarOf(regular("public/index.html"), regular("public/a.txt")), "", `inside the folder "public"`},
		{"tar: index by another case", tarOf(regular("Index.html")), "", "missing"},
		{"tar: index only ignored", tarOf(regular("__MACOSX/index.html")), "", "no file"},
		{"tar: index is a folder", tarOf(tar.Header{Typeflag: tar.TypeDir, Name: "index.html/", Mode: 0o755}, regular("index.html/a")), "", "missing"},

		{"tar: cut off in the gzip", goodTar[:len(goodTar)-20], "", "damaged"},
		{"tar: only the gzip header", goodTar[:10], "", "damaged"},
		{"tar: cut off in a file", packed(rawTar(index(), regular("a.txt"))[:514]), "index.html", "damaged"},
		{"tar: no tar inside", packed(bytes.Repeat([]byte("hello"), 300)), "", "damaged"},
		{"tar: wrong checksum of gzip", alter(goodTar, func(d []byte) []byte { d[len(d)-8] ^= 1; return d }), "", "damaged"},
		{"tar: goes on after its end", packed(append(rawTar(index()), rawTar(regular("b"))...)), "", "goes on"},
		{"tar: garbage after the gzip", append(bytes.Clone(goodTar), "garbage"...), "", "damaged"},
		{"tar: second gzip with more", append(bytes.Clone(goodTar), packed([]byte("more"))...), "", "goes on"},

		{"zip: parent", zipNamed("../evil"), "../evil", `".."`},
		{"zip: parent within", zipNamed("a/../b"), "a/../b", `".."`},
		{"zip: absolute", zipNamed("/evil"), "/evil", "absolute"},
		{"zip: drive", zipNamed("c:/evil"), "c:/evil", "absolute"},
		{"zip: backslash", zipNamed(`a\b`), `a\b`, "backslash"},
		{"zip: empty segment", zipNamed("a//b"), "a//b", "empty segment"},
		{"zip: NUL", zipNamed("a\x00b"), "a\x00b", "control"},
		{"zip: not UTF-8", zipNamed("a\xffb"), "a\xffb", "UTF-8"},
		{"zip: no name", zipNamed(""), "", "empty name"},
		{"zip: name of 1,025 bytes", zipNamed(strings.Repeat("n", 1025)), strings.Repeat("n", 200), "1025 bytes"},
		{"zip: symbolic link", zipKind(fs.ModeSymlink|0o777, "link"), "link", "symbolic link"},
		{"zip: device", zipKind(fs.ModeDevice|0o600, "sda"), "sda", "device"},
		{"zip: character device", zipKind(fs.ModeDevice|fs.ModeCharDevice|0o600, "tty"), "tty", "device"},
		{"zip: pipe", zipKind(fs.ModeNamedPipe|0o600, "pipe"), "pipe", "pipe"},
		{"zip: socket", zipKind(fs.ModeSocket|0o600, "sock"), "sock", "unknown kind"},
		{"zip: folder by mode", zipKind(fs.ModeDir|0o755, "odd"), "odd", "folder by its mode"},
		{"zip: twice", zipOf(zip.FileHeader{Name: "index.html"}, zip.FileHeader{Name: "a"}, zip.FileHeader{Name: "a"}), "a", "twice"},
		{"zip: file and folder", zipOf(zip.FileHeader{Name: "index.html"}, zip.FileHeader{Name: "a"}, zip.FileHeader{Name: "a/b"}), "a", "both"},
		{"zip: 51 entries", zipMany(51), "", "more than 50 entries"},
		{"zip: 70,000 entries, and says 4,464", zipMany(70_000), "", "more than 50 entries"},
		{"zip: no index", zipOf(zip.FileHeader{Name: "a.txt"}), "", "missing"},
		{"zip: no entry", zipOf(), "", "no file"},
		{"zip: all in a folder", zipOf(zip.FileHeader{Name: "dist/"}, zip.FileHeader{Name: "dist/index.html"}), "", `inside the folder "dist"`},
		{"zip: encrypted", directory(goodZip, func(h []byte) { h[8] |= 1 }), "index.html", "encrypted"},
		{"zip: strongly encrypted", directory(goodZip, func(h []byte) { h[8] |= 0x41 }), "index.html", "encrypted"},
		{"zip: unknown method", directory(goodZip, func(h []byte) { h[10] = 12 }), "index.html", "method 12"},
		{"zip: wrong checksum", directory(goodZip, func(h []byte) { h[16] ^= 1 }), "index.html", "damaged"},
		{"zip: larger than it says", directory(goodZip, func(h []byte) { binary.LittleEndian.PutUint32(h[24:], 2) }), "index.html", "damaged"},
		{"zip: smaller than it says", directory(goodZip, func(h []byte) { binary.LittleEndian.PutUint32(h[24:], 100) }), "index.html", "damaged"},
		{"zip: a file of 4 GiB, it says", directory(goodZip, func(h []byte) { binary.LittleEndian.PutUint32(h[24:], 1<<32-2) }), "index.html", "larger than 1 MiB"},
		{"zip: content beyond the end", directory(goodZip, func(h []byte) { binary.LittleEndian.PutUint32(h[42:], 1<<30) }), "index.html", "damaged"},
		{"zip: overlapping", overlapping(2), "00001.html", "overlaps"},
		{"zip: overlapping many times", overlapping(40), "", "overlaps"},
		{"zip: cut off", goodZip[:len(goodZip)-10], "", "end record"},
		{"zip: cut off before its directory", goodZip[:40], "", "end record"},
		{"zip: only an end record that lies", alter(goodZip[len(goodZip)-22:], func(d []byte) []byte { return d }), "", "out of place"},
		{"zip: directory out of place", alter(goodZip, func(d []byte) []byte { binary.LittleEndian.PutUint32(d[len(d)-6:], 3); return d }), "", "out of place"},
		{"zip: directory damaged", alter(goodZip, func(d []byte) []byte { d[bytes.Index(d, []byte("PK\x01\x02"))] = 'Q'; return d }), "", "damaged"},
		{"zip: zip64 without its record", alter(goodZip, func(d []byte) []byte { binary.LittleEndian.PutUint16(d[len(d)-12:], 0xffff); return d }), "", "zip64"},
		{"zip: after another zip", append(bytes.Clone(goodZip), goodZip...), "", "out of place"},
		{"zip: a second end in its comment", alter(goodZip, func(d []byte) []byte {
			end := bytes.Clone(d[len(d)-22:])
			d[len(d)-2] = 22
			return append(d, end...)
		}), "", "out of place"},
		{"zip: bomb", zipBomb(), "index.html", "times its size"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := release.Inspect(t.Context(), archiveOf(c.data), small(), "index.html")
			var refused *release.ContentError
			if !errors.As(err, &refused) {
				t.Fatalf("error %v", err)
			}
			if !strings.Contains(refused.Entry, c.entry) || !strings.Contains(refused.Rule, c.rule) {
				t.Errorf("refused %q: %q; want %q: %q", refused.Entry, refused.Rule, c.entry, c.rule)
			}
			if refused.ErrorName() != "BadContent" || len(refused.Error()) > 1200 {
				t.Errorf("%s of %d bytes", refused.ErrorName(), len(refused.Error()))
			}
		})
	}
}

// sparseTar is a tar whose one entry says that it is a terabyte of holes.
func sparseTar() []byte {
	raw := rawTar(regular("sparse"), index())
	raw[156] = tar.TypeGNUSparse
	copy(raw[257:265], "ustar  \x00")
	copy(raw[345:512], make([]byte, 167))
	copy(raw[386:], "00000000000\x00") // the first piece begins at 0
	copy(raw[398:], "00000000004\x00") // and is 4 bytes long
	copy(raw[483:], "00000000004\x00") // of a file of 4
	return packed(checksum(raw))
}

func hundredThousand() []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	archive := tar.NewWriter(w)
	for i := range 100_000 {
		must(archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: fmt.Sprintf("f%06d", i), Mode: 0o644}))
	}
	must(archive.Close())
	must(w.Close())
	return out.Bytes()
}

// noise is an archive of files of 1 MiB that do not pack well.
func noise(files int) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	archive := tar.NewWriter(w)
	x := uint32(1)
	for i := range files {
		must(archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: fmt.Sprintf("noise%d", i), Size: 1 << 20, Mode: 0o644}))
		data := make([]byte, 1<<20)
		for j := range data {
			x = x*1664525 + 1013904223
			data[j] = byte(x >> 24)
		}
		_, err := archive.Write(data)
		must(err)
	}
	must(archive.Close())
	must(w.Close())
	return out.Bytes()
}

func zipBomb() []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	body, err := w.Create("index.html")
	must(err)
	_, err = body.Write(make([]byte, 1<<20))
	must(err)
	must(w.Close())
	return out.Bytes()
}
