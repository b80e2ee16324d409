package image

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/mayfly-dev/mayfly/release/internal/lines"
)

// contentsFormat is the format of a table of contents. It changes with what a
// table says of a layer, so that older ones are made again.
const contentsFormat = "mayfly-contents/1"

// write returns the table as a document.
func (c *contents) write() ([]byte, error) {
	header := c.contentsHeader
	header.Format, header.Entries = contentsFormat, len(c.entries)
	const line = 72 // what an entry takes about, packed
	var out bytes.Buffer
	out.Grow(len(c.entries) * line)
	err := lines.Write(&out, header, func(yield func(any) bool) {
		for _, e := range c.entries {
			line := *e
			line.Path, line.Link = asText(e.Path), asText(e.Link)
			if !yield(&line) {
				return
			}
		}
	})
	return out.Bytes(), err
}

// readContents reads the table of the layer with a digest from its document.
func readContents(r io.Reader, digest string, budget *budget) (*contents, error) {
	var c contents
	decoder, err := lines.Read(r, &c.contentsHeader)
	switch {
	case err != nil:
		return nil, err
	case c.Format != contentsFormat:
		return nil, fmt.Errorf("format %q, not %q", c.Format, contentsFormat)
	case c.Digest != digest:
		return nil, fmt.Errorf("it is of layer %s", c.Digest)
	}
	b := builder{budget: budget}
	for range c.Entries {
		var e entry
		if err := decoder.Decode(&e); err != nil {
			return nil, lines.CutOff(err)
		}
		e.Path, e.Link = asName(e.Path), asName(e.Link)
		if n := len(b.entries); n > 0 && compare(b.entries[n-1].Path, e.Path) >= 0 {
			return nil, fmt.Errorf("%q is out of order", e.Path)
		}
		if err := budget.spend(len(e.Path) + len(e.Link)); err != nil {
			return nil, err
		}
		b.keep(e)
	}
	c.entries = b.entries
	return &c, lines.End(decoder)
}

// A name in a tar may be any bytes but zeros; JSON holds text. What is no text
// is written in hexadecimal behind a zero.

func asText(name string) string {
	if utf8.ValidString(name) {
		return name
	}
	return "\x00" + hex.EncodeToString([]byte(name))
}

func asName(text string) string {
	digits, ok := strings.CutPrefix(text, "\x00")
	if !ok {
		return text
	}
	name, err := hex.DecodeString(digits)
	if err != nil {
		return text // in no order, so that the table is made again
	}
	return string(name)
}
