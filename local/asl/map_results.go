package asl

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// maxResultFile is how large a file of results becomes.
const maxResultFile = 5 << 30

// resultFile is a file of results, as a manifest lists it.
type resultFile struct {
	Key  string
	Size int64
}

// Kinds of results, each in files of its own.
const (
	resultsFailed    = "FAILED"
	resultsPending   = "PENDING"
	resultsSucceeded = "SUCCEEDED"
)

// writtenRecord puts on record which files of results there are, after an
// attempt, of what succeeded: the manifest of a redrive lists them again.
func writtenRecord(f *frame, files []resultFile, attempt int) *record {
	text, err := json.Marshal(files)
	if err != nil {
		panic("asl: names of files do not encode: " + err.Error())
	}
	return &record{kind: hidMapWritten, frame: f.id, previous: f.last, data: value{raw: text}, n1: int64(attempt + 1)}
}

func (run *mapRun) readWritten(r *record) error {
	var files []resultFile
	if err := json.Unmarshal(r.data.raw, &files); err != nil {
		return fmt.Errorf("%w: results of a map run: %w", errBadLog, err)
	}
	run.written, run.unwritten = files, int(r.n1)
	return nil
}

// results makes the map's output: what the children gave, or where it was
// written, and then which files there are of what succeeded, in all attempts.
func (run *mapRun) results(ctx context.Context) (output []byte, files []resultFile, err error) {
	run.mu.Lock()
	children, inputs, plan, failed := slices.Clone(run.children), run.inputs, run.plan, run.failing != nil
	run.mu.Unlock()
	w := run.s.mapping.writer
	if w == nil || !w.store {
		if failed {
			return nil, nil, nil // nobody sees them
		}
		output, err = run.inState(children, w)
		return output, nil, err
	}
	return run.export(ctx, children, inputs, &plan)
}

// inState is the results as the state's output.
func (run *mapRun) inState(children []*execution, w *resultWriter) ([]byte, error) {
	transform := transformCompact
	if w != nil {
		transform = w.transform
	}
	out := []byte{'['}
	for _, child := range children {
		_, d := child.hasResult(0)
		err := d.eachResult(transform, func(result []byte) error {
			if len(out) > 1 {
				out = append(out, ',')
			}
			if out = append(out, result...); len(out) >= MaxPayload {
				return &TaskError{Name: ErrorDataLimitExceeded, noAll: true, Cause: "The state/task '" + run.s.name +
					"' returned a result with a size exceeding the maximum number of bytes service limit."}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return append(out, ']'), nil
}

// export writes the results to files, and a manifest that lists these.
func (run *mapRun) export(ctx context.Context, children []*execution, inputs []childInput, plan *mapPlan) (output []byte, files []resultFile, err error) {
	w := run.s.mapping.writer
	folder := plan.into.Key
	if folder != "" && !strings.HasSuffix(folder, "/") {
		folder += "/"
	}
	folder += run.arn[strings.LastIndexByte(run.arn, ':')+1:] + "/"
	run.mu.Lock()
	attempt := run.redrives
	run.mu.Unlock()
	x := run.x
	x.mu.Lock()
	written, since := run.written, run.unwritten
	x.mu.Unlock()
	if attempt > 0 {
		folder += "Redrive-" + strconv.Itoa(attempt) + "/"
	}
	all := map[string]*resultFiles{}
	for _, kind := range []string{resultsFailed, resultsPending, resultsSucceeded} {
		all[kind] = &resultFiles{ctx: ctx, store: run.e.items, into: plan.into, prefix: folder + kind, lines: w.lines, limit: run.e.resultBytes}
		defer func() { err = errors.Join(err, all[kind].discard()) }()
	}
	for i, child := range children {
		if child == nil {
			err = all[resultsPending].add(appendPending(nil, inputs[i].raw))
		} else if kind, d := child.hasResult(since); kind != "" {
			err = d.eachResult(w.transform, all[kind].add)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	for _, one := range all {
		if err := one.close(); err != nil {
			return nil, nil, err
		}
	}
	files = slices.Concat(written, all[resultsSucceeded].files)
	key := folder + "manifest.json"
	manifest := appendManifest(plan.into.Bucket, run.arn, all[resultsFailed].files, all[resultsPending].files, files)
	at := plan.into
	at.Key = key
	if err := run.e.items.Put(ctx, at, bytes.NewReader(manifest)); err != nil {
		return nil, nil, fmt.Errorf("write s3://%s/%s: %w", at.Bucket, key, err)
	}
	output = rawjson.AppendString([]byte(`{"MapRunArn":`), run.arn)
	output = rawjson.AppendString(append(output, `,"ResultWriterDetails":{"Bucket":`...), plan.into.Bucket)
	output = rawjson.AppendString(append(output, `,"Key":`...), key)
	return append(output, '}', '}'), files, nil
}

func appendManifest(bucket, arn string, failed, pending, succeeded []resultFile) []byte {
	out := rawjson.AppendString([]byte(`{"DestinationBucket":`), bucket)
	out = rawjson.AppendString(append(out, `,"MapRunArn":`...), arn)
	list := func(before string, files []resultFile) {
		out = append(append(out, before...), '[')
		for i, file := range files {
			if i > 0 {
				out = append(out, ',')
			}
			out = rawjson.AppendString(append(out, `{"Key":`...), file.Key)
			out = append(strconv.AppendInt(append(out, `,"Size":`...), file.Size, 10), '}')
		}
		out = append(out, ']')
	}
	list(`,"ResultFiles":{"FAILED":`, failed)
	list(`,"PENDING":`, pending)
	list(`,"SUCCEEDED":`, succeeded)
	return append(out, '}', '}')
}
