package imagetest

import (
	"archive/tar"
	"bytes"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// File is an entry of a layer: a regular file.
func File(name, content string) Entry {
	return Entry{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(content))}, content}
}

// Dir is an entry of a layer: a folder.
func Dir(name string) Entry {
	return Entry{tar.Header{Typeflag: tar.TypeDir, Name: name + "/", Mode: 0o755}, ""}
}

// Symlink is an entry of a layer: a symbolic link.
func Symlink(name, target string) Entry {
	return Entry{tar.Header{Typeflag: tar.TypeSymlink, Name: name, Linkname: target, Mode: 0o777}, ""}
}

// Hardlink is an entry of a layer: another name for a file.
func Hardlink(name, target string) Entry {
	return Entry{tar.Header{Typeflag: tar.TypeLink, Name: name, Linkname: target, Mode: 0o644}, ""}
}

// Node is an entry of a layer of another kind, such as tar.TypeChar.
func Node(kind byte, name string) Entry {
	return Entry{tar.Header{Typeflag: kind, Name: name, Mode: 0o644}, ""}
}

// Entry is an entry of a layer.
type Entry struct {
	tar.Header
	Content string
}

// Tar returns entries as a layer that is not packed.
func Tar(entries ...Entry) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		must(w.WriteHeader(&e.Header))
		_, err := w.Write([]byte(e.Content))
		must(err)
	}
	must(w.Close())
	return out.Bytes()
}

// Gzip packs a layer.
func Gzip(layer []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(layer)
	must(err)
	must(w.Close())
	return out.Bytes()
}

// Zstd packs a layer.
func Zstd(layer []byte, options ...zstd.EOption) []byte {
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out, options...)
	must(err)
	_, err = w.Write(layer)
	must(err)
	must(w.Close())
	return out.Bytes()
}

// must is for writes to memory, which do not fail.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
