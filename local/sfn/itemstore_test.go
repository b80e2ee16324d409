package sfn_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	pq "github.com/parquet-go/parquet-go"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/sfn"
)

// mapping is a machine with one distributed map over S3.
func mapping(fields string) string {
	return `{"StartAt":"M","States":{"M":{"Type":"Map","End":true,` + fields + `"ItemProcessor":{
"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}}`
}

func TestADistributedMapReadsFromS3AndWritesToIt(t *testing.T) {
	a := startAccount(t)
	a.bucket(t, "data", map[string]string{"in.json": `[{"n":1},{"n":2},{"n":3}]`, "in.csv": "id,name\n1,\"x, y\"\n2,ü\n", "in.jsonl": "1\n2\n"})
	const get, into = `"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"data","Key":"`,
		`"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"data","Prefix":"out"}},`
	for name, d := range map[string]struct{ fields, output string }{
		"json":  {get + `in.json"}},`, `[{"n":1},{"n":2},{"n":3}]`},
		"csv":   {get + `in.csv"},"ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW"}},`, `[{"id":"1","name":"x, y"},{"id":"2","name":"ü"}]`},
		"jsonl": {get + `in.jsonl"},"ReaderConfig":{"InputType":"JSONL"}},`, `[1,2]`},
	} {
		if got := a.finish(t, a.run(t, a.create(t, name, mapping(d.fields)), "", `{}`)); str(got.Output) != d.output {
			t.Errorf("%s: %s %s %s %s", name, got.Status, str(got.Output), str(got.Error), str(got.Cause))
		}
	}

	done := a.finish(t, a.run(t, a.create(t, "written", mapping(get+`in.json"}},`+into)), "", `{}`))
	var out struct{ ResultWriterDetails struct{ Bucket, Key string } }
	if err := json.Unmarshal([]byte(str(done.Output)), &out); err != nil || done.Status != types.ExecutionStatusSucceeded {
		t.Fatalf("%s %s %s: %v", done.Status, str(done.Error), str(done.Cause), err)
	}
	var manifest struct {
		DestinationBucket string
		ResultFiles       map[string][]struct {
			Key  string
			Size int
		}
	}
	if err := json.Unmarshal([]byte(a.read(t, "data", out.ResultWriterDetails.Key)), &manifest); err != nil {
		t.Fatal(err)
	}
	if files := manifest.ResultFiles["SUCCEEDED"]; len(files) != 1 {
		t.Fatalf("manifest %+v", manifest)
	}
	file := manifest.ResultFiles["SUCCEEDED"][0]
	content := a.read(t, "data", file.Key)
	var results []struct{ Output string }
	if err := json.Unmarshal([]byte(content), &results); err != nil || len(content) != file.Size || len(results) != 3 || results[2].Output != `{"n":3}` {
		t.Errorf("results %s: %v", content, err)
	}

	missing := a.finish(t, a.run(t, a.create(t, "missing", mapping(get+`none.json"}},`)), "", `{}`))
	if str(missing.Error) != asl.ErrorItemReaderFailed || !strings.Contains(str(missing.Cause), "s3://data/none.json") {
		t.Errorf("an object that is not there: %s %s", str(missing.Error), str(missing.Cause))
	}
}

// zipped is a text as gzip compresses it.
func zipped(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestADistributedMapReadsEveryKindOfDataSet(t *testing.T) {
	var rows bytes.Buffer
	w := pq.NewGenericWriter[struct {
		ID   int64  `parquet:"id"`
		Name string `parquet:"name"`
	}](&rows, pq.Compression(&pq.Zstd))
	if _, err := w.Write([]struct {
		ID   int64  `parquet:"id"`
		Name string `parquet:"name"`
	}{{1, "x"}, {2, "y"}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var long strings.Builder // of more than is asked for at once
	for i := range 60_000 {
		fmt.Fprintf(&long, "{\"i\":%d,\"text\":%q}\n", i, strings.Repeat("x", 80))
	}
	a := startAccount(t)
	a.bucket(t, "data", map[string]string{
		"in.jsonl.gz": zipped(t, "1\n2\n"), "in.parquet": rows.String(), "bad.parquet": "PAR1", "p/1.json": `[1,2]`, "p/2.json": `[3]`,
		"athena.csv": "s3://data/in.parquet\n", "long.jsonl": long.String(), "bad.gz": "x",
		"inventory.json": `{"destinationBucket":"arn:aws:s3:::data","fileFormat":"CSV","fileSchema":"Bucket, Key","files":[{"key":"i.csv.gz"}]}`,
		"i.csv.gz":       zipped(t, "\"b\",\"k\"\n"),
	})
	get := func(key, config string) string {
		return `"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"data","Key":"` + key + `"},"ReaderConfig":{` + config + `}},`
	}
	for i, c := range []struct{ fields, output, cause string }{
		{get("in.jsonl.gz", `"InputType":"JSONL"`), `[1,2]`, ""},
		{get("in.parquet", `"InputType":"PARQUET"`), `[{"id":1,"name":"x"},{"id":2,"name":"y"}]`, ""},
		{get("athena.csv", `"InputType":"PARQUET","ManifestType":"ATHENA_DATA","MaxItems":1`), `[{"id":1,"name":"x"}]`, ""},
		{get("inventory.json", `"ManifestType":"S3_INVENTORY"`), `[{"Bucket":"b","Key":"k"}]`, ""},
		{`"ItemReader":{"Resource":"arn:aws:states:::s3:listObjectsV2","Parameters":{"Bucket":"data","Prefix":"p/"},"ReaderConfig":{"InputType":"JSON","Transformation":"LOAD_AND_FLATTEN"}},`, `[1,2,3]`, ""},
		{get("long.jsonl", `"InputType":"JSONL"`) + `"ItemSelector":{"i.$":"$$.Map.Item.Value.i"},"ItemBatcher":{"MaxItemsPerBatch":10000},"ResultSelector":{"n.$":"States.ArrayLength($)"},` +
			`"ResultWriter":{"WriterConfig":{"Transformation":"FLATTEN"}},`, "", "exceeding the maximum number of bytes"},
		{get("bad.parquet", `"InputType":"PARQUET"`), "", "s3://data/bad.parquet: the file is no readable Parquet file"},
		{get("bad.gz", `"InputType":"JSONL"`), "", "s3://data/bad.gz: decompress"},
		{`"ItemReader":{"Resource":"arn:aws:states:::s3:listObjectsV2","Parameters":{"Bucket":"none"}},`, "", "NoSuchBucket"},
	} {
		got := a.finish(t, a.run(t, a.create(t, fmt.Sprint("m", i), mapping(c.fields)), "", `{}`))
		if str(got.Output) != c.output || !strings.Contains(str(got.Cause), c.cause) || (c.cause == "") != (got.Cause == nil) {
			t.Errorf("%s: %s %s, error %s %s", c.fields, got.Status, str(got.Output), str(got.Error), str(got.Cause))
		}
		if strings.Contains(c.fields, "long.jsonl") {
			if d := a.mapRun(t, *got.ExecutionArn); d.ItemCounts.Succeeded != 60_000 || d.ExecutionCounts.Succeeded != 6 {
				t.Errorf("%+v, %+v", d.ItemCounts, d.ExecutionCounts)
			}
		}
	}
}

// TestAnObjectThatChangesIsNotReadOn overwrites an object while it is read.
func TestAnObjectThatChangesIsNotReadOn(t *testing.T) {
	a := startAccount(t)
	a.bucket(t, "data", map[string]string{"k": "0123456789"})
	o, err := sfn.ItemStore(a.objects).Open(t.Context(), asl.ObjectRef{Bucket: "data", Key: "k"})
	if err != nil || o.Size() != 10 {
		t.Fatal(err)
	}
	part := make([]byte, 4)
	if n, err := o.ReadAt(part, 8); n != 2 || !errors.Is(err, io.EOF) || string(part[:2]) != "89" {
		t.Errorf("the end: %d bytes %q, %v", n, part, err)
	}
	if n, err := o.ReadAt(part, 2); n != 4 || err != nil || string(part) != "2345" {
		t.Errorf("a part: %d bytes %q, %v", n, part, err)
	}
	if _, err := o.ReadAt(part, 10); !errors.Is(err, io.EOF) {
		t.Errorf("beyond the end: %v", err)
	}
	a.put(t, "data", "k", "9876543210")
	if _, err := o.ReadAt(part, 2); err == nil || !strings.Contains(err.Error(), "PreconditionFailed") {
		t.Errorf("after it changed: %v", err)
	}
	if _, err := sfn.ItemStore(a.objects).Open(t.Context(), asl.ObjectRef{Bucket: "data", Key: "none"}); err == nil {
		t.Error("an object that is not there")
	}
}

func TestADistributedMapListsABucketToItsEnd(t *testing.T) {
	a := startAccount(t)
	objects := map[string]string{}
	for i := range 1001 { // one more than a page has
		objects[fmt.Sprintf("p/%04d", i)] = "x"
	}
	a.bucket(t, "data", objects)
	var all []asl.ListedObject
	err := sfn.ItemStore(a.objects).List(t.Context(), asl.ObjectRef{Bucket: "data", Key: "p/"}, func(o asl.ListedObject) error {
		all = append(all, o)
		return nil
	})
	if err != nil || len(all) != len(objects) {
		t.Fatalf("%d objects, %v", len(all), err)
	}
	if first := all[0]; first.Key != "p/0000" || first.Size != 1 || first.StorageClass != "STANDARD" || !strings.HasPrefix(first.ETag, `"`) || first.LastModified.IsZero() {
		t.Errorf("an object is listed as %+v", first)
	}
}
