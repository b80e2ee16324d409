package asl_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/asltest"
)

// bucket is a store in memory.
type bucket struct {
	mu      sync.Mutex
	objects map[string]string
}

func (b *bucket) Open(_ context.Context, at asl.ObjectRef) (asl.Object, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	content, ok := b.objects[at.Bucket+"/"+at.Key]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return strings.NewReader(content), nil
}

func (b *bucket) List(_ context.Context, at asl.ObjectRef, each func(asl.ListedObject) error) error {
	b.mu.Lock()
	keys := slices.Sorted(maps.Keys(b.objects))
	b.mu.Unlock()
	for _, key := range keys {
		if !strings.HasPrefix(key, at.Bucket+"/"+at.Key) {
			continue
		}
		o := asl.ListedObject{Key: strings.TrimPrefix(key, at.Bucket+"/"), ETag: `"e"`, LastModified: time.Unix(1700000000, 0), Size: int64(len(b.objects[key])), StorageClass: "STANDARD"}
		if err := each(o); err != nil {
			return err
		}
	}
	return nil
}

func (b *bucket) Put(_ context.Context, at asl.ObjectRef, content io.ReadSeeker) error {
	text, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.objects[at.Bucket+"/"+at.Key] = string(text)
	return nil
}

// distributed is a machine with one distributed map.
func distributed(fields, processor string) string {
	return `{"StartAt":"M","States":{"M":{"Type":"Map","End":true,` + fields + `"ItemProcessor":{
		"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"I","States":{"I":` + processor + `}}}}}`
}

const keep = `{"Type":"Pass","End":true}`

func TestDistributedMaps(t *testing.T) {
	const reader = `"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"b","Key.$":"$.key"}`
	for _, c := range []struct{ does, definition, input, output, failed string }{
		{"works on items of the input", distributed(`"MaxConcurrency":2,`, keep), `[1,2,3]`, `[1,2,3]`, ""},
		{"works on the members of an object", distributed("", keep), `{"k":1}`, `[{"Key":"k","Value":1}]`, ""},
		{"has no items", distributed("", keep), `[]`, `[]`, ""},
		{"selects", distributed(`"ItemSelector":{"i.$":"$$.Map.Item.Index","v.$":"$$.Map.Item.Value"},`, keep), `["a","b"]`,
			`[{"i":0,"v":"a"},{"i":1,"v":"b"}]`, ""},
		{"batches", distributed(`"ItemBatcher":{"MaxItemsPerBatch":2,"BatchInput":{"x":1}},`, keep), `[1,2,3]`,
			`[{"BatchInput":{"x":1},"Items":[1,2]},{"BatchInput":{"x":1},"Items":[3]}]`, ""},
		{"reads CSV", distributed(reader+`,"ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW"}},`, keep), `{"key":"csv"}`,
			`[{"id":"1","name":"x, y"},{"id":"2","name":"z"}]`, ""},
		{"reads JSON lines", distributed(reader+`,"ReaderConfig":{"InputType":"JSONL","MaxItems":2}},`, keep), `{"key":"lines"}`, `[1,2]`, ""},
		{"reads JSON", distributed(reader+`,"ReaderConfig":{"InputType":"JSON","ItemsPointer":"/a/b"}},`, keep), `{"key":"json"}`, `[1,2]`, ""},
		{"lists objects", distributed(`"ItemReader":{"Resource":"arn:aws:states:::s3:listObjectsV2","Parameters":{"Bucket":"b","Prefix":"p/"}},`, keep),
			`{}`, `[{"Etag":"\"e\"","Key":"p/a","LastModified":1700000000,"Size":1,"StorageClass":"STANDARD"}]`, ""},
		{"cannot read", distributed(reader+`},`, keep), `{"key":"none"}`, "", asl.ErrorItemReaderFailed},
		{"tolerates nothing by itself", distributed("", `{"Type":"Fail","Error":"E"}`), `[1]`, "", asl.ErrorExceedTolerated},
		{"tolerates what it is told to", distributed(`"ToleratedFailurePercentage":50,"ResultSelector":{"error.$":"$[0].Error","other.$":"$[1]"},`,
			`{"Type":"Task","Resource":"`+function+`odd","End":true}`), `[1,2]`, `{"error":"Odd","other":2}`, ""},
	} {
		t.Run(c.does, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &bucket{objects: map[string]string{
					"b/csv": "id,name\n1,\"x, y\"\n2,z\n", "b/lines": "1\n2\n3\n", "b/json": `{"a":{"b":[1,2]}}`, "b/p/a": "1",
				}}
				e := engine(t, asl.Options{Items: store, Tasks: asl.TaskFunc(func(ctx context.Context, task asl.Task) ([]byte, error) {
					if strings.HasSuffix(task.Resource, ":odd") && (task.Input[0]-'0')%2 == 1 {
						return nil, &asl.TaskError{Name: "Odd"}
					}
					return echo(ctx, task)
				})})
				got, err := asltest.RunOn(t.Context(), e, machine(t, c.definition), c.input)
				if err != nil {
					t.Fatal(err)
				}
				if got.Output != c.output || got.Error != c.failed {
					t.Errorf("output %s, error %s %s", got.Output, got.Error, got.Cause)
				}
				runs := e.MapRuns(executionOf(t, e))
				if len(runs) != 1 || c.failed == "" && runs[0].Status != asl.StatusSucceeded {
					t.Errorf("map runs: %+v", runs)
				}
			})
		})
	}
}

func executionOf(t *testing.T, e *asl.Engine) string {
	t.Helper()
	page, _ := e.List(asl.Listing{MachineARN: asltest.MachineARN})
	if len(page) != 1 {
		t.Fatalf("%d executions", len(page))
	}
	return page[0].ExecutionARN
}

func TestDistributedMapsWriteResultsAndListTheirExecutions(t *testing.T) {
	store := &bucket{objects: map[string]string{}}
	e := engine(t, asl.Options{Items: store})
	got, err := asltest.RunOn(t.Context(), e, machine(t, distributed(
		`"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b","Prefix":"out"}},`, keep)), `[1,2]`)
	if err != nil || got.Status != asl.StatusSucceeded || !strings.Contains(got.Output, `"ResultWriterDetails":{"Bucket":"b","Key":"out/`) {
		t.Fatalf("%v %+v", err, got)
	}
	if len(store.objects) != 2 {
		t.Errorf("objects: %v", store.objects)
	}
	run := e.MapRuns(executionOf(t, e))[0]
	children, _ := e.List(asl.Listing{MapRunARN: run.MapRunARN})
	if len(children) != 2 || run.Executions.Succeeded != 2 || run.Executions.Total != 2 {
		t.Errorf("%d children, %+v", len(children), run)
	}
	want := "1<0 ExecutionStarted\n2<0 MapStateEntered\n3<2 MapStateStarted\n4<3 MapRunStarted\n5<4 MapRunSucceeded\n" +
		"6<5 MapStateSucceeded\n7<4 MapStateExited\n8<7 ExecutionSucceeded"
	if events(got.Events) != want {
		t.Errorf("got\n%s", events(got.Events))
	}
}

func TestDistributedMapsGoOnAfterARestart(t *testing.T) {
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		definition := distributed(`"MaxConcurrency":2,`, `{"Type":"Wait","SecondsPath":"$","End":true}`)
		e, err := asl.New(asl.Options{Journal: open(t, folder)})
		if err != nil {
			t.Fatal(err)
		}
		started, err := e.Start(t.Context(), asl.StartInput{Machine: machine(t, definition), MachineARN: machineARN, Input: []byte(`[1,10,3]`)})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if e, err = asl.New(asl.Options{Journal: open(t, folder)}); err != nil {
			t.Fatal(err)
		}
		result, err := e.Wait(t.Context(), started.ExecutionARN)
		if err != nil || string(result.Output) != `[1,10,3]` {
			t.Errorf("%s %s %v", result.Output, result.Cause, err)
		}
		if runs := e.MapRuns(started.ExecutionARN); len(runs) != 1 || runs[0].Executions.Succeeded != 3 || runs[0].Executions.Total != 3 {
			t.Errorf("%+v", runs)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRedrive(t *testing.T) {
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		broken := true
		tasks := asl.TaskFunc(func(_ context.Context, task asl.Task) ([]byte, error) {
			if broken {
				return nil, &asl.TaskError{Name: "Broken"}
			}
			return []byte(`"mended"`), nil
		})
		e, err := asl.New(asl.Options{Journal: open(t, folder), Tasks: tasks})
		if err != nil {
			t.Fatal(err)
		}
		m := machine(t, `{"StartAt":"A","States":{"A":{"Type":"Pass","Result":1,"Next":"B"},"B":{"Type":"Task","Resource":"`+function+`x","End":true}}}`)
		started, err := e.Start(t.Context(), asl.StartInput{Machine: m, MachineARN: machineARN})
		if err != nil {
			t.Fatal(err)
		}
		if result, err := e.Wait(t.Context(), started.ExecutionARN); err != nil || result.Error != "Broken" {
			t.Fatal(result, err)
		}
		broken = false
		if _, err := e.Redrive(started.ExecutionARN, ""); err != nil {
			t.Fatal(err)
		}
		result, err := e.Wait(t.Context(), started.ExecutionARN)
		if err != nil || string(result.Output) != `"mended"` {
			t.Errorf("%s %v", result.Output, err)
		}
		if _, err := e.Redrive(started.ExecutionARN, ""); !errors.Is(err, asl.ErrNotRedrivable) {
			t.Errorf("redrive of a success: %v", err)
		}
		before, err := e.Events(started.ExecutionARN)
		if err != nil || strings.Join(asl.Path(before), " ") != "A B" {
			t.Errorf("%v %v", asl.Path(before), err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if e, err = asl.New(asl.Options{Journal: open(t, folder), Tasks: tasks}); err != nil {
			t.Fatal(err)
		}
		d, err := e.Describe(started.ExecutionARN)
		if err != nil || d.Status != asl.StatusSucceeded || d.RedriveCount != 1 {
			t.Errorf("%+v %v", d, err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
