package image

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/mayfly-dev/mayfly/release"
)

// maxWindow is how far back a layer packed by zstd may refer, which is memory:
// builders stay at 8 MiB, as zstd does up to its level 19.
const maxWindow = 8 << 20

// unpack returns the tar of a layer, by the layer's first bytes: its media
// type is only what somebody says, and no program that runs images believes it.
// What is returned is to be closed.
func unpack(packed *bufio.Reader) (io.ReadCloser, error) {
	magic, err := packed.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		return gzip.NewReader(packed)
	case isZstd(magic):
		reader, err := zstd.NewReader(packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, err
		}
		return reader.IOReadCloser(), nil
	default:
		return io.NopCloser(packed), nil
	}
}

// isZstd reports whether a frame of zstd begins so, or one that is to be
// skipped.
func isZstd(magic []byte) bool {
	return bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}) ||
		len(magic) == 4 && magic[0]&0xf0 == 0x50 && bytes.Equal(magic[1:], []byte{0x2a, 0x4d, 0x18})
}

// meter stands behind the unpacking and stops a bomb.
type meter struct {
	reader io.Reader
	blob   *blob
	limits release.Limits
	// most is how much may come out, in bytes.
	most int64
	out  int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.reader.Read(p)
	m.out += int64(n)
	if err != nil && err != io.EOF {
		return n, m.fault(err)
	}
	layer := short(m.blob.says.Digest)
	if m.out > m.most {
		return 0, refuse("", "layer %s makes the image unpack to more than %s", layer, showBytes(m.limits.TotalBytes))
	}
	if m.out > m.limits.RatioFrom && m.out/max(m.blob.offset, 1) >= m.limits.Ratio {
		return 0, refuse("", "layer %s unpacks to more than %d times its size", layer, m.limits.Ratio)
	}
	return n, err
}

// fault tells a blob that could not be read from one that cannot be unpacked.
func (m *meter) fault(err error) error {
	if m.blob.err != nil {
		return &originError{m.blob.err}
	}
	layer := short(m.blob.says.Digest)
	if errors.Is(err, zstd.ErrWindowSizeExceeded) {
		return refuse("", "layer %s is packed so that unpacking takes a window of more than %s; pack it without --long and --ultra", layer, showBytes(maxWindow))
	}
	return refuse("", "layer %s is damaged: %v", layer, err)
}

// originError is an error of the place that a layer comes from, or a rule that
// the layer's bytes break: nothing that the reader of a tar could have found.
type originError struct{ error }

// Unwrap returns the cause.
func (e *originError) Unwrap() error { return e.error }
