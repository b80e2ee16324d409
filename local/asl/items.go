package asl

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// ItemStore is S3 as distributed maps use it.
type ItemStore interface {
	// GetObject returns an object's content.
	GetObject(ctx context.Context, bucket, key string) ([]byte, error)
	// ListObjects returns every object under a prefix, each as a JSON object with
	// Key, Size, ETag and LastModified, as ListObjectsV2 has it.
	ListObjects(ctx context.Context, bucket, prefix string) ([][]byte, error)
	// PutObject writes an object.
	PutObject(ctx context.Context, bucket, key string, content []byte) error
}

type place struct {
	Bucket string
	Key    string
	Prefix string
}

// place works out where a reader or writer reads or writes.
func (run *mapRun) place(parameters *template) (place, error) {
	var where place
	if parameters == nil {
		return where, nil
	}
	x := run.x
	x.mu.Lock()
	v, err := parameters.eval(&scope{x: x, f: run.f, document: run.f.input, input: &run.f.input})
	x.mu.Unlock()
	if err != nil {
		return where, err
	}
	if err := json.Unmarshal(v.raw, &where); err != nil {
		return where, fmt.Errorf("parameters of the map: %w", err)
	}
	return where, nil
}

// read returns the map's items.
func (run *mapRun) read() ([]value, error) {
	r := run.s.mapping.reader
	if r == nil {
		return elements(run.items.raw), nil
	}
	where, err := run.place(r.parameters)
	if err != nil {
		return nil, err
	}
	var items []value
	if bytes.HasSuffix([]byte(r.resource), []byte(":listObjectsV2")) {
		listed, err := run.e.items.ListObjects(run.ctx, where.Bucket, where.Prefix)
		if err != nil {
			return nil, fmt.Errorf("list items: %w", err)
		}
		for _, object := range listed {
			items = append(items, value{raw: object})
		}
	} else {
		text, err := run.e.items.GetObject(run.ctx, where.Bucket, where.Key)
		if err != nil {
			return nil, fmt.Errorf("read items: %w", err)
		}
		if items, err = r.parse(text); err != nil {
			return nil, err
		}
	}
	run.x.mu.Lock()
	most, err := run.x.number(run.f, &r.maxItems, run.f.input, "MaxItems")
	run.x.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if most > 0 && len(items) > int(most) {
		items = items[:int(most)]
	}
	return items, nil
}

func elements(array []byte) []value {
	var items []value
	for start, end := range rawjson.Elements(array) {
		items = append(items, value{raw: array[start:end]})
	}
	return items
}

// parse reads items in the reader's format.
func (r *itemReader) parse(text []byte) ([]value, error) {
	switch r.format {
	case "CSV":
		return r.parseCSV(text)
	case "JSONL":
		var items []value
		for line := range bytes.Lines(text) {
			if line = bytes.TrimSpace(line); len(line) == 0 {
				continue
			}
			if err := rawjson.Valid(line); err != nil {
				return nil, fmt.Errorf("item %d: %w", len(items), err)
			}
			items = append(items, value{raw: line})
		}
		return items, nil
	default:
		if err := rawjson.Valid(text); err != nil {
			return nil, fmt.Errorf("items: %w", err)
		}
		if r.pointer != "" {
			var err error
			if text, err = pointed(text, r.pointer); err != nil {
				return nil, err
			}
		}
		switch (value{raw: text}).kind() {
		case '[':
			return elements(text), nil
		case '{':
			return elements(entries(value{raw: text}).raw), nil
		default:
			return nil, errNoItems
		}
	}
}

func (r *itemReader) parseCSV(text []byte) ([]value, error) {
	reader := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	reader.Comma, reader.FieldsPerRecord, reader.ReuseRecord = r.delimiter, -1, true
	headers := append([]string(nil), r.headers...)
	var items []value
	for first := true; ; first = false {
		row, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return items, nil
		}
		if err != nil {
			return nil, fmt.Errorf("items: %w", err)
		}
		if first && r.firstRow && len(r.headers) == 0 {
			headers = append(headers, row...)
			continue
		}
		out := []byte{'{'}
		for i, name := range headers {
			if i > 0 {
				out = append(out, ',')
			}
			cell := ""
			if i < len(row) {
				cell = row[i]
			}
			out = rawjson.AppendString(append(rawjson.AppendString(out, name), ':'), cell)
		}
		items = append(items, value{raw: append(out, '}')})
	}
}

// write puts the results where ResultWriter says: one file for each status, and
// a manifest that names them.
func (run *mapRun) write(results []Description) ([]byte, error) {
	w := run.s.mapping.writer
	where, err := run.place(w.parameters)
	if err != nil {
		return nil, err
	}
	folder := where.Prefix
	if folder != "" && folder[len(folder)-1] != '/' {
		folder += "/"
	}
	folder += run.arn[bytes.LastIndexByte([]byte(run.arn), ':')+1:] + "/"
	files := map[string][]byte{}
	names := map[Status]string{StatusSucceeded: "SUCCEEDED", StatusFailed: "FAILED", StatusTimedOut: "FAILED", StatusAborted: "FAILED"}
	for _, d := range results {
		name := names[d.Status]
		files[name] = run.appendResult(files[name], &d)
	}
	manifest := `{"DestinationBucket":` + quoted(where.Bucket) + `,"MapRunArn":` + quoted(run.arn) + `,"ResultFiles":{`
	for i, name := range []string{"FAILED", "PENDING", "SUCCEEDED"} {
		if i > 0 {
			manifest += ","
		}
		manifest += quoted(name) + ":["
		if content := files[name]; content != nil {
			key := folder + name + "_0.json"
			if !w.lines {
				content = append(append([]byte{'['}, content...), ']')
			}
			if err := run.e.items.PutObject(run.ctx, where.Bucket, key, content); err != nil {
				return nil, fmt.Errorf("write results: %w", err)
			}
			manifest += `{"Key":` + quoted(key) + `,"Size":` + strconv.Itoa(len(content)) + "}"
		}
		manifest += "]"
	}
	key := folder + "manifest.json"
	if err := run.e.items.PutObject(run.ctx, where.Bucket, key, []byte(manifest+"}}")); err != nil {
		return nil, fmt.Errorf("write manifest: %w", err)
	}
	return []byte(`{"MapRunArn":` + quoted(run.arn) + `,"ResultWriterDetails":{"Bucket":` + quoted(where.Bucket) +
		`,"Key":` + quoted(key) + `}}`), nil
}

func (run *mapRun) appendResult(out []byte, d *Description) []byte {
	w := run.s.mapping.writer
	if len(out) > 0 {
		if w.lines {
			out = append(out, '\n')
		} else {
			out = append(out, ',')
		}
	}
	if (w.transform == "COMPACT" || w.transform == "FLATTEN") && d.Status == StatusSucceeded {
		if w.transform == "FLATTEN" && (value{raw: d.Output}).kind() == '[' {
			inner := bytes.TrimSpace(d.Output)
			return append(out, inner[1:len(inner)-1]...)
		}
		return append(out, d.Output...)
	}
	out = append(out, `{"ExecutionArn":`+quoted(d.ExecutionARN)+`,"Input":`+quoted(string(d.Input))...)
	out = append(out, `,"InputDetails":{"Included":true},"Name":`+quoted(d.Name)...)
	if d.Status == StatusSucceeded {
		out = append(out, `,"Output":`+quoted(string(d.Output))+`,"OutputDetails":{"Included":true}`...)
	} else {
		out = append(out, `,"Error":`+quoted(d.Error)+`,"Cause":`+quoted(d.Cause)...)
	}
	out = append(out, `,"StartDate":`+quoted(isoTime(d.StartDate.UnixMilli()))...)
	out = append(out, `,"StateMachineArn":`+quoted(d.MachineARN)+`,"Status":`+quoted(string(d.Status))...)
	return append(out, `,"StopDate":`+quoted(isoTime(d.StopDate.UnixMilli()))+`}`...)
}

func quoted(s string) string { return string(rawjson.AppendString(nil, s)) }
