package asl_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/klauspost/compress/zstd"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/asltest"
)

// rows is a RowReader of files whose rows stand one in each line.
type rows struct{}

func (rows) ReadRows(r io.ReaderAt, size int64, each func([]byte) error) error {
	text := make([]byte, size)
	if _, err := r.ReadAt(text, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !bytes.HasPrefix(text, []byte("PAR1\n")) {
		return errors.New("no Parquet file")
	}
	for line := range bytes.Lines(text[5:]) {
		if err := each(bytes.TrimSpace(line)); err != nil {
			return err
		}
	}
	return nil
}

func zipped(text string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = io.WriteString(w, text) // to memory
	_ = w.Close()                  // to memory
	return out.String()
}

func packed(t *testing.T, text string) string {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(w.EncodeAll([]byte(text), nil))
}

// dataSets is a bucket b of what item readers read.
func dataSets(t *testing.T) *bucket {
	t.Helper()
	return &bucket{objects: map[string]string{
		"b/a.json": `[1,2,3]`, "b/o.json": `{"y":1,"x":2}`, "b/deep.json": `{"a":{"1":[{"k":[7,8]}]}}`, "b/number.json": `5`,
		"b/lines": "1\n\n2\n3\n", "b/lines.gz": zipped("1\n2\n"), "b/lines.zst": packed(t, "1\n2\n"), "b/bad.gz": "1\n",
		"b/csv": "id,name\n1,\"x, y\"\n2\n3,z,more\n", "b/bare.csv": "1|x\n2|y\n", "b/row.parquet": "PAR1\n{\"n\":1}\n{\"n\":2}\n",
		"b/p/1.jsonl": "1\n2\n", "b/p/2.jsonl": "3\n", "b/p/folder/": "", "b/q/1.json": `{"r":[4]}`, "b/q/2.json": `{"r":[5]}`,
		"b/athena.csv": "s3://b/p/1.jsonl\n\"s3://b/p/2.jsonl\"\n", "b/athena2.csv": "s3://b/p/1.jsonl\ns3://b/none\n",
		"b/inventory.json": `{"sourceBucket":"s","destinationBucket":"arn:aws:s3:::b","fileFormat":"CSV","fileSchema":"Bucket, Key, Size","files":[{"key":"i/1.csv.gz"},{"key":"i/2.csv"}]}`,
		"b/i/1.csv.gz":     zipped("\"s\",\"k%201\",\"10\"\n"), "b/i/2.csv": "\"s\",\"k2\",\"20\"\n",
	}}
}

func TestItemReaders(t *testing.T) {
	reader := func(action, parameters, config string) string {
		if config != "" {
			config = `,"ReaderConfig":{` + config + `}`
		}
		return `"ItemReader":{"Resource":"arn:aws:states:::s3:` + action + `","Parameters":{"Bucket":"b",` + parameters + `}` + config + `},`
	}
	file := func(key, config string) string { return reader("getObject", `"Key":"`+key+`"`, config) }
	const source = `"ItemSelector":{"i.$":"$$.Map.Item.Index","v.$":"$$.Map.Item.Value","s.$":"$$.Map.Item.Source"},`
	for _, c := range []struct{ does, fields, input, output, cause string }{
		{"JSON", file("a.json", ""), `{}`, `[1,2,3]`, ""},
		{"JSON with its source", file("a.json", `"MaxItems":1`) + source, `{}`, `[{"i":0,"v":1,"s":"s3://b/a.json"}]`, ""},
		{"a JSON object", file("o.json", `"InputType":"JSON"`), `{}`, `[{"Key":"y","Value":1},{"Key":"x","Value":2}]`, ""},
		{"a JSON object with its keys", file("o.json", "") + `"ItemSelector":{"k.$":"$$.Map.Item.Key","v.$":"$$.Map.Item.Value"},`, `{}`, `[{"k":"y","v":1},{"k":"x","v":2}]`, ""},
		{"a pointer through keys that look like numbers", file("deep.json", `"InputType":"JSON","ItemsPointer":"/a/1/0/k"`), `{}`, `[7,8]`, ""},
		{"a pointer to nothing", file("deep.json", `"InputType":"JSON","ItemsPointer":"/a/0"`), `{}`, "", "s3://b/deep.json: the data set has no /a/0"},
		{"JSON that is no list", file("number.json", ""), `{}`, "", "s3://b/number.json: the data set is neither an array nor an object"},
		{"an object that is not there", file("none", ""), `{}`, "", "s3://b/none: file does not exist"},
		{"JSON lines", file("lines", `"InputType":"JSONL"`), `{}`, `[1,2,3]`, ""},
		{"JSON lines that are none", file("csv", `"InputType":"JSONL"`), `{}`, "", "s3://b/csv: line 1"},
		{"MaxItems", file("lines", `"InputType":"JSONL","MaxItems":2`), `{}`, `[1,2]`, ""},
		{"MaxItemsPath", file("lines", `"InputType":"JSONL","MaxItemsPath":"$.n"`), `{"n":1}`, `[1]`, ""},
		{"as many items as MaxItems", file("lines", `"InputType":"JSONL","MaxItems":3`), `{}`, `[1,2,3]`, ""},
		{"gzip", file("lines.gz", `"InputType":"JSONL"`), `{}`, `[1,2]`, ""},
		{"zstd", file("lines.zst", `"InputType":"JSONL"`), `{}`, `[1,2]`, ""},
		{"gzip that is none", file("bad.gz", `"InputType":"JSONL"`), `{}`, "", "s3://b/bad.gz: decompress bad.gz: "},
		{"CSV", file("csv", `"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW"`), `{}`, `[{"id":"1","name":"x, y"},{"id":"2","name":""},{"id":"3","name":"z"}]`, ""},
		{"CSV whose headers are given", file("bare.csv", `"InputType":"CSV","CSVHeaderLocation":"GIVEN","CSVHeaders":["a","b"],"CSVDelimiter":"PIPE"`), `{}`, `[{"a":"1","b":"x"},{"a":"2","b":"y"}]`, ""},
		{"MaxItems, which does not count the headers", file("csv", `"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW","MaxItems":1`), `{}`, `[{"id":"1","name":"x, y"}]`, ""},
		{"Parquet", file("row.parquet", `"InputType":"PARQUET"`), `{}`, `[{"n":1},{"n":2}]`, ""},
		{"Parquet that is none", file("csv", `"InputType":"PARQUET"`), `{}`, "", "s3://b/csv: no Parquet file"},
		{"objects", reader("listObjectsV2", `"Prefix":"q/"`, ""), `{}`,
			`[{"Etag":"\"e\"","Key":"q/1.json","LastModified":1700000000,"Size":9,"StorageClass":"STANDARD"},{"Etag":"\"e\"","Key":"q/2.json","LastModified":1700000000,"Size":9,"StorageClass":"STANDARD"}]`, ""},
		{"objects with their source", reader("listObjectsV2", `"Prefix.$":"$.p"`, `"MaxItems":1`) + `"ItemSelector":{"k.$":"$$.Map.Item.Value.Key","s.$":"$$.Map.Item.Source"},`, `{"p":"q/"}`, `[{"k":"q/1.json","s":"s3://b"}]`, ""},
		{"the items in objects", reader("listObjectsV2", `"Prefix":"p/"`, `"InputType":"JSONL","Transformation":"LOAD_AND_FLATTEN"`) + source, `{}`,
			`[{"i":0,"v":1,"s":"s3://b/p/1.jsonl"},{"i":1,"v":2,"s":"s3://b/p/1.jsonl"},{"i":2,"v":3,"s":"s3://b/p/2.jsonl"}]`, ""},
		{"as many of the items in objects as are wanted", reader("listObjectsV2", `"Prefix":"p/"`, `"InputType":"JSONL","Transformation":"LOAD_AND_FLATTEN","MaxItems":1`), `{}`, `[1]`, ""},
		{"a pointer into objects", reader("listObjectsV2", `"Prefix":"q/"`, `"InputType":"JSON","Transformation":"LOAD_AND_FLATTEN","ItemsPointer":"/r"`), `{}`, `[4,5]`, ""},
		{"one of the objects is damaged", reader("listObjectsV2", `"Prefix":""`, `"InputType":"JSON","Transformation":"LOAD_AND_FLATTEN"`), `{}`, "", "Could not read the items of s3://b/athena.csv: "},
		{"a manifest of Athena", file("athena.csv", `"ManifestType":"ATHENA_DATA","InputType":"JSONL"`) + source, `{}`,
			`[{"i":0,"v":1,"s":"s3://b/p/1.jsonl"},{"i":1,"v":2,"s":"s3://b/p/1.jsonl"},{"i":2,"v":3,"s":"s3://b/p/2.jsonl"}]`, ""},
		{"a manifest that names nothing", file("athena2.csv", `"ManifestType":"ATHENA_DATA","InputType":"JSONL"`), `{}`, "", "Could not read the items of s3://b/none: "},
		{"a manifest that is none", file("csv", `"ManifestType":"ATHENA_DATA","InputType":"JSONL"`), `{}`, "", "Could not read the manifest s3://b/csv: the manifest: row 1"},
		{"an S3 inventory", file("inventory.json", `"ManifestType":"S3_INVENTORY"`), `{}`, `[{"Bucket":"s","Key":"k%201","Size":"10"},{"Bucket":"s","Key":"k2","Size":"20"}]`, ""},
		{"an S3 inventory by its older name", file("inventory.json", `"InputType":"MANIFEST","MaxItems":1`) + source, `{}`, `[{"i":0,"v":{"Bucket":"s","Key":"k%201","Size":"10"},"s":"s3://b/i/1.csv.gz"}]`, ""},
		{"an S3 inventory that is none", file("a.json", `"ManifestType":"S3_INVENTORY"`), `{}`, "", "Could not read the manifest s3://b/a.json: "},
		{"a key in the input", `"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket.$":"$.b","Key.$":"$.k"}},`, `{"b":"b","k":"a.json"}`, `[1,2,3]`, ""},
		{"a key after InputPath", `"InputPath":"$.in","ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"b","Key.$":"$.k"}},`, `{"in":{"k":"a.json"}}`, `[1,2,3]`, ""},
		{"a key that is computed", `"QueryLanguage":"JSONata","ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Arguments":{"Bucket":"b","Key":"{% 'a.' & 'json' %}"},"ReaderConfig":{"MaxItems":"{% 1+1 %}"}},`, `{}`, `[1,2]`, ""},
		{"no Bucket", `"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Key":"k"}},`, `{}`, "", "the parameters name no Bucket"},
		{"no Key", `"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"k"}},`, `{}`, "", "the parameters name no Key"},
		{"no parameters", `"ItemReader":{"Resource":"arn:aws:states:::s3:getObject"},`, `{}`, "", "the parameters name no Bucket"},
		{"a parameter that is none", file(`a.json","Colour":"red`, ""), `{}`, "", `unknown field "Colour"`},
		{"a parameter of the wrong type", reader("getObject", `"Key":1`, ""), `{}`, "", "the parameters make no sense"},
	} {
		t.Run(c.does, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := engine(t, asl.Options{Items: dataSets(t), Parquet: rows{}})
				got, err := asltest.RunOn(t.Context(), e, machine(t, mapping("STANDARD", c.fields, keepStates)), c.input)
				if err != nil {
					t.Fatal(err)
				}
				if got.Output != c.output || !strings.Contains(got.Cause, c.cause) || c.cause != "" && got.Error != asl.ErrorItemReaderFailed {
					t.Errorf("output %s, error %s %s", got.Output, got.Error, got.Cause)
				}
			})
		})
	}
}

func TestItemsOfTheInput(t *testing.T) {
	for _, c := range []struct{ does, fields, input, output, failed string }{
		{"their context", `"ItemSelector":{"item.$":"$$.Map.Item","state.$":"$$.State.Name","execution.$":"$$.Execution.Name"},`, `["a"]`,
			`[{"item":{"Index":0,"Value":"a","Source":"STATE_DATA"},"state":"M","execution":"n"}]`, ""},
		{"the members of an object", `"ItemSelector":{"item.$":"$$.Map.Item"},`, `{"k":{"a":1}}`, `[{"item":{"Index":0,"Key":"k","Value":{"a":1},"Source":"STATE_DATA"}}]`, ""},
		{"their context in JSONata", `"QueryLanguage":"JSONata","Items":"{% [5] %}","ItemSelector":{"item":"{% $states.context.Map.Item %}","in":"{% $states.input %}"},`, `{"x":1}`,
			`[{"item":{"Index":0,"Value":5,"Source":"STATE_DATA"},"in":{"x":1}}]`, ""},
		{"the members of an object in JSONata", `"QueryLanguage":"JSONata","Items":{"k":1},"ItemSelector":"{% $states.context.Map.Item.Key %}",`, `{}`, `["k"]`, ""},
		{"nothing that can be listed", ``, `5`, "", asl.ErrorRuntime},
		{"a selector that finds nothing", `"ItemSelector":{"v.$":"$.none"},`, `[1]`, "", asl.ErrorRuntime},
	} {
		t.Run(c.does, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := engine(t, asl.Options{})
				started, err := e.Start(t.Context(), asl.StartInput{Machine: machine(t, mapping("STANDARD", c.fields, keepStates)), MachineARN: machineARN, Name: "n", Input: []byte(c.input)})
				if err != nil {
					t.Fatal(err)
				}
				got, err := e.Wait(t.Context(), started.ExecutionARN)
				if err != nil || string(got.Output) != c.output || got.Error != c.failed {
					t.Errorf("output %s, error %s %s, %v", got.Output, got.Error, got.Cause, err)
				}
				if want := "state 'M' (entered at the event id #2)"; c.failed != "" && !strings.Contains(got.Cause, want) {
					t.Errorf("cause %s", got.Cause)
				}
			})
		})
	}
}

func TestBatches(t *testing.T) {
	for _, c := range []struct{ does, fields, input, output, failed string }{
		{"of so many items", `"ItemBatcher":{"MaxItemsPerBatch":2},`, `[1,2,3]`, `[{"Items":[1,2]},{"Items":[3]}]`, ""},
		{"of so many items as the input says", `"ItemsPath":"$.items","ItemBatcher":{"MaxItemsPerBatchPath":"$.n"},`, `{"n":3,"items":[1,2,3]}`, `[{"Items":[1,2,3]}]`, ""},
		{"of so many bytes", `"ItemBatcher":{"MaxInputBytesPerBatch":17},`, `[1,22,333,4]`, `[{"Items":[1,22]},{"Items":[333,4]}]`, ""},
		{"of one byte less", `"ItemBatcher":{"MaxInputBytesPerBatch":16},`, `[1,22,333,4]`, `[{"Items":[1,22]},{"Items":[333]},{"Items":[4]}]`, ""},
		{"of both", `"ItemBatcher":{"MaxItemsPerBatch":3,"MaxInputBytesPerBatch":17},`, `[1,2,3,4,55555]`, `[{"Items":[1,2,3]},{"Items":[4]},{"Items":[55555]}]`, ""},
		{"of the bytes that the input says", `"ItemsPath":"$.items","ItemBatcher":{"MaxInputBytesPerBatchPath":"$.n"},`, `{"n":15,"items":[1,2]}`, `[{"Items":[1,2]}]`, ""},
		{"with an input", `"ItemsPath":"$.items","ItemBatcher":{"MaxItemsPerBatch":2,"BatchInput":{"a.$":"$.a","b":2}},`, `{"a":1,"items":[1]}`, `[{"BatchInput":{"a":1,"b":2},"Items":[1]}]`, ""},
		{"with an input in JSONata", `"QueryLanguage":"JSONata","Items":[1,2],"ItemBatcher":{"MaxItemsPerBatch":"{% 1+1 %}","BatchInput":{"a":"{% $states.input.a %}"}},`, `{"a":1}`, `[{"BatchInput":{"a":1},"Items":[1,2]}]`, ""},
		{"after the selector", `"ItemSelector":{"i.$":"$$.Map.Item.Index"},"ItemBatcher":{"MaxItemsPerBatch":2},`, `[7,8,9]`, `[{"Items":[{"i":0},{"i":1}]},{"Items":[{"i":2}]}]`, ""},
		{"an item that is too large", `"ItemBatcher":{"MaxInputBytesPerBatch":15},`, `["123456"]`, "", asl.ErrorDataLimitExceeded},
		{"of nothing", `"ItemBatcher":{"MaxItemsPerBatch":2},`, `[]`, `[]`, ""},
		{"of the members of an object", `"ItemBatcher":{"MaxItemsPerBatch":2},`, `{"k":1,"l":2}`, `[{"Items":[{"Key":"k","Value":1},{"Key":"l","Value":2}]}]`, ""},
	} {
		t.Run(c.does, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := engine(t, asl.Options{})
				got, err := asltest.RunOn(t.Context(), e, machine(t, mapping("STANDARD", c.fields, keepStates)), c.input)
				if err != nil || got.Output != c.output || got.Error != c.failed {
					t.Errorf("output %.200s, error %s %s, %v", got.Output, got.Error, got.Cause, err)
				}
			})
		})
	}
}

// TestChildExecutionsTakeNoMoreThan256KiB has items that a data set may have and
// a child execution may not.
func TestChildExecutionsTakeNoMoreThan256KiB(t *testing.T) {
	text := strings.Repeat("x", asl.MaxPayload)
	store := &bucket{objects: map[string]string{"b/k": `["` + text + `"]`}}
	e := engine(t, asl.Options{Items: store})
	const reader = `"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"b","Key":"k"}},`
	for fields, want := range map[string]string{
		reader: asl.ErrorDataLimitExceeded,
		reader + `"ItemBatcher":{"MaxItemsPerBatch":1},`: asl.ErrorDataLimitExceeded,
		reader + `"ItemSelector":{"n":1},`:               "",
	} {
		got, err := asltest.RunOn(t.Context(), e, machine(t, mapping("STANDARD", fields, keepStates)), `{}`)
		if err != nil || got.Error != want {
			t.Errorf("%s: %s %s, %v", fields, got.Error, got.Cause, err)
		}
	}
}

func TestBatchesTakeNoMoreThan256KiB(t *testing.T) {
	big := `"` + strings.Repeat("x", 100_000) + `"`
	e := engine(t, asl.Options{Items: &bucket{objects: map[string]string{"b/k": `[` + big + `,` + big + `,` + big + `]`}}})
	got, err := asltest.RunOn(t.Context(), e, machine(t, mapping("STANDARD",
		`"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"b","Key":"k"}},"ItemBatcher":{"MaxItemsPerBatch":9},`,
		`"I":{"Type":"Pass","Parameters":{"n.$":"States.ArrayLength($.Items)"},"End":true}`)), `{}`)
	if err != nil || got.Output != `[{"n":2},{"n":1}]` {
		t.Errorf("output %s, error %s %s, %v", got.Output, got.Error, got.Cause, err)
	}
}

// TestWhatAMapRunHoldsIsBounded has more items than are held in memory.
func TestWhatAMapRunHoldsIsBounded(t *testing.T) {
	store := &bucket{objects: map[string]string{"b/k": strings.Repeat("1234567\n", 1000)}}
	e := engine(t, asl.Options{Items: store, MapBytes: 6999})
	const reader = `"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"b","Key":"k"},"ReaderConfig":{"InputType":"JSONL"}},`
	got, err := asltest.RunOn(t.Context(), e, machine(t, mapping("STANDARD", reader, keepStates)), `{}`)
	if err != nil || got.Error != asl.ErrorItemReaderFailed || !strings.Contains(got.Cause, "more than 6999 bytes") {
		t.Errorf("%s %s, %v", got.Error, got.Cause, err)
	}
}

// TestADataSetThatChangedIsNoticed restarts an engine whose map run has items to
// start.
func TestADataSetThatChangedIsNoticed(t *testing.T) {
	const definition = `"MaxConcurrency":1,"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"b","Key":"k"}},`
	for content, want := range map[string]string{`[1,2]`: `[1,2]`, `[1,3]`: "", `[1,2,3]`: "", `no`: ""} {
		folder := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			store := &bucket{objects: map[string]string{"b/k": `[1,2]`}}
			e, err := asl.New(asl.Options{Journal: open(t, folder), Items: store})
			if err != nil {
				t.Fatal(err)
			}
			started, err := e.Start(t.Context(), asl.StartInput{Machine: machine(t, mapping("STANDARD", definition, `"I":{"Type":"Wait","Seconds":10,"End":true}`)), MachineARN: machineARN})
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
			store.objects["b/k"] = content
			if e, err = asl.New(asl.Options{Journal: open(t, folder), Items: store}); err != nil {
				t.Fatal(err)
			}
			got, err := e.Wait(t.Context(), started.ExecutionARN)
			if err != nil || string(got.Output) != want || want == "" && got.Error != asl.ErrorItemReaderFailed {
				t.Errorf("%s: %s, error %s %s, %v", content, got.Output, got.Error, got.Cause, err)
			}
			if err := e.Close(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestTasksReadAndWriteWhereThereIsNoStore runs a map on S3's SDK integrations.
func TestTasksReadAndWriteWhereThereIsNoStore(t *testing.T) {
	written := map[string]string{}
	e := engine(t, asl.Options{Tasks: asl.TaskFunc(func(_ context.Context, task asl.Task) ([]byte, error) {
		var in struct{ Bucket, Key, Prefix, Body, ContinuationToken string }
		if err := json.Unmarshal(task.Input, &in); err != nil {
			return nil, err
		}
		switch {
		case strings.HasSuffix(task.Resource, ":getObject") && in.Key == "none":
			return nil, &asl.TaskError{Name: "S3.NoSuchKeyException", Cause: "not there"}
		case strings.HasSuffix(task.Resource, ":getObject"):
			return []byte(`{"Body":"[1,2]"}`), nil
		case strings.HasSuffix(task.Resource, ":putObject"):
			written[in.Key] = in.Body
			return []byte(`{}`), nil
		case strings.HasSuffix(task.Resource, ":listObjectsV2") && in.ContinuationToken == "":
			return []byte(`{"Contents":[{"Key":"1","Size":1,"LastModified":"2026-01-01T00:00:00Z"}],"NextContinuationToken":"t"}`), nil
		case strings.HasSuffix(task.Resource, ":listObjectsV2"):
			return []byte(`{"Contents":[{"Key":"2","Size":1}]}`), nil
		}
		return nil, errors.New(task.Resource)
	})})
	for _, c := range []struct{ fields, output, failed string }{
		{`"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"b","Key":"k"}},`, `[1,2]`, ""},
		{`"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"b","Key":"none"}},`, "", asl.ErrorItemReaderFailed},
		{`"ItemReader":{"Resource":"arn:aws:states:::s3:listObjectsV2","Parameters":{"Bucket":"b"}},"ItemSelector":{"k.$":"$$.Map.Item.Value.Key"},`, `[{"k":"1"},{"k":"2"}]`, ""},
	} {
		got, err := asltest.RunOn(t.Context(), e, machine(t, mapping("STANDARD", c.fields, keepStates)), `{}`)
		if err != nil || got.Output != c.output || got.Error != c.failed {
			t.Errorf("%s: output %s, error %s %s, %v", c.fields, got.Output, got.Error, got.Cause, err)
		}
	}
	got, err := asltest.RunOn(t.Context(), e, machine(t, mapping("STANDARD",
		`"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b"}},`, keepStates)), `[1]`)
	if err != nil || got.Status != asl.StatusSucceeded || len(written) != 2 {
		t.Errorf("%+v, wrote %v, %v", got, fmt.Sprint(written), err)
	}
}
