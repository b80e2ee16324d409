package edge

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/andybalholm/brotli"
)

// encoding is how a body is encoded on the way to the viewer.
type encoding int

const (
	identity encoding = iota
	gzipped
	brotlied
)

var encodingNames = [...]string{"", "gzip", "br"}

// variant is an entry's body in one encoding, and prepared bytes of the answer.
type variant struct {
	making   sync.Mutex
	encoded  atomic.Pointer[[]byte] // empty: encoding does not make it smaller
	prepared atomic.Pointer[prepared]
}

const (
	leastCompressed = 1000
	mostCompressed  = 10_000_000
)

// compressedTypes are the content types that CloudFront compresses.
var compressedTypes = makeSet(
	"application/dash+xml", "application/eot", "application/font", "application/font-sfnt", "application/javascript",
	"application/json", "application/opentype", "application/otf", "application/pdf", "application/pkcs7-mime",
	"application/protobuf", "application/rss+xml", "application/truetype", "application/ttf",
	"application/vnd.apple.mpegurl", "application/vnd.mapbox-vector-tile", "application/vnd.ms-fontobject",
	"application/wasm", "application/xhtml+xml", "application/xml", "application/x-font-opentype",
	"application/x-font-truetype", "application/x-font-ttf", "application/x-httpd-cgi", "application/x-javascript",
	"application/x-mpegurl", "application/x-opentype", "application/x-otf", "application/x-perl", "application/x-ttf",
	"font/eot", "font/opentype", "font/otf", "font/ttf", "image/svg+xml", "text/css", "text/csv", "text/html",
	"text/javascript", "text/js", "text/plain", "text/richtext", "text/tab-separated-values", "text/xml",
	"text/x-component", "text/x-java-source", "text/x-script", "vnd.apple.mpegurl",
)

func makeSet(names ...string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, n := range names {
		set[n] = true
	}
	return set
}

// compressible says whether CloudFront would compress the answer.
func (e *entry) compressible() bool {
	if e.status != 200 || len(e.body) < leastCompressed || len(e.body) > mostCompressed || e.header.Get("Content-Encoding") != "" {
		return false
	}
	kind, _, _ := strings.Cut(e.header.Get("Content-Type"), ";")
	return compressedTypes[strings.ToLower(strings.TrimSpace(kind))]
}

// accepted chooses the best encoding that an Accept-Encoding header and the
// behavior allow. Brotli goes before gzip, as at CloudFront.
func (b *behavior) accepted(header string) encoding {
	best := identity
	if header == "" || !b.gzip && !b.brotli {
		return best
	}
	for part := range strings.SplitSeq(header, ",") {
		name, parameters, _ := strings.Cut(strings.TrimSpace(part), ";")
		if q, ok := strings.CutPrefix(strings.ReplaceAll(parameters, " ", ""), "q="); ok {
			if weight, err := strconv.ParseFloat(q, 64); err != nil || weight == 0 {
				continue
			}
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "br":
			if b.brotli {
				return brotlied
			}
		case "gzip", "*":
			if b.gzip {
				best = gzipped
			}
		}
	}
	return best
}

// encode returns the entry's body in an encoding that is not identity, made at
// the first demand; or ok false when it would not be smaller.
func (c *cache) encode(e *entry, enc encoding) (body []byte, ok bool, err error) {
	v := &e.variants[enc]
	if made := v.encoded.Load(); made != nil {
		return *made, len(*made) > 0, nil
	}
	v.making.Lock()
	defer v.making.Unlock()
	if made := v.encoded.Load(); made != nil {
		return *made, len(*made) > 0, nil
	}
	made, err := compress(e.body, enc)
	if err != nil {
		return nil, false, fmt.Errorf("compress %s: %w", e.path, err)
	}
	if len(made) >= len(e.body) {
		made = nil
	}
	v.encoded.Store(&made)
	c.grown(e)
	return made, len(made) > 0, nil
}

func compress(body []byte, enc encoding) ([]byte, error) {
	var out bytes.Buffer
	var w io.WriteCloser
	if enc == brotlied {
		w = brotli.NewWriterLevel(&out, 5)
	} else {
		w = gzip.NewWriter(&out)
	}
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return bytes.Clone(out.Bytes()), nil
}
