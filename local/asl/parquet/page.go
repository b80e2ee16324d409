package parquet

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

const (
	// maxHeader is how large a page's header may be; it may have the smallest and
	// the largest of its values.
	maxHeader = 1 << 20
	// maxPageValues is how many values a page may have.
	maxPageValues = 4 << 20
	// maxRepeated is how many values a row group's repeated columns may have
	// together: all of them may be in one row.
	maxRepeated = 16 << 20
)

// groupCheck checks the pages of a row group.
type groupCheck struct {
	r        io.ReaderAt
	size     int64
	bytes    int64 // of the pages so far
	repeated int64 // values so far in repeated columns
}

// column checks the pages of a column, as far as the metadata says that they go.
func (g *groupCheck) column(f *field, meta *format.ColumnMetaData) error {
	switch meta.Codec {
	case format.Uncompressed, format.Snappy, format.Gzip, format.Zstd:
	default:
		return damaged("it is compressed as %s, and only GZIP, SNAPPY and ZSTD can be read", meta.Codec)
	}
	base := meta.DataPageOffset
	if meta.DictionaryPageOffset != 0 {
		base = meta.DictionaryPageOffset
	}
	if base < int64(len(magic)) || meta.TotalCompressedSize < 0 || meta.TotalCompressedSize > g.size-base || base > g.size {
		return damaged("it is said to be outside of the file")
	}
	section := bufio.NewReaderSize(io.NewSectionReader(g.r, base, meta.TotalCompressedSize), maxHeader)
	for {
		if _, err := section.Peek(1); errors.Is(err, io.EOF) {
			return nil
		}
		if err := g.page(f, meta.Codec, section); err != nil {
			return err
		}
	}
}

func (g *groupCheck) page(f *field, codec format.CompressionCodec, section *bufio.Reader) error {
	head, err := section.Peek(maxHeader)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read a page: %w", err)
	}
	n, err := thriftStruct(head, 0)
	if err != nil {
		return damaged("a page's header: %w", err)
	}
	var header format.PageHeader
	if err := decode(head[:n], &header); err != nil {
		return damaged("a page's header: %w", err)
	}
	if _, err := section.Discard(n); err != nil {
		return fmt.Errorf("read a page: %w", err)
	}
	if header.CompressedPageSize < 0 || header.UncompressedPageSize < 0 {
		return damaged("a page is said to have less than no bytes")
	}
	g.bytes += int64(max(header.CompressedPageSize, header.UncompressedPageSize))
	if g.bytes > MaxRowGroup {
		return tooLarge("its pages have more than %d bytes", MaxRowGroup)
	}
	data := make([]byte, header.CompressedPageSize)
	if _, err := io.ReadFull(section, data); err != nil {
		return damaged("a page ends before it should: %w", err)
	}
	return g.content(f, codec, &header, data)
}

// content checks what a page holds, by what its header says.
func (g *groupCheck) content(f *field, codec format.CompressionCodec, header *format.PageHeader, data []byte) error {
	size := int(header.UncompressedPageSize)
	switch {
	case header.Type == format.DictionaryPage && header.DictionaryPageHeader != nil:
		n, err := count(header.DictionaryPageHeader.NumValues)
		if err != nil {
			return err
		}
		if data, err = inflate(codec, data, size); err != nil {
			return err
		}
		return f.checkValues(format.Plain, data, n)
	case header.Type == format.DataPage && header.DataPageHeader != nil:
		h := header.DataPageHeader
		n, err := g.values(f, h.NumValues)
		if err != nil {
			return err
		}
		if data, err = inflate(codec, data, size); err != nil {
			return err
		}
		for _, most := range [...]int{f.repetition, f.definition} {
			if most > 0 {
				if data, err = levelsV1(data, most, n); err != nil {
					return err
				}
			}
		}
		return f.checkValues(h.Encoding, data, n)
	case header.Type == format.DataPageV2 && header.DataPageHeaderV2 != nil:
		h := header.DataPageHeaderV2
		n, err := g.values(f, h.NumValues)
		if err != nil {
			return err
		}
		for _, levels := range [...]struct {
			size int32
			most int
		}{{h.RepetitionLevelsByteLength, f.repetition}, {h.DefinitionLevelsByteLength, f.definition}} {
			if levels.size < 0 || int(levels.size) > len(data) {
				return damaged("a page's levels are larger than the page")
			}
			if err := runs(data[:levels.size], bits.Len(uint(levels.most)), n); err != nil {
				return err
			}
			data, size = data[levels.size:], size-int(levels.size)
		}
		if h.IsCompressed == nil || *h.IsCompressed {
			if data, err = inflate(codec, data, size); err != nil {
				return err
			}
		}
		return f.checkValues(h.Encoding, data, n)
	default:
		return damaged("a page of an unknown kind")
	}
}

func count(n int32) (int, error) {
	if n < 0 {
		return 0, damaged("a page is said to have less than no values")
	}
	if n > maxPageValues {
		return 0, tooLarge("a page has %d values, and %d are allowed", n, maxPageValues)
	}
	return int(n), nil
}

func (g *groupCheck) values(f *field, n int32) (int, error) {
	if f.repetition > 0 {
		if g.repeated += int64(n); g.repeated > maxRepeated {
			return 0, tooLarge("its repeated columns have more than %d values", maxRepeated)
		}
	}
	return count(n)
}

// inflate decompresses a page, which must become as large as is said.
func inflate(codec format.CompressionCodec, data []byte, size int) ([]byte, error) {
	var r io.Reader
	switch codec {
	case format.Uncompressed:
		return data, nil
	case format.Snappy:
		n, err := snappy.DecodedLen(data)
		if err != nil || n != size {
			return nil, damaged("a page is not as large as it is said to be")
		}
		out, err := snappy.Decode(nil, data)
		if err != nil {
			return nil, damaged("a page: %w", err)
		}
		return out, nil
	case format.Gzip:
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, damaged("a page: %w", err)
		}
		r = z
	default:
		z, err := zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(MaxRowGroup))
		if err != nil {
			return nil, damaged("a page: %w", err)
		}
		defer z.Close()
		r = z
	}
	out := make([]byte, size)
	if _, err := io.ReadFull(r, out); err != nil {
		return nil, damaged("a page is not as large as it is said to be: %w", err)
	}
	if n, _ := r.Read(make([]byte, 1)); n > 0 {
		return nil, damaged("a page is larger than it is said to be")
	}
	return out, nil
}

// levelsV1 checks levels that their length precedes, and returns what follows.
func levelsV1(data []byte, most, values int) ([]byte, error) {
	if len(data) < 4 {
		return nil, damaged("a page without levels")
	}
	size := binary.LittleEndian.Uint32(data)
	if uint64(size) > uint64(len(data)-4) {
		return nil, damaged("a page's levels are larger than the page")
	}
	if err := runs(data[4:4+size], bits.Len(uint(most)), values); err != nil {
		return nil, err
	}
	return data[4+size:], nil
}

// runs checks that a run-length encoded text has no more values than it should;
// the last of them may fill up eight.
func runs(data []byte, width, values int) error {
	left := int64(values) + 7
	for len(data) > 0 {
		header, n := binary.Uvarint(data)
		if n <= 0 {
			return damaged("a run without length")
		}
		data = data[n:]
		length, size := int64(header>>1), (width+7)/8
		if header&1 != 0 { // groups of eight, packed
			if length > maxPageValues {
				return damaged("a run is longer than its page")
			}
			size, length = int(length)*width, 8*length
		}
		if length > left {
			return damaged("a run is longer than its page")
		}
		left -= length
		data = data[min(size, len(data)):]
	}
	return nil
}
