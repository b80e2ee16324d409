package imagetest

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// Segment is a part of a blob that comes a number of times.
type Segment struct {
	Data  []byte
	Times int
}

// PutLarge keeps a blob that is made as it is read, so that it takes no more
// memory than its segments.
func (r *Repository) PutLarge(mediaType types.MediaType, segments ...Segment) v1.Descriptor {
	sum := sha256.New()
	size, err := io.Copy(sum, read(segments, 0))
	must(err)
	digest := "sha256:" + hex.EncodeToString(sum.Sum(nil))
	r.Replace(digest, []byte{})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.blobs[digest] = segments
	return v1.Descriptor{MediaType: mediaType, Size: size, Digest: hash(digest)}
}

// read reads segments from an offset on.
func read(segments []Segment, offset int64) io.Reader {
	var all []io.Reader
	for _, s := range segments {
		for range s.Times {
			skip := min(offset, int64(len(s.Data)))
			offset -= skip
			all = append(all, bytes.NewReader(s.Data[skip:]))
		}
	}
	return io.MultiReader(all...)
}

// LargeFile is a file of a layer packed by gzip: content, which is already
// packed and of a size that 512 divides, as often as it is said.
func LargeFile(name string, content []byte, packed []byte, times int) []Segment {
	var header bytes.Buffer
	must(tar.NewWriter(&header).WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(content)) * int64(times)}))
	return []Segment{{Gzip(header.Bytes()), 1}, {packed, times}}
}
