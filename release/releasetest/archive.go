package releasetest

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
)

// File is one file of an archive.
type File struct{ Name, Content string }

// TarGz returns files as a .tar.gz.
func TarGz(files ...File) []byte {
	var out bytes.Buffer
	packed := gzip.NewWriter(&out)
	archive := tar.NewWriter(packed)
	for _, f := range files {
		must(archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: f.Name, Size: int64(len(f.Content)), Mode: 0o644}))
		_, err := archive.Write([]byte(f.Content))
		must(err)
	}
	must(archive.Close())
	must(packed.Close())
	return out.Bytes()
}

// Zip returns files as a .zip.
func Zip(files ...File) []byte {
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, f := range files {
		w, err := archive.Create(f.Name)
		must(err)
		_, err = w.Write([]byte(f.Content))
		must(err)
	}
	must(archive.Close())
	return out.Bytes()
}

// must is for writes to memory, which do not fail.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
