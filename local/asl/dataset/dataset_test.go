package dataset_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/mayfly-dev/mayfly/local/asl/dataset"
)

// read gathers what a reader gives, an item in each line.
func read(reader func(io.Reader, dataset.Each) error, r io.Reader) (string, error) {
	var items []string
	err := reader(r, func(item dataset.Item) error {
		text := string(item.Value)
		if item.Member {
			text = item.Key + "=" + text
		}
		items = append(items, text)
		return nil
	})
	return strings.Join(items, "\n"), err
}

func pointed(pointer string) func(io.Reader, dataset.Each) error {
	return func(r io.Reader, each dataset.Each) error { return dataset.JSON(r, pointer, each) }
}

func columns(c dataset.Columns) func(io.Reader, dataset.Each) error {
	if c.Delimiter == 0 {
		c.Delimiter = ','
	}
	return func(r io.Reader, each dataset.Each) error { return dataset.CSV(r, c, each) }
}

func TestDataSets(t *testing.T) {
	const deep = `{"a":{"7":[{"x/y":[1,2]},{"~":{"k":"v","l":[]}}]},"n":5}`
	for _, c := range []struct {
		does   string
		reader func(io.Reader, dataset.Each) error
		text   string
		want   string
		fails  string // a part of the error
	}{
		{"JSON array", pointed(""), ` [1, {"a": 2} ,"x",null] `, "1\n{\"a\": 2}\n\"x\"\nnull", ""},
		{"JSON after a byte order mark", pointed(""), "\xef\xbb\xbf[1]", "1", ""},
		{"JSON array of nothing", pointed(""), `[]`, "", ""},
		{"JSON object", pointed(""), `{"b":1,"a":{"c":[]}}`, "b=1\na={\"c\":[]}", ""},
		{"JSON that is a number", pointed(""), `7`, "", "neither an array nor an object"},
		{"JSON that is a string", pointed(""), `"[]"`, "", "neither an array nor an object"},
		{"nothing at all", pointed(""), ``, "", "ends at byte 0"},
		{"JSON without end", pointed(""), `[1,2`, "1\n2", "ends at byte"},
		{"JSON with a damaged item", pointed(""), `[1,{"a" 2}]`, "1", "at byte"},
		{"JSON with more after it", pointed(""), `[1] 2`, "1", "goes on after its end"},
		{"a pointer to an array", pointed("/a/7/0/x~1y"), deep, "1\n2", ""},
		{"a pointer to an object", pointed("/a/7/1/~0"), deep, "k=\"v\"\nl=[]", ""},
		{"a pointer through a key that looks like a number", pointed("/a/7"), deep, `{"x/y":[1,2]}` + "\n" + `{"~":{"k":"v","l":[]}}`, ""},
		{"a pointer to an element", pointed("/1"), `[[1],[2,3]]`, "2\n3", ""},
		{"a pointer to an empty key", pointed("/"), `{"":[1]}`, "1", ""},
		{"a pointer to a number", pointed("/n"), deep, "", "neither an array nor an object"},
		{"a pointer to nothing", pointed("/a/8"), deep, "", "has no /a/8"},
		{"a pointer beyond an array", pointed("/a/7/2"), deep, "", "has no /a/7/2"},
		{"a pointer with a leading zero", pointed("/a/7/00"), deep, "", "has no /a/7/00"},
		{"a pointer into a number", pointed("/n/0"), deep, "", "has no /n/0"},
		{"a pointer that is none", pointed("a"), deep, "", "begins with '/'"},
		{"a pointer with a bare tilde", pointed("/~2"), deep, "", "only as ~0 or ~1"},
		{"a pointer that is too long", pointed("/" + strings.Repeat("a", 2000)), deep, "", "at most 2000"},

		{"JSON lines", dataset.Lines, "1\r\n\n  {\"a\":2}  \n\n3", "1\n{\"a\":2}\n3", ""},
		{"JSON lines after a byte order mark", dataset.Lines, "\xef\xbb\xbf1\n", "1", ""},
		{"JSON lines of nothing", dataset.Lines, "", "", ""},
		{"JSON lines with a damaged one", dataset.Lines, "1\n\n{\n", "1", "line 3"},
		{"a JSON line of two", dataset.Lines, "1 2\n", "", "line 1"},

		{"CSV with headers", columns(dataset.Columns{}), "id,name\n1,x\n2,y\n", `{"id":"1","name":"x"}` + "\n" + `{"id":"2","name":"y"}`, ""},
		{"CSV with headers alone", columns(dataset.Columns{}), "id,name\n", "", ""},
		{"CSV of nothing", columns(dataset.Columns{}), "", "", ""},
		{"CSV after a byte order mark", columns(dataset.Columns{}), "\xef\xbb\xbfid\n1\n", `{"id":"1"}`, ""},
		{"CSV whose headers are given", columns(dataset.Columns{Headers: []string{"a", "b"}}), "1,2\n", `{"a":"1","b":"2"}`, ""},
		{"CSV without columns", columns(dataset.Columns{Headers: []string{}}), "1,2\n", `{}`, ""},
		{"CSV with missing cells", columns(dataset.Columns{}), "a,b,c\n1\n1,\n", `{"a":"1","b":"","c":""}` + "\n" + `{"a":"1","b":"","c":""}`, ""},
		{"CSV with cells too many", columns(dataset.Columns{}), "a\n1,2,3\n", `{"a":"1"}`, ""},
		{"CSV with empty lines", columns(dataset.Columns{}), "\n\na\n\n1\r\n\n2", `{"a":"1"}` + "\n" + `{"a":"2"}`, ""},
		{"CSV with an empty cell in quotes", columns(dataset.Columns{}), "a,b\n\"\",\n", `{"a":"","b":""}`, ""},
		{"CSV with quotes", columns(dataset.Columns{}), "a,b\n\"x, \"\"y\"\"\nz\",\"\"\"q\"\"\"\n", `{"a":"x, \"y\"\nz","b":"\"q\""}`, ""},
		{"CSV with doubled quotes outside of quotes", columns(dataset.Columns{}), "a,b\nabc,{\"\"k\"\":\"\"v\"\"}\n", `{"a":"abc","b":"{\"k\":\"v\"}"}`, ""},
		{"CSV with a quote in a cell", columns(dataset.Columns{}), "a\n5\" disk\n", `{"a":"5\" disk"}`, ""},
		{"CSV with more after the quotes", columns(dataset.Columns{}), "a\n\"x\"y\n", `{"a":"xy"}`, ""},
		{"CSV with backslashes", columns(dataset.Columns{}), `a,b,c,d` + "\n" + `x\,y,\"z\",\\,\n` + "\n", `{"a":"x,y","b":"\"z\"","c":"\\","d":"n"}`, ""},
		{"CSV that ends with a backslash", columns(dataset.Columns{}), "a\nx\\", `{"a":"x"}`, ""},
		{"CSV that ends within quotes", columns(dataset.Columns{}), "a\n1\n\"x\n", `{"a":"1"}`, "row 3: the file ends within a quoted cell"},
		{"CSV with columns of the same name", columns(dataset.Columns{}), "a,b,a\n1,2,3\n", `{"b":"2","a":"3"}`, ""},
		{"CSV with spaces, which are kept", columns(dataset.Columns{}), "a , b\n 1 ,\t2\n", `{"a ":" 1 "," b":"\t2"}`, ""},
		{"CSV with carriage returns", columns(dataset.Columns{}), "a\nx\ry\r\n", `{"a":"x\ry"}`, ""},
		{"CSV with bars", columns(dataset.Columns{Delimiter: '|'}), "a|b\n1,2|\"3|4\"\n", `{"a":"1,2","b":"3|4"}`, ""},
		{"CSV with tabs", columns(dataset.Columns{Delimiter: '\t'}), "a\tb\n1\t2\n", `{"a":"1","b":"2"}`, ""},
		{"CSV with headers too large", columns(dataset.Columns{}), strings.Repeat("h", dataset.MaxHeaders+1) + "\n1\n", "", "headers of the CSV file have 10241 bytes"},
		{"CSV that is no UTF-8", columns(dataset.Columns{}), "a\n\xff\n", `{"a":"` + "\ufffd" + `"}`, ""},
	} {
		t.Run(c.does, func(t *testing.T) {
			got, err := read(c.reader, strings.NewReader(c.text))
			if got != c.want {
				t.Errorf("got\n%s", got)
			}
			if (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
				t.Errorf("error %v, want %q", err, c.fails)
			}
		})
	}
}

func TestAReceiverEndsTheReading(t *testing.T) {
	enough := errors.New("enough")
	for name, reader := range map[string]func(io.Reader, dataset.Each) error{
		"JSON": pointed(""), "JSON lines": dataset.Lines, "CSV": columns(dataset.Columns{Headers: []string{"a"}}),
	} {
		text := map[string]string{"JSON": "[1,2,", "JSON lines": "1\n2\n{", "CSV": "1\n2\n\""}[name]
		n := 0
		err := reader(strings.NewReader(text), func(dataset.Item) error {
			if n++; n == 2 {
				return enough
			}
			return nil
		})
		if !errors.Is(err, enough) || n != 2 {
			t.Errorf("%s: %d items, %v", name, n, err)
		}
	}
}

// endless repeats a text for ever, after a beginning.
type endless struct {
	begin, text string
	at          int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.begin != "" {
		n := copy(p, e.begin)
		e.begin = e.begin[n:]
		return n, nil
	}
	n := copy(p, e.text[e.at:])
	for n < len(p) {
		n += copy(p[n:], e.text)
	}
	e.at = (e.at + len(p)) % len(e.text)
	return len(p), nil
}

// long repeats a text, so that an endless reader need not copy it in small pieces.
func long(text string) string { return strings.Repeat(text, 4096) }

// blank reads as nothing in particular, at no cost.
type blank struct{}

func (blank) Read(p []byte) (int, error) { return len(p), nil }

// TestHostileDataSetsFailByNameInLittleMemory reads ten gigabytes and more of
// what is no data set.
func TestHostileDataSetsFailByNameInLittleMemory(t *testing.T) {
	const most = 96 << 20
	for _, c := range []struct {
		does   string
		reader func(io.Reader, dataset.Each) error
		text   io.Reader
		fails  error
	}{
		{"a JSON string without end", pointed(""), &endless{begin: `["`, text: long("x")}, dataset.ErrItemTooLarge},
		{"a JSON item without end", pointed(""), &endless{begin: `[[`, text: long("1,")}, dataset.ErrItemTooLarge},
		{"a JSON key without end", pointed(""), &endless{begin: `{"`, text: long("x")}, dataset.ErrItemTooLarge},
		{"spaces without end", pointed(""), &endless{text: long(" ")}, dataset.ErrItemTooLarge},
		{"spaces within an array", pointed(""), &endless{begin: "[1", text: long(" ")}, dataset.ErrItemTooLarge},
		{"a long string that a pointer passes over", pointed("/b"), &endless{begin: `{"a":"`, text: long("x")}, dataset.ErrItemTooLarge},
		{"a JSON line without end", dataset.Lines, &endless{text: long("x")}, dataset.ErrItemTooLarge},
		{"a CSV cell without end", columns(dataset.Columns{}), &endless{text: long("x")}, dataset.ErrItemTooLarge},
		{"a quoted CSV cell without end", columns(dataset.Columns{Headers: []string{"a"}}), &endless{begin: `"`, text: long("x\n")}, dataset.ErrItemTooLarge},
		{"a CSV row without end", columns(dataset.Columns{Headers: []string{"a"}}), &endless{text: long(",")}, dataset.ErrItemTooLarge},
		{"an array that nests without end", pointed("/x"), &endless{text: long("[")}, nil},
	} {
		t.Run(c.does, func(t *testing.T) {
			before := allocated()
			_, err := read(c.reader, dataset.Bounded(c.text))
			if err == nil || c.fails != nil && !errors.Is(err, c.fails) {
				t.Errorf("error %v", err)
			}
			if grown := allocated() - before; grown > most {
				t.Errorf("allocated %d bytes", grown)
			}
		})
	}
}

func allocated() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.TotalAlloc
}

func TestCompressedDataSets(t *testing.T) {
	var zipped, packed bytes.Buffer
	z := gzip.NewWriter(&zipped)
	s, err := zstd.NewWriter(&packed)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []io.WriteCloser{z, s} {
		for range 1000 {
			if _, err := io.WriteString(w, "1\n"); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		file []byte
		n    int
		bad  bool
	}{
		{"a.jsonl", []byte("1\n2\n"), 2, false},
		{"a.jsonl.gz", zipped.Bytes(), 1000, false},
		{"a.jsonl.zst", packed.Bytes(), 1000, false},
		{"a.zstd", packed.Bytes(), 1000, false},
		{"plain.gz", []byte("1\n2\n"), 0, true},
		{"plain.zst", []byte("1\n2\n"), 0, true},
		{"cut.gz", zipped.Bytes()[:zipped.Len()/2], -1, true},
		{"cut.zst", packed.Bytes()[:packed.Len()/2], -1, true},
	} {
		n := 0
		r, err := dataset.Decompress(c.name, bytes.NewReader(c.file))
		if err == nil {
			err = dataset.Lines(r, func(dataset.Item) error { n++; return nil })
			_ = r.Close() // its errors are those of reading
		}
		if (err != nil) != c.bad || c.n >= 0 && n != c.n {
			t.Errorf("%s: %d items, %v", c.name, n, err)
		}
	}
}

// bomb is some megabytes that become many times as many.
func bomb(t *testing.T, name string, line string, times int) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	if strings.HasSuffix(name, ".gz") {
		w = gzip.NewWriter(&out)
	} else {
		s, err := zstd.NewWriter(&out)
		if err != nil {
			t.Fatal(err)
		}
		w = s
	}
	block := []byte(strings.Repeat(line, 1<<20/len(line)))
	for range times {
		if _, err := w.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestBombsFailInLittleMemory(t *testing.T) {
	for _, name := range []string{"b.gz", "b.zst"} {
		file := bomb(t, name, "x", 256)
		before := allocated()
		r, err := dataset.Decompress(name, bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		if err := dataset.Lines(r, func(dataset.Item) error { return nil }); !errors.Is(err, dataset.ErrItemTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
		_ = r.Close() // it was given up
		if grown := allocated() - before; grown > 64<<20 {
			t.Errorf("%s: allocated %d bytes", name, grown)
		}
		lines := bomb(t, name, "\n", 8) // eight million empty lines
		if r, err = dataset.Decompress(name, bytes.NewReader(lines)); err != nil {
			t.Fatal(err)
		}
		if got, err := read(dataset.Lines, r); got != "" || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		_ = r.Close() // it was read to its end
	}
}

func TestAFileOfTenGigabytesIsNotReadOn(t *testing.T) {
	if n, err := io.Copy(io.Discard, dataset.Bounded(blank{})); !errors.Is(err, dataset.ErrFileTooLarge) || n != dataset.MaxFile {
		t.Errorf("%d bytes, %v", n, err)
	}
	if n, err := io.Copy(io.Discard, dataset.Bounded(io.LimitReader(blank{}, dataset.MaxFile))); err != nil || n != dataset.MaxFile {
		t.Errorf("%d bytes, %v", n, err)
	}
}

func FuzzCSVGivesObjects(f *testing.F) {
	f.Add("a,b\n1,\"2\n\"\n")
	f.Add("\"a\"\"\\")
	f.Fuzz(func(t *testing.T, text string) {
		_ = dataset.CSV(strings.NewReader(text), dataset.Columns{Delimiter: ','}, func(item dataset.Item) error {
			if !json.Valid(item.Value) {
				t.Fatalf("%q", item.Value)
			}
			return nil
		})
	})
}

func FuzzJSONAgreesWithEncodingJSON(f *testing.F) {
	f.Add(`[1,{"a":[2]}]`)
	f.Add(`{"a":1}`)
	f.Fuzz(func(t *testing.T, text string) {
		var want []json.RawMessage
		whole := json.Unmarshal([]byte(text), &want) == nil && strings.HasPrefix(strings.TrimSpace(text), "[")
		got, err := read(pointed(""), strings.NewReader(text))
		if !whole {
			return
		}
		var lines []string
		for _, item := range want {
			lines = append(lines, string(item))
		}
		if err != nil || got != strings.Join(lines, "\n") {
			t.Fatalf("%q: %q, %v", text, got, err)
		}
	})
}

func TestManifests(t *testing.T) {
	const inventory = `{"sourceBucket":"source","destinationBucket":"arn:aws:s3:::reports","version":"2016-11-30","fileFormat":"CSV",
		"fileSchema":"Bucket, Key, Size","files":[{"key":"a.csv.gz","size":1,"MD5checksum":"x"},{"key":"b.csv.gz"}]}`
	for _, c := range []struct{ does, text, want, fails string }{
		{"an inventory", inventory, `{reports [Bucket Key Size] [a.csv.gz b.csv.gz]}`, ""},
		{"an inventory as ORC", strings.Replace(inventory, "CSV", "ORC", 1), "", `"ORC"`},
		{"an inventory without schema", strings.Replace(inventory, "fileSchema", "x", 1), "", "lacks"},
		{"an inventory without bucket", strings.Replace(inventory, "destinationBucket", "x", 1), "", "lacks"},
		{"a file without key", strings.Replace(inventory, `"key":"b.csv.gz"`, "", 1), "", "without key"},
		{"no JSON", "a,b", "", "not readable"},
	} {
		got, err := dataset.ReadInventory(strings.NewReader(c.text))
		if err == nil && fmt.Sprint(got) != c.want || (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%s: %v, %v", c.does, got, err)
		}
	}
	if _, err := dataset.ReadInventory(&endless{begin: `{"files":[`, text: `{"key":"a"},`}); err == nil || !strings.Contains(err.Error(), "64 MB") {
		t.Errorf("a manifest without end: %v", err)
	}
	for _, c := range []struct{ does, text, want, fails string }{
		{"an UNLOAD", "s3://b/p/1.csv\n\"s3://c/2,2\"\n", "b p/1.csv|c 2,2|", ""},
		{"an UNLOAD of nothing", "", "", ""},
		{"something else", "s3://b/1\nhttps://b/2\n", "b 1|", "row 2"},
		{"a bucket alone", "s3://b\n", "", "row 1"},
		{"no key", "s3://b/\n", "", "row 1"},
	} {
		got := ""
		err := dataset.Locations(strings.NewReader(c.text), func(bucket, key string) error {
			got += bucket + " " + key + "|"
			return nil
		})
		if got != c.want || (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%s: %s, %v", c.does, got, err)
		}
	}
}
