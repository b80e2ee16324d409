// Package scan looks into images for what a vulnerability scanner would need:
// an operating system whose packages are known. It finds no vulnerabilities:
// there is no database of them on this machine, and to report none found would
// be to say that an image is safe.
package scan

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// ErrTooLarge says that a layer has more than a scan looks at.
var ErrTooLarge = errors.New("the layer has more content than a scan looks at")

// The bounds of a look at one layer, which is hostile input.
const (
	maxContent = 4 << 30 // bytes, not compressed
	maxEntries = 1_000_000
)

// databases are where package managers keep what is installed, by the first
// part of the file's path that tells.
func databases() map[string]string {
	return map[string]string{
		"lib/apk/db/installed":                     "apk",
		"usr/lib/apk/db/installed":                 "apk",
		"var/lib/dpkg/status":                      "dpkg",
		"var/lib/dpkg/status.d":                    "dpkg",
		"var/lib/rpm/Packages":                     "rpm",
		"var/lib/rpm/Packages.db":                  "rpm",
		"var/lib/rpm/rpmdb.sqlite":                 "rpm",
		"usr/lib/sysimage/rpm/Packages.db":         "rpm",
		"usr/lib/sysimage/rpm/rpmdb.sqlite":        "rpm",
		"var/lib/rpmmanifest/container-manifest-2": "rpm",
	}
}

// PackageManager returns the package manager whose database is in a layer:
// "apk", "dpkg", "rpm", or "" when there is none. The layer is a tar archive,
// plain or compressed by gzip or zstd. It returns an error when the layer
// cannot be read to its end, ErrTooLarge when that is too far.
func PackageManager(layer io.Reader) (string, error) {
	content, done, err := unpack(layer)
	if err != nil {
		return "", err
	}
	defer done()
	known := databases()
	bounded := &io.LimitedReader{R: content, N: maxContent}
	archive := tar.NewReader(bounded)
	for range maxEntries {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) && bounded.N > 0 {
			return "", nil
		}
		if err != nil && bounded.N == 0 {
			return "", ErrTooLarge
		}
		if err != nil {
			return "", fmt.Errorf("read the layer: %w", err)
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		name := strings.TrimPrefix(path.Clean("/"+header.Name), "/")
		if manager, ok := known[name]; ok {
			return manager, nil
		}
		if manager, ok := known[path.Dir(name)]; ok {
			return manager, nil
		}
	}
	return "", ErrTooLarge
}

// unpack opens whichever compression a layer has, by how it begins: what its
// media type says is not always so.
func unpack(layer io.Reader) (io.Reader, func(), error) {
	buffered := bufio.NewReader(layer)
	magic, err := buffered.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, fmt.Errorf("read the layer: %w", err)
	}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		zipped, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, nil, fmt.Errorf("read the layer: %w", err)
		}
		return zipped, func() { _ = zipped.Close() }, nil
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		packed, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
		if err != nil {
			return nil, nil, fmt.Errorf("read the layer: %w", err)
		}
		return packed, packed.Close, nil
	}
	return buffered, func() {}, nil
}
