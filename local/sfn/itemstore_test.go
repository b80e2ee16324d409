package sfn_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

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
