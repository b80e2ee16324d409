package parquet_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/mayfly-dev/mayfly/local/asl/parquet"
)

// page is a page as its header says it, and as it is.
type page struct {
	header format.PageHeader
	data   []byte
}

func marshal(t testing.TB, v any) []byte {
	t.Helper()
	out, err := thrift.Marshal(&thrift.CompactProtocol{}, v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func ended(body, footer []byte) []byte {
	out := append(slices.Clone(body), footer...)
	return append(binary.LittleEndian.AppendUint32(out, uint32(len(footer))), "PAR1"...)
}

// forge makes a file of one column.
func forge(t testing.TB, column format.SchemaElement, codec format.CompressionCodec, pages ...page) []byte {
	t.Helper()
	body := []byte("PAR1")
	for _, p := range pages {
		if p.header.CompressedPageSize == 0 {
			p.header.CompressedPageSize = int32(len(p.data))
		}
		if p.header.UncompressedPageSize == 0 {
			p.header.UncompressedPageSize = int32(len(p.data))
		}
		body = append(append(body, marshal(t, &p.header)...), p.data...)
	}
	column.Name = "c"
	one := int32(1)
	meta := format.ColumnMetaData{
		Type: *column.Type, PathInSchema: []string{"c"}, Codec: codec, NumValues: 1, DataPageOffset: 4,
		TotalCompressedSize: int64(len(body) - 4), TotalUncompressedSize: int64(len(body) - 4), Encoding: []format.Encoding{format.Plain},
	}
	if len(pages) > 0 && pages[0].header.Type == format.DictionaryPage {
		meta.DictionaryPageOffset = 4
	}
	return ended(body, marshal(t, &format.FileMetaData{
		Version: 1, Schema: []format.SchemaElement{{Name: "schema", NumChildren: &one}, column}, NumRows: 1,
		RowGroups: []format.RowGroup{{Columns: []format.ColumnChunk{{MetaData: meta}}, NumRows: 1}},
	}))
}

func element(kind format.Type, repetition format.FieldRepetitionType) format.SchemaElement {
	return format.SchemaElement{Type: &kind, RepetitionType: &repetition}
}

func v1(values int, encoding format.Encoding, data []byte) page {
	return page{header: format.PageHeader{Type: format.DataPage, DataPageHeader: &format.DataPageHeader{
		NumValues: int32(values), Encoding: encoding, DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE,
	}}, data: data}
}

// run is a run-length encoded run of zeros.
func run(length uint64) []byte { return append(binary.AppendUvarint(nil, length<<1), 0) }

// sized is a text after its length.
func sized(data []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(data))), data...)
}

func bomb(t *testing.T, size int) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}

func TestFilesThatLieFailByNameInLittleMemory(t *testing.T) {
	number, bytesOf := element(format.Int64, format.Required), element(format.ByteArray, format.Required)
	optional, repeated := element(format.Int64, format.Optional), element(format.Int64, format.Repeated)
	wide := element(format.FixedLenByteArray, format.Required)
	width := int32(math.MaxInt32)
	wide.TypeLength = &width
	broad := element(format.FixedLenByteArray, format.Required)
	mega := int32(1 << 20)
	broad.TypeLength = &mega

	dictionary := page{header: format.PageHeader{Type: format.DictionaryPage, DictionaryPageHeader: &format.DictionaryPageHeader{NumValues: 1}}, data: make([]byte, 8)}
	hugeDictionary := dictionary
	hugeDictionary.header.DictionaryPageHeader = &format.DictionaryPageHeader{NumValues: math.MaxInt32}
	sizes := func(p page, compressed, uncompressed int32) page {
		p.header.CompressedPageSize, p.header.UncompressedPageSize = compressed, uncompressed
		return p
	}
	v2 := func(values, repetition, definition int32, data []byte) page {
		return page{header: format.PageHeader{Type: format.DataPageV2, DataPageHeaderV2: &format.DataPageHeaderV2{
			NumValues: values, NumRows: 1, RepetitionLevelsByteLength: repetition, DefinitionLevelsByteLength: definition,
		}}, data: data}
	}
	growing := func() []byte { // values of which each begins as the one before it, and adds a byte
		const n = 100_000
		prefix, suffix := make([]int32, n), make([]int32, n)
		for i := range prefix {
			prefix[i], suffix[i] = int32(i), 1
		}
		e := &delta.BinaryPackedEncoding{}
		out, err := e.EncodeInt32(nil, prefix)
		if err != nil {
			t.Fatal(err)
		}
		lengths, err := e.EncodeInt32(nil, suffix)
		if err != nil {
			t.Fatal(err)
		}
		return append(append(out, lengths...), make([]byte, n)...)
	}
	var manyRuns []byte
	for range 1000 {
		manyRuns = append(manyRuns, run(16<<20)...)
	}
	elements := []byte{0x15, 0x02, 0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x07}
	valid := file(t, make([]many, 100))
	for _, c := range []struct {
		does  string
		file  []byte
		fails error
		says  string
	}{
		{"nothing", nil, parquet.ErrNotParquet, "it has 0 bytes"},
		{"no Parquet file", []byte("id,name\n1,x\n2,y\n"), parquet.ErrNotParquet, "does not end with PAR1"},
		{"the end alone", []byte("PAR1\x00\x00\x00\x00PAR1"), parquet.ErrNotParquet, ""},
		{"the beginning alone", valid[:len(valid)/2], parquet.ErrNotParquet, ""},
		{"a footer of gigabytes", append(valid[:len(valid)-8:len(valid)-8], "\xff\xff\xff\xffPAR1"...), parquet.ErrTooLarge, "footer has 4294967295 bytes"},
		{"a footer larger than the file", append(valid[:len(valid)-8:len(valid)-8], "\x00\x00\x10\x00PAR1"...), parquet.ErrNotParquet, "footer is larger"},
		{"two thousand million schema elements", ended([]byte("PAR1"), elements), parquet.ErrNotParquet, "claims more"},
		{"a footer that nests without end", ended([]byte("PAR1"), bytes.Repeat([]byte{0x1c}, 1000)), parquet.ErrNotParquet, "nests too deep"},
		{"a schema that nests without end", nested(t, 100), parquet.ErrTooLarge, "nested deeper"},
		{"a column outside of the file", moved(t, forge(t, number, format.Uncompressed), 1<<40), parquet.ErrNotParquet, "outside of the file"},
		{"a negative column", moved(t, forge(t, number, format.Uncompressed), -5), parquet.ErrNotParquet, "outside of the file"},
		{"a page of two thousand million values", forge(t, number, format.Uncompressed, v1(math.MaxInt32, format.Plain, make([]byte, 8))), parquet.ErrTooLarge, "2147483647 values"},
		{"a page of less than no values", forge(t, number, format.Uncompressed, v1(-1, format.Plain, nil)), parquet.ErrNotParquet, "less than no values"},
		{"a dictionary of two thousand million values", forge(t, number, format.Uncompressed, hugeDictionary), parquet.ErrTooLarge, "2147483647 values"},
		{"a page larger than the file", forge(t, number, format.Uncompressed, sizes(v1(1, format.Plain, make([]byte, 8)), 1<<20, 8)), parquet.ErrNotParquet, "ends before it should"},
		{"a page of gigabytes", forge(t, number, format.Uncompressed, sizes(v1(1, format.Plain, make([]byte, 8)), math.MaxInt32, 8)), parquet.ErrTooLarge, "more than 268435456 bytes"},
		{"a page that becomes gigabytes, as it says", forge(t, number, format.Gzip, sizes(v1(1, format.Plain, bomb(t, 1<<20)), 0, math.MaxInt32)), parquet.ErrTooLarge, "more than 268435456 bytes"},
		{"a page that becomes more than it says", forge(t, number, format.Gzip, sizes(v1(1, format.Plain, bomb(t, 256<<20)), 0, 8)), parquet.ErrNotParquet, "larger than it is said"},
		{"a page that becomes less than it says", forge(t, number, format.Gzip, sizes(v1(1, format.Plain, bomb(t, 8)), 0, 80)), parquet.ErrNotParquet, "not as large"},
		{"a snappy page that becomes gigabytes", forge(t, number, format.Snappy, sizes(v1(1, format.Plain, []byte{0xff, 0xff, 0xff, 0xff, 0x07, 0}), 0, 8)), parquet.ErrNotParquet, "not as large"},
		{"a page of a negative size", forge(t, number, format.Uncompressed, sizes(v1(1, format.Plain, nil), -1, -1)), parquet.ErrNotParquet, "less than no bytes"},
		{"a run of indexes without end", forge(t, number, format.Uncompressed, dictionary, v1(1, format.RLEDictionary, append([]byte{1}, run(16<<20)...))), parquet.ErrNotParquet, "longer than its page"},
		{"runs of indexes without end", forge(t, number, format.Uncompressed, dictionary, v1(4<<20, format.RLEDictionary, append([]byte{1}, manyRuns...))), parquet.ErrNotParquet, "longer than its page"},
		{"a packed run without end", forge(t, number, format.Uncompressed, dictionary, v1(1, format.RLEDictionary, append([]byte{1}, binary.AppendUvarint(nil, 1<<40|1)...))), parquet.ErrNotParquet, "longer than its page"},
		{"indexes of 200 bits", forge(t, number, format.Uncompressed, dictionary, v1(1, format.RLEDictionary, []byte{200, 2, 0})), parquet.ErrNotParquet, "2^200"},
		{"levels without end", forge(t, optional, format.Uncompressed, v1(1, format.Plain, append(sized(run(1<<30)), make([]byte, 8)...))), parquet.ErrNotParquet, "longer than its page"},
		{"levels larger than the page", forge(t, optional, format.Uncompressed, v1(1, format.Plain, []byte{0xff, 0xff, 0xff, 0xff, 0})), parquet.ErrNotParquet, "levels are larger"},
		{"levels without end in a newer page", forge(t, optional, format.Uncompressed, v2(1, 0, 6, append(run(1<<30), make([]byte, 8)...))), parquet.ErrNotParquet, "longer than its page"},
		{"levels larger than a newer page", forge(t, optional, format.Uncompressed, v2(1, 0, math.MaxInt32, nil)), parquet.ErrNotParquet, "levels are larger"},
		{"a row of a repeated column without end", forge(t, repeated, format.Uncompressed, slices.Repeat([]page{v1(4<<20, format.Plain, append(sized(nil), sized(nil)...))}, 5)...), parquet.ErrTooLarge, "repeated columns"},
		{"two thousand million differences", forge(t, number, format.Uncompressed, v1(1, format.DeltaBinaryPacked, []byte{0x80, 1, 4, 0xff, 0xff, 0xff, 0xff, 7, 0})), parquet.ErrNotParquet, "differences in a page"},
		{"differences in a block without end", forge(t, number, format.Uncompressed, v1(1, format.DeltaBinaryPacked, []byte{0xff, 0xff, 0xff, 0xff, 7, 4, 1, 0})), parquet.ErrNotParquet, "differences in blocks"},
		{"lengths without end", forge(t, bytesOf, format.Uncompressed, v1(1, format.DeltaLengthByteArray, []byte{0x80, 1, 4, 0xff, 0xff, 0xff, 0xff, 7, 0})), parquet.ErrNotParquet, "differences in a page"},
		{"values that grow and grow", forge(t, bytesOf, format.Uncompressed, v1(100_000, format.DeltaByteArray, growing())), parquet.ErrTooLarge, "values become larger"},
		{"values of two gigabytes", forge(t, wide, format.Uncompressed, v1(1, format.Plain, make([]byte, 8))), parquet.ErrTooLarge, "values of 2147483647 bytes"},
		{"many values of a megabyte", forge(t, broad, format.Uncompressed, dictionary, v1(4<<20, format.RLEDictionary, nil)), parquet.ErrTooLarge, "1048576 bytes each"},
		{"an encoding that is none", forge(t, number, format.Uncompressed, v1(1, format.Encoding(99), make([]byte, 8))), parquet.ErrNotParquet, "cannot be read"},
		{"a page of an unknown kind", forge(t, number, format.Uncompressed, page{header: format.PageHeader{Type: format.IndexPage}, data: []byte{1}}), parquet.ErrNotParquet, "unknown kind"},
		{"fewer pages than rows", forge(t, number, format.Uncompressed), nil, ""},
	} {
		t.Run(c.does, func(t *testing.T) {
			before := allocated()
			_, err := read(c.file)
			if c.fails != nil && !errors.Is(err, c.fails) || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v", err)
			}
			if grown := allocated() - before; grown > 64<<20 {
				t.Errorf("allocated %d bytes", grown)
			}
		})
	}
}

// nested is a file whose only column is so deep.
func nested(t *testing.T, depth int) []byte {
	t.Helper()
	one, kind := int32(1), format.Int64
	schema := []format.SchemaElement{{Name: "schema", NumChildren: &one}}
	required := format.Required
	for range depth {
		schema = append(schema, format.SchemaElement{Name: "g", NumChildren: &one, RepetitionType: &required})
	}
	schema = append(schema, format.SchemaElement{Name: "c", Type: &kind, RepetitionType: &required})
	return ended([]byte("PAR1"), marshal(t, &format.FileMetaData{Version: 1, Schema: schema}))
}

// moved is a file whose column is said to be elsewhere.
func moved(t *testing.T, of []byte, offset int64) []byte {
	t.Helper()
	f, err := pq.OpenFile(bytes.NewReader(of), int64(len(of)))
	if err != nil {
		t.Fatal(err)
	}
	meta := *f.Metadata()
	meta.RowGroups[0].Columns[0].MetaData.DataPageOffset = offset
	return ended([]byte("PAR1"), marshal(t, &meta))
}

// FuzzReadRows gives the reader damaged files: it must refuse them or not, and
// neither panic nor take much memory.
func FuzzReadRows(f *testing.F) {
	optional := 1.5
	rows := []many{{N: 1, D: "d", P: "p", L: []string{"a", "b"}, O: &optional}, {}}
	f.Add(file(f, rows))
	f.Add(file(f, rows, pq.DataPageVersion(1), pq.Compression(&pq.Zstd)))
	f.Add(forge(f, element(format.Int64, format.Repeated), format.Uncompressed, v1(1, format.Plain, append(append(sized(run(1)), sized([]byte{2, 1})...), make([]byte, 8)...))))
	f.Fuzz(func(t *testing.T, damaged []byte) {
		before := allocated()
		_, _ = read(damaged) // it may be anything
		if grown := allocated() - before; grown > 256<<20 {
			t.Fatalf("allocated %d bytes", grown)
		}
	})
}
