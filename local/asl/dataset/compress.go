package dataset

import (
	"compress/gzip"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// maxWindow is how much of a zstd stream a decoder looks back on: what zstd
// itself allows unless it is told otherwise.
const maxWindow = 128 << 20

// Decompress returns what a file holds, which is compressed when its name ends
// in .gz, .zst or .zstd. Whoever reads it bounds it: it may be far larger than
// the file. It is to be closed.
func Decompress(name string, r io.Reader) (io.ReadCloser, error) {
	switch {
	case strings.HasSuffix(name, ".gz"):
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, fmt.Errorf("decompress %s: %w", name, err)
		}
		return z, nil
	case strings.HasSuffix(name, ".zst"), strings.HasSuffix(name, ".zstd"):
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, fmt.Errorf("decompress %s: %w", name, err)
		}
		return z.IOReadCloser(), nil
	default:
		return io.NopCloser(r), nil
	}
}
