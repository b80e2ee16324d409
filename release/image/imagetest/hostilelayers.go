package imagetest

import (
	"archive/tar"
	"bytes"
	"fmt"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// Damaged is a layer that cannot be read, and what the refusal says.
type Damaged struct {
	Name   string
	Layer  []byte
	Reason string
}

// DamagedLayers are layers that are cut off, altered, or none.
func DamagedLayers() []Damaged {
	good := Tar(page(), File(webRoot+"a", Noise(2000)))
	damaged := func(data []byte, at int) []byte {
		data = bytes.Clone(data)
		data[at] ^= 0x55
		return data
	}
	sparse := Tar(page(), File(webRoot+"s", ""))
	sparse[1024+156] = tar.TypeGNUSparse
	copy(sparse[1024+257:], "ustar  \x00")
	checksum(sparse[1024:])
	return []Damaged{
		{"no tar", []byte(strings.Repeat("this is not a tar ", 100)), "is damaged"},
		{"no tar, packed", Gzip([]byte(strings.Repeat("this is not a tar ", 100))), "is damaged"},
		{"a tar cut off in a header", good[:1300], "is damaged"},
		{"a tar cut off in a file", good[:2000], "is damaged"},
		{"gzip cut off", Gzip(good)[:1000], "is damaged"},
		{"gzip cut off in its header", Gzip(good)[:5], "is damaged"},
		{"gzip with other content", damaged(Gzip(good), 500), "is damaged"},
		{"gzip with another checksum", damaged(Gzip(good), len(Gzip(good))-6), "is damaged"},
		{"gzip with something behind it", append(Gzip(good), "behind"...), "is damaged"},
		{"zstd cut off", Zstd(good)[:1000], "is damaged"},
		{"zstd with other content", damaged(Zstd(good), 500), "is damaged"},
		{"zstd with a window of 64 MiB", Zstd(make([]byte, 65<<20), zstd.WithWindowSize(64<<20), zstd.WithSingleSegment(false)), "window"},
		{"a header with another checksum", damaged(good, 10), "is damaged"},
		{"a header with a size below 0", size(good, []byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")), "is damaged"},
		{"a header with a size beyond all", size(good, []byte("\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff")), "is damaged"},
		{"a sparse file", sparse, `entry "s" is a sparse file`},
		{"bzip2", []byte("BZh91AY&SY" + strings.Repeat("x", 600)), "is damaged"},
		{"nothing", nil, "no web root"},
		{"nothing, packed", Gzip(nil), "no web root"},
	}
}

// size is a tar whose first header says another size.
func size(layer, size []byte) []byte {
	layer = bytes.Clone(layer)
	copy(layer[124:136], size)
	checksum(layer)
	return layer
}

// checksum makes a header's checksum right again.
func checksum(header []byte) {
	copy(header[148:], "        ")
	sum := 0
	for _, b := range header[:512] {
		sum += int(b)
	}
	copy(header[148:], fmt.Sprintf("%06o\x00 ", sum))
}
