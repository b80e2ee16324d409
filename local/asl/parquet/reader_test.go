package parquet_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"

	"github.com/mayfly-dev/mayfly/local/asl/parquet"
)

// read gathers the rows of a file, one in each line.
func read(file []byte) (string, error) {
	var lines []string
	err := parquet.Reader{}.ReadRows(bytes.NewReader(file), int64(len(file)), func(row []byte) error {
		if !json.Valid(row) {
			return fmt.Errorf("%q is no JSON", row)
		}
		lines = append(lines, string(row))
		return nil
	})
	return strings.Join(lines, "\n"), err
}

// file writes rows as a Parquet file.
func file[T any](t testing.TB, rows []T, options ...pq.WriterOption) []byte {
	t.Helper()
	var out bytes.Buffer
	w := pq.NewGenericWriter[T](&out, options...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func text(s string) *string { return &s }

func TestRowsBecomeObjects(t *testing.T) {
	type inner struct {
		X int32   `parquet:"x"`
		Y *string `parquet:"y,optional"`
	}
	day := time.Date(2024, 2, 29, 13, 14, 15, 123456789, time.UTC)
	for _, c := range []struct {
		does string
		file []byte
		want string
	}{
		{"nothing", file(t, []inner{}), ""},
		{"numbers and texts", file(t, []struct {
			B bool    `parquet:"b"`
			I int64   `parquet:"i"`
			U uint64  `parquet:"u"`
			V uint32  `parquet:"v"`
			F float32 `parquet:"f"`
			D float64 `parquet:"d"`
			S string  `parquet:"s"`
			R []byte  `parquet:"r"`
		}{{true, -5, 1 << 63, 1 << 31, 1.5, 0.1, `a "ü"`, []byte{0xff, 0}}}),
			`{"b":true,"i":-5,"u":9223372036854775808,"v":2147483648,"f":1.5,"d":0.1,"s":"a \"ü\"","r":"/wA="}`},
		{"what is not there", file(t, []struct {
			A *int64  `parquet:"a,optional"`
			B *string `parquet:"b,optional"`
			C *inner  `parquet:"c,optional"`
		}{{}, {B: text(""), C: &inner{X: 1}}, {C: &inner{Y: text("z")}}}),
			`{"a":null,"b":null,"c":null}` + "\n" + `{"a":null,"b":"","c":{"x":1,"y":null}}` + "\n" + `{"a":null,"b":null,"c":{"x":0,"y":"z"}}`},
		{"lists", file(t, []struct {
			L []int64   `parquet:"l,list"`
			R []string  `parquet:"r"`
			G []inner   `parquet:"g,list"`
			N [][]int32 `parquet:"n,list"`
		}{{}, {L: []int64{1, 2}, R: []string{"a"}, G: []inner{{X: 1}, {X: 2, Y: text("q")}}}}),
			`{"l":[],"r":[],"g":[],"n":[]}` + "\n" + `{"l":[1,2],"r":["a"],"g":[{"x":1,"y":null},{"x":2,"y":"q"}],"n":[]}`},
		{"maps", file(t, []struct {
			M map[string]int64 `parquet:"m"`
			N map[int64]inner  `parquet:"n"`
		}{{}, {M: map[string]int64{"k": 1}, N: map[int64]inner{7: {X: 1}}}}),
			`{"m":{},"n":{}}` + "\n" + `{"m":{"k":1},"n":{"7":{"x":1,"y":null}}}`},
		{"times", file(t, []struct {
			Milli time.Time `parquet:"milli,timestamp(millisecond)"`
			Micro time.Time `parquet:"micro,timestamp(microsecond)"`
			Nano  time.Time `parquet:"nano,timestamp(nanosecond)"`
			Date  int32     `parquet:"date,date"`
		}{{day, day, day, 19782}, {time.Unix(-1, 5e8), time.Unix(-1, 0), time.Unix(0, 0), -1}}),
			`{"milli":"2024-02-29T13:14:15.123Z","micro":"2024-02-29T13:14:15.123456Z","nano":"2024-02-29T13:14:15.123456789Z","date":"2024-02-29"}` + "\n" +
				`{"milli":"1969-12-31T23:59:59.5Z","micro":"1969-12-31T23:59:59Z","nano":"1970-01-01T00:00:00Z","date":"1969-12-31"}`},
		{"decimals and UUIDs", file(t, []struct {
			D int64    `parquet:"d,decimal(2:9)"`
			E int32    `parquet:"e,decimal(0:5)"`
			F [4]byte  `parquet:"f,decimal(3:9)"`
			U [16]byte `parquet:"u,uuid"`
		}{{12345, 7, [4]byte{0xff, 0xff, 0xff, 0xfe}, [16]byte{0x12, 15: 0xab}}, {-5, -7, [4]byte{0, 0, 4, 210}, [16]byte{}}}),
			`{"d":123.45,"e":7,"f":-0.002,"u":"12000000-0000-0000-0000-0000000000ab"}` + "\n" + `{"d":-0.05,"e":-7,"f":1.234,"u":"00000000-0000-0000-0000-000000000000"}`},
	} {
		t.Run(c.does, func(t *testing.T) {
			got, err := read(c.file)
			if err != nil || got != c.want {
				t.Errorf("got\n%s\n%v", got, err)
			}
		})
	}
}

// many is rows enough for several pages and row groups.
type many struct {
	N int64    `parquet:"n"`
	D string   `parquet:"d,dict"`
	P string   `parquet:"p,delta"`
	L []string `parquet:"l,list"`
	O *float64 `parquet:"o,optional"`
}

func TestEveryCompressionAndPageVersion(t *testing.T) {
	rows := make([]many, 5000)
	var want []string
	for i := range rows {
		rows[i] = many{N: int64(i) * 7, D: fmt.Sprint("value ", i%10), P: fmt.Sprintf("prefix/%06d", i)}
		l, o := "[]", "null"
		if i%3 == 0 {
			rows[i].L, l = []string{"a", "b"}, `["a","b"]`
		}
		if i%2 == 0 {
			f := float64(i) / 2
			rows[i].O, o = &f, fmt.Sprint(i/2)
		}
		if i%2 == 0 && i > 0 {
			o = strings.TrimSuffix(fmt.Sprint(float64(i)/2), ".0")
		}
		want = append(want, fmt.Sprintf(`{"n":%d,"d":"value %d","p":"prefix/%06d","l":%s,"o":%s}`, i*7, i%10, i, l, o))
	}
	for name, codec := range map[string]compress.Codec{"none": &pq.Uncompressed, "snappy": &pq.Snappy, "gzip": &pq.Gzip, "zstd": &pq.Zstd} {
		for _, version := range []int{1, 2} {
			got, err := read(file(t, rows, pq.Compression(codec), pq.DataPageVersion(version), pq.PageBufferSize(4<<10), pq.MaxRowsPerRowGroup(1000)))
			if err != nil || got != strings.Join(want, "\n") {
				t.Errorf("%s, version %d: %v\n%.300s", name, version, err, got)
			}
		}
	}
	for name, codec := range map[string]compress.Codec{"brotli": &pq.Brotli, "lz4": &pq.Lz4Raw} {
		if _, err := read(file(t, rows[:10], pq.Compression(codec))); !errors.Is(err, parquet.ErrNotParquet) || !strings.Contains(err.Error(), "only GZIP, SNAPPY and ZSTD") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAReceiverEndsTheReading(t *testing.T) {
	enough, n := errors.New("enough"), 0
	rows := file(t, make([]many, 1000))
	err := parquet.Reader{}.ReadRows(bytes.NewReader(rows), int64(len(rows)), func([]byte) error {
		if n++; n == 100 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || n != 100 {
		t.Errorf("%d rows, %v", n, err)
	}
}
