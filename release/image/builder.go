package image

import (
	"archive/tar"
	"encoding/hex"
	"io"
	"slices"
	"strings"

	"github.com/mayfly-dev/mayfly/release"
)

// builder makes a layer's table of contents out of the entries of its tar.
type builder struct {
	budget   *budget
	digester release.Digester
	entries  []*entry
	// block is where the next entries go: many in one piece of memory.
	block []entry
}

// add takes the next entry. Only names are judged here: what else may not be
// in a site may well be in the rest of an image.
func (b *builder) add(at int, header *tar.Header, content io.Reader) error {
	path, err := cleanPath(header.Name)
	if err != nil {
		return err
	}
	if header.Typeflag == tar.TypeXGlobalHeader {
		return b.budget.spend(0)
	}
	next := entry{Path: path, Kind: kindOf(header), At: int32(at)} //nolint:gosec // the budget ends before
	in, name := split(path)
	switch {
	case path == "" && next.Kind != kindFolder:
		return refuse(header.Name, "has an empty name")
	case name == opaqueName:
		next.Path, next.Kind, next.Opaque = in, kindFolder, true
	case strings.HasPrefix(name, reservedPrefix):
		return b.budget.spend(0)
	case strings.HasPrefix(name, whiteoutPrefix):
		hidden := strings.TrimPrefix(name, whiteoutPrefix)
		if hidden == "" || hidden == "." || hidden == ".." {
			return refuse(header.Name, "is a whiteout without a name")
		}
		next.Path, next.Kind = join(in, hidden), kindWhiteout
	case next.Kind == kindSymlink || next.Kind == kindHardlink:
		if next.Link = header.Linkname; len(next.Link) > maxPathBytes {
			return refuse(header.Name, "links to a name of %d bytes; Linux allows %d", len(next.Link), maxPathBytes)
		}
	case next.Kind == kindFile:
		if err := b.digest(&next, header, content); err != nil {
			return err
		}
	}
	if err := b.budget.spend(len(next.Path) + len(next.Link)); err != nil {
		return err
	}
	b.keep(next)
	return nil
}

func (b *builder) digest(e *entry, header *tar.Header, content io.Reader) error {
	digest, err := b.digester.Read(content, header.Size)
	if err != nil {
		return err
	}
	e.Size, e.Multipart = digest.Size, digest.Multipart
	if _, err := hex.Decode(e.SHA256[:], []byte(digest.SHA256)); err != nil {
		return err
	}
	_, err = hex.Decode(e.MD5[:], []byte(digest.MD5))
	return err
}

func (b *builder) keep(e entry) {
	const together = 512
	if len(b.block) == cap(b.block) {
		b.block = make([]entry, 0, together)
	}
	b.block = append(b.block, e)
	b.entries = append(b.entries, &b.block[len(b.block)-1])
}

// finish returns the entries in their order, each path once.
func (b *builder) finish() []*entry {
	slices.SortStableFunc(b.entries, func(x, y *entry) int { return compare(x.Path, y.Path) })
	out := b.entries[:0]
	for _, e := range b.entries {
		if n := len(out); n > 0 && out[n-1].Path == e.Path {
			out[n-1].meet(e)
			continue
		}
		out = append(out, e)
	}
	return out
}

// meet joins another entry of the same layer at the same path.
func (e *entry) meet(next *entry) {
	var merged entry
	switch {
	case e.Kind == kindFolder && next.Kind == kindFolder:
		merged = *e
		merged.Opaque = e.Opaque || next.Opaque
	case e.Kind == kindWhiteout && next.Kind == kindWhiteout:
		merged = *e
	case e.Kind == kindWhiteout:
		merged = *next
		merged.Opaque = merged.Opaque || merged.Kind == kindFolder
	case next.Kind == kindWhiteout:
		merged = *e
		merged.Opaque = merged.Opaque || merged.Kind == kindFolder
	default:
		merged = *next
		merged.Twice = true
	}
	merged.Twice = merged.Twice || e.Twice || next.Twice
	*e = merged
}

func kindOf(header *tar.Header) kind {
	for key := range header.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return kindSparse
		}
	}
	switch header.Typeflag {
	case tar.TypeReg:
		return kindFile
	case tar.TypeDir:
		return kindFolder
	case tar.TypeSymlink:
		return kindSymlink
	case tar.TypeLink:
		return kindHardlink
	case tar.TypeChar, tar.TypeBlock:
		return kindDevice
	case tar.TypeFifo:
		return kindPipe
	case tar.TypeGNUSparse:
		return kindSparse
	default:
		return kindUnknown
	}
}
