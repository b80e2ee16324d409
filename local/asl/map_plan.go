package asl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// mapPlan is what a distributed map's fields come to: where its items are, how
// many go into a child execution, and where the results go. A redrive or a
// restart makes the same one, of the same input.
type mapPlan struct {
	items    value // of the state's input; raw is nil when they are read
	from     ObjectRef
	maxItems int
	most     int    // items in a batch; 0 for any number
	size     int    // bytes of a batch
	prefix   []byte // of a batch
	into     ObjectRef
}

// plan works out a distributed map's fields. The caller holds the execution's lock.
func (x *execution) plan(f *frame, items value) (plan mapPlan, err error) {
	m := f.state.mapping
	plan.items, plan.size = items, MaxPayload
	document, err := x.mapInput(f)
	if err != nil {
		return plan, err
	}
	if r := m.reader; r != nil {
		if plan.from, err = x.location(f, document, r.parameters, r.list); err != nil {
			return plan, err
		}
		most, err := x.number(f, &r.maxItems, document, "MaxItems")
		if err != nil {
			return plan, err
		}
		plan.maxItems = int(most)
	}
	if m.batcher != nil {
		if err := x.planBatches(f, document, m.batcher, &plan); err != nil {
			return plan, err
		}
	}
	if m.writer != nil && m.writer.store {
		if plan.into, err = x.location(f, document, m.writer.parameters, true); err != nil {
			return plan, asTaskError(err, ErrorResultWriterFailed)
		}
	}
	return plan, nil
}

// mapInput is what the paths of a Map state's fields start from.
func (x *execution) mapInput(f *frame) (value, error) {
	if f.state.jsonata {
		return f.input, nil
	}
	return x.inputPath(f)
}

func (x *execution) planBatches(f *frame, document value, b *itemBatcher, plan *mapPlan) error {
	most, err := x.number(f, &b.maxItems, document, "MaxItemsPerBatch")
	if err != nil {
		return err
	}
	size, err := x.number(f, &b.maxBytes, document, "MaxInputBytesPerBatch")
	if err != nil {
		return err
	}
	plan.most = int(most)
	if size > 0 {
		plan.size = min(plan.size, int(size))
	}
	plan.prefix = []byte(`{"Items":[`)
	if b.input != nil {
		v, err := b.input.eval(&scope{x: x, f: f, document: document, input: &f.input})
		if err != nil {
			return err
		}
		plan.prefix = append(append([]byte(`{"BatchInput":`), v.trimmed()...), `,"Items":[`...)
	}
	return nil
}

var errNoBucket = errors.New("the parameters name no Bucket")

// location works out the parameters of a reader or a writer. Of a listing and of
// results, Prefix is what others call the key.
func (x *execution) location(f *frame, document value, parameters *template, prefix bool) (ObjectRef, error) {
	if parameters == nil {
		return ObjectRef{}, errNoBucket
	}
	v, err := parameters.eval(&scope{x: x, f: f, document: document, input: &f.input})
	if err != nil {
		return ObjectRef{}, err
	}
	var given struct{ Bucket, Key, Prefix, VersionId, ExpectedBucketOwner string } //nolint:revive // S3's name
	decoder := json.NewDecoder(bytes.NewReader(v.raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&given); err != nil {
		return ObjectRef{}, fmt.Errorf("the parameters make no sense: %w", err)
	}
	at := ObjectRef{Bucket: given.Bucket, Key: given.Key, VersionID: given.VersionId, Owner: given.ExpectedBucketOwner}
	switch {
	case prefix:
		at.Key = given.Prefix
	case given.Key == "":
		return at, errors.New("the parameters name no Key")
	}
	if given.Bucket == "" {
		return at, errNoBucket
	}
	return at, nil
}
