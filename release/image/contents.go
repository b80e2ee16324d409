package image

import (
	"encoding/hex"
	"fmt"
	"sort"
	"strings"

	"github.com/mayfly-dev/mayfly/release"
)

// contents is a layer's table of contents: every name in it, of the site or
// not, because a link may lead anywhere in the image.
type contents struct {
	contentsHeader
	// entries are in the order of compare, a path at most once.
	entries []*entry
}

// contentsHeader is what a table says of its layer.
type contentsHeader struct {
	Format string `json:"format"`
	// Digest is of the packed layer.
	Digest string `json:"digest"`
	// Unpacked is the size of the layer's tar, in bytes.
	Unpacked int64 `json:"unpacked"`
	// Entries counts the lines that follow.
	Entries int `json:"entries"`
}

// entry is what a layer has at a path. There may be very many: the fields are
// in an order that takes little memory.
type entry struct {
	// Path has no slash at its beginning; the image's root is "".
	Path string `json:"path"`
	// Link is where a link leads, as the tar has it.
	Link string `json:"link,omitempty"`
	Size int64  `json:"size,omitempty"`
	// At is the entry's index among those of the tar.
	At   int32 `json:"at,omitempty"`
	Kind kind  `json:"kind"`
	// Opaque says that the folder hides what lower layers have in it.
	Opaque bool `json:"opaque,omitempty"`
	// Twice says that the layer has several things at the path, and that which
	// of them counts depends on who unpacks it.
	Twice bool `json:"twice,omitempty"`
	// SHA256, MD5 and Multipart are a file's digests, as package release has
	// them.
	SHA256    sum256 `json:"sha256,omitzero"`
	MD5       sum128 `json:"md5,omitzero"`
	Multipart string `json:"multipart,omitempty"`
}

// kind is what an entry is, by the letter that lists of files have for it.
type kind byte

const (
	kindFile   kind = '-'
	kindFolder kind = 'd'
	// kindWhiteout is the mark that lower layers have nothing at the path.
	kindWhiteout kind = 'w'
	kindSymlink  kind = 'l'
	kindHardlink kind = 'h'
	kindDevice   kind = 'c'
	kindPipe     kind = 'p'
	kindSparse   kind = 's'
	kindUnknown  kind = '?'
)

// MarshalText implements encoding.TextMarshaler.
func (k kind) MarshalText() ([]byte, error) { return []byte{byte(k)}, nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *kind) UnmarshalText(text []byte) error {
	if len(text) != 1 {
		return fmt.Errorf("kind %q", text)
	}
	*k = kind(text[0])
	return nil
}

// describe names a kind that no site may have.
func (k kind) describe() string {
	switch k {
	case kindDevice:
		return "a device"
	case kindPipe:
		return "a named pipe"
	case kindSparse:
		return "a sparse file"
	default:
		return "of an unknown kind"
	}
}

func (e *entry) digest() release.Digest {
	return release.Digest{
		Size: e.Size, SHA256: hex.EncodeToString(e.SHA256[:]), MD5: hex.EncodeToString(e.MD5[:]), Multipart: e.Multipart,
	}
}

// look returns the entry at a path, if there is one, and whether the layer has
// something below the path.
func (c *contents) look(path string) (found *entry, below bool) {
	i := c.from(path)
	if i < len(c.entries) && c.entries[i].Path == path {
		found = c.entries[i]
		i++
	}
	return found, i < len(c.entries) && isBelow(c.entries[i].Path, path)
}

// from returns the index of the first entry that is not before a path.
func (c *contents) from(path string) int {
	return sort.Search(len(c.entries), func(i int) bool { return compare(c.entries[i].Path, path) >= 0 })
}

// isBelow reports whether a path is below a folder.
func isBelow(path, of string) bool {
	return of == "" && path != "" || len(path) > len(of) && path[len(of)] == '/' && strings.HasPrefix(path, of)
}

// compare orders paths so that everything below a folder follows the folder at
// once: a slash comes before any other byte.
func compare(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if x, y := a[i], b[i]; x != y {
			switch {
			case x == '/':
				return -1
			case y == '/':
				return 1
			case x < y:
				return -1
			default:
				return 1
			}
		}
	}
	return len(a) - len(b)
}

// sum256 and sum128 are digests that take little memory, and are written in
// hexadecimal.
type (
	sum256 [32]byte
	sum128 [16]byte
)

// MarshalText implements encoding.TextMarshaler.
func (s sum256) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, s[:]), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *sum256) UnmarshalText(text []byte) error { return decode(s[:], text) }

// MarshalText implements encoding.TextMarshaler.
func (s sum128) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, s[:]), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *sum128) UnmarshalText(text []byte) error { return decode(s[:], text) }

// decode fills a digest of a known length.
func decode(to, text []byte) error {
	if hex.DecodedLen(len(text)) != len(to) {
		return hex.ErrLength
	}
	_, err := hex.Decode(to, text)
	return err
}
