package asl_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// runID makes an engine's map runs have this name.
const runID = "11111111-2222-4333-8444-555555555555"

// written writes what a bucket has under out/, a key and its content in each line.
func (b *bucket) written() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var lines []string
	for key, content := range b.objects {
		if name, ok := strings.CutPrefix(key, "b/out/"+runID+"/"); ok {
			lines = append(lines, name+" "+content)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func writer(config string) string {
	if config != "" {
		config = `,"WriterConfig":{` + config + `}`
	}
	return `"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b","Prefix":"out"}` + config + `},`
}

// first and second are the names of the map run's first child executions, which
// are always the same.
const first, second = "fa95b08e-defa-30e0-b552-11be5c1bd988", "33b71c8a-d907-3443-a04e-0b357d45c386"

// firstRun is what tells an Express execution of that name from others.
const firstRun = "c6f8c10c-5c0a-3528-9959-28e7c90f0996"

func TestResultWriter(t *testing.T) {
	const run = `arn:aws:states:us-east-1:000000000000:mapRun:bench/m:` + runID
	const details = `{"MapRunArn":"` + run + `","ResultWriterDetails":{"Bucket":"b","Key":"out/` + runID + `/manifest.json"}}`
	manifest := func(failed, pending, succeeded string) string {
		return `manifest.json {"DestinationBucket":"b","MapRunArn":"` + run + `","ResultFiles":{"FAILED":[` + failed + `],"PENDING":[` + pending + `],"SUCCEEDED":[` + succeeded + `]}}`
	}
	file := func(name string, size int) string {
		return fmt.Sprintf(`{"Key":"out/%s/%s","Size":%d}`, runID, name, size)
	}
	entry := func(kind, name, input, rest string) string {
		arn := `arn:aws:states:us-east-1:000000000000:` + kind + `:bench/m:` + name
		return `"ExecutionArn":"` + arn + `","Input":"` + input + `","InputDetails":{"Included":true},"Name":"` + name + `",` + rest
	}
	for _, c := range []struct {
		does, definition, input string
		output, failed          string
		written                 string
	}{
		{
			does: "outputs alone", definition: mapping("STANDARD", writer(`"Transformation":"COMPACT"`), keepStates), input: `[1,"a"]`, output: details,
			written: "SUCCEEDED_0.json [1,\"a\"]\n" + manifest("", "", file("SUCCEEDED_0.json", 7)),
		},
		{
			does: "outputs line by line", definition: mapping("STANDARD", writer(`"Transformation":"COMPACT","OutputType":"JSONL"`), keepStates), input: `[1,{"a":2}]`, output: details,
			written: "SUCCEEDED_0.jsonl 1\n{\"a\":2}\n\n" + manifest("", "", file("SUCCEEDED_0.jsonl", 10)),
		},
		{
			does: "the elements of outputs", definition: mapping("STANDARD", writer(`"Transformation":"FLATTEN"`), keepStates), input: `[[1, 2],3,[],[4]]`, output: details,
			written: "SUCCEEDED_0.json [1,2,3,4]\n" + manifest("", "", file("SUCCEEDED_0.json", 9)),
		},
		{
			does: "the elements of outputs line by line", definition: mapping("STANDARD", writer(`"Transformation":"FLATTEN","OutputType":"JSONL"`),
				`"I":{"Type":"Pass","Parameters":{"copy.$":"$"},"Next":"J"},"J":{"Type":"Pass","Parameters":{"o.$":"States.Array($.copy,$)"},"OutputPath":"$.o","End":true}`),
			input: `[10,20]`, output: details,
			written: "SUCCEEDED_0.jsonl 10\n{\"copy\":10}\n20\n{\"copy\":20}\n\n" + manifest("", "", file("SUCCEEDED_0.jsonl", 30)),
		},
		{
			does: "nothing of nothing", definition: mapping("STANDARD", writer(""), keepStates), input: `[]`, output: details,
			written: manifest("", "", ""),
		},
		{
			does: "outputs in the state's output", definition: mapping("STANDARD", `"ResultWriter":{"WriterConfig":{"Transformation":"COMPACT"}},`, keepStates), input: `[1,[2]]`, output: `[1,[2]]`,
		},
		{
			does: "the elements of outputs in the state's output", definition: mapping("STANDARD", `"ResultWriter":{"WriterConfig":{"Transformation":"FLATTEN","OutputType":"JSON"}},`, keepStates), input: `[1,[2,3],[],[[4]]]`, output: `[1,2,3,[4]]`,
		},
		{
			does: "what is computed", definition: mapping("STANDARD", `"QueryLanguage":"JSONata","ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Arguments":{"Bucket":"b","Prefix":"{% 'o' & 'ut/' %}"},"WriterConfig":{"Transformation":"COMPACT"}},`, keepStates), input: `[1]`, output: details,
			written: "SUCCEEDED_0.json [1]\n" + manifest("", "", file("SUCCEEDED_0.json", 3)),
		},
		{
			does: "no Bucket", definition: mapping("STANDARD", `"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Prefix":"p"}},`, keepStates), input: `[1]`, failed: asl.ErrorResultWriterFailed,
		},
		{
			does: "everything, of a map that fails", definition: mapping("STANDARD", `"MaxConcurrency":1,`+writer(`"Transformation":"COMPACT"`), failing), input: `[2,1,4]`, failed: asl.ErrorExceedTolerated,
			written: `FAILED_0.json [{"Error":"Odd",` + entry("execution", second, "1", `"OutputDetails":{"Included":true},"RedriveCount":0,"RedriveStatus":"REDRIVABLE_BY_MAP_RUN","StartDate":"2000-01-01T00:00:00.000Z",`+
				`"StateMachineArn":"`+machineARN+`/m","Status":"FAILED","StopDate":"2000-01-01T00:00:00.000Z"}]`) +
				"\nPENDING_0.json [{\"Input\":\"4\",\"InputDetails\":{\"Included\":true},\"Status\":\"PENDING\"}]\nSUCCEEDED_0.json [2]\n" +
				manifest(file("FAILED_0.json", 483), file("PENDING_0.json", 67), file("SUCCEEDED_0.json", 3)),
		},
		{
			does: "what there is to know of Standard executions", definition: mapping("STANDARD", writer(""), keepStates), input: `["a"]`, output: details,
			written: `SUCCEEDED_0.json [{` + entry("execution", first, `\"a\"`, `"Output":"\"a\"","OutputDetails":{"Included":true},"RedriveCount":0,"RedriveStatus":"NOT_REDRIVABLE",`+
				`"RedriveStatusReason":"Execution is SUCCEEDED and cannot be redriven","StartDate":"2000-01-01T00:00:00.000Z","StateMachineArn":"`+machineARN+`/m","Status":"SUCCEEDED","StopDate":"2000-01-01T00:00:00.000Z"}]`) +
				"\n" + manifest("", "", file("SUCCEEDED_0.json", 556)),
		},
		{
			does: "what there is to know of Express executions", definition: mapping("EXPRESS", writer(""), keepStates), input: `["a"]`, output: details,
			written: "SUCCEEDED_0.json [{" + strings.Replace(entry("express", first, `\"a\"`, `"Output":"\"a\"","OutputDetails":{"Included":true},"RedriveCount":0,"StartDate":"2000-01-01T00:00:00.000Z",`+
				`"StateMachineArn":"`+machineARN+`/m","Status":"SUCCEEDED","StopDate":"2000-01-01T00:00:00.000Z"}]`), first+`","Input`, first+":"+firstRun+`","Input`, 1) +
				"\n" + manifest("", "", file("SUCCEEDED_0.json", 488)),
		},
	} {
		t.Run(c.does, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &bucket{objects: map[string]string{}}
				e := engine(t, asl.Options{Items: store, Tasks: asl.TaskFunc(odd), NewID: func() string { return runID }})
				execution := startOne(t, e, c.definition, c.input)
				got, err := e.Wait(t.Context(), execution)
				if err != nil || string(got.Output) != c.output || got.Error != c.failed {
					t.Errorf("output %s, error %s %s, %v", got.Output, got.Error, got.Cause, err)
				}
				if written := store.written(); written != c.written {
					t.Errorf("wrote\n%s\nwant\n%s", written, c.written)
				}
			})
		})
	}
}

func TestResultsOfARedriveStandBesideThoseOfTheFirst(t *testing.T) {
	for _, stopped := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			store, tasks := &bucket{objects: map[string]string{}}, &workshop{}
			e := engine(t, asl.Options{Items: store, Tasks: tasks, NewID: func() string { return runID }})
			execution := startOne(t, e, mapping("STANDARD", `"MaxConcurrency":1,`+writer(`"Transformation":"COMPACT","OutputType":"JSONL"`),
				`"I":{"Type":"Choice","Choices":[{"Variable":"$","NumericEquals":1,"Next":"A"}],"Default":"B"},"A":{"Type":"Task","Resource":"`+function+`a","End":true},
				"B":{"Type":"Wait","Seconds":5,"Next":"C"},"C":{"Type":"Task","Resource":"`+function+`broken","End":true}`), `[1,2,3]`)
			if stopped {
				time.Sleep(time.Second)
				if _, err := e.Stop(execution, "", ""); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := e.Wait(t.Context(), execution); err != nil {
				t.Fatal(err)
			}
			tasks.mend()
			if _, err := e.Redrive(execution, ""); err != nil {
				t.Fatal(err)
			}
			got, err := e.Wait(t.Context(), execution)
			if err != nil || !strings.Contains(string(got.Output), "/Redrive-1/manifest.json") {
				t.Fatalf("%+v %v", got, err)
			}
			manifest := store.objects["b/out/"+runID+"/Redrive-1/manifest.json"]
			// A stopped map run writes nothing; its redrive does so for both.
			first, both, files := "1\n", "2\n3\n", `"SUCCEEDED":[{"Key":"out/`+runID+`/SUCCEEDED_0.jsonl","Size":2},{"Key":"out/`+runID+`/Redrive-1/SUCCEEDED_0.jsonl","Size":4}]`
			if stopped {
				first, both, files = "", "1\n2\n3\n", `"SUCCEEDED":[{"Key":"out/`+runID+`/Redrive-1/SUCCEEDED_0.jsonl","Size":6}]`
			}
			if store.objects["b/out/"+runID+"/SUCCEEDED_0.jsonl"] != first || store.objects["b/out/"+runID+"/Redrive-1/SUCCEEDED_0.jsonl"] != both ||
				!strings.Contains(manifest, `"FAILED":[],"PENDING":[],`+files) {
				t.Errorf("wrote\n%s", store.written())
			}
		})
	}
}

func TestResultsAreSplitBySize(t *testing.T) {
	store := &bucket{objects: map[string]string{}}
	e := engine(t, asl.Options{Items: store, ResultBytes: 10, NewID: func() string { return runID }})
	got, err := e.Wait(t.Context(), startOne(t, e, mapping("STANDARD", writer(`"Transformation":"COMPACT"`), keepStates), `[111,222,333,"one that is too long"]`))
	if err != nil || got.Status != asl.StatusSucceeded {
		t.Fatal(got, err)
	}
	for name, want := range map[string]string{"SUCCEEDED_0.json": "[111,222]", "SUCCEEDED_1.json": "[333]", "SUCCEEDED_2.json": `["one that is too long"]`} {
		if content := store.objects["b/out/"+runID+"/"+name]; content != want {
			t.Errorf("%s is %s", name, content)
		}
	}
}

// watched is a store that notes what is kept on disk.
type watched struct {
	*bucket
	onDisk []string
}

func (w *watched) Put(ctx context.Context, at asl.ObjectRef, content io.ReadSeeker) error {
	if file, ok := content.(*os.File); ok {
		w.onDisk = append(w.onDisk, file.Name())
	}
	return w.bucket.Put(ctx, at, content)
}

// TestLargeResultsWaitOnDisk writes results of more than is kept in memory.
func TestLargeResultsWaitOnDisk(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	store := &watched{bucket: &bucket{objects: map[string]string{}}}
	e := engine(t, asl.Options{Items: store, Tasks: &workshop{}, NewID: func() string { return runID }})
	got, err := e.Wait(t.Context(), startOne(t, e, mapping("STANDARD", writer(`"Transformation":"COMPACT"`),
		`"I":{"Type":"Task","Resource":"`+function+`half","End":true}`), "["+strings.Repeat("1,", 99)+"1]"))
	if err != nil || got.Status != asl.StatusSucceeded {
		t.Fatal(got, err)
	}
	one := `"` + strings.Repeat("x", asl.MaxPayload/2) + `"`
	if store.objects["b/out/"+runID+"/SUCCEEDED_0.json"] != "["+strings.Repeat(one+",", 99)+one+"]" {
		t.Error("other results")
	}
	left, err := os.ReadDir(folder)
	if err != nil || len(left) != 0 || len(store.onDisk) != 1 || filepath.Dir(store.onDisk[0]) != folder {
		t.Errorf("kept %v, left %v, %v", store.onDisk, left, err)
	}
}

// broken is a store that can be read and not written to.
type broken struct{ *bucket }

func (broken) Put(context.Context, asl.ObjectRef, io.ReadSeeker) error { return errors.New("full") }

func TestResultsThatCannotBeWritten(t *testing.T) {
	for input, want := range map[string]struct{ name, cause string }{
		`[2]`: {asl.ErrorResultWriterFailed, "write s3://b/out/"},
		`[1]`: {asl.ErrorExceedTolerated, "(and the results could not be written: write s3://b/out/"},
	} {
		e := engine(t, asl.Options{Items: broken{}, Tasks: asl.TaskFunc(odd)})
		got, err := e.Wait(t.Context(), startOne(t, e, mapping("STANDARD", writer(""), failing), input))
		if err != nil || got.Error != want.name || !strings.Contains(got.Cause, want.cause) {
			t.Errorf("%s: %s %s, %v", input, got.Error, got.Cause, err)
		}
	}
}
