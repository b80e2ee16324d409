package asl

import (
	"bytes"
	"crypto/sha256"
	"errors"

	"github.com/mayfly-dev/mayfly/local/asl/dataset"
)

// prepareMocked does what a Map state does before and after its iterations: it
// works out their inputs and its limits, and fails when too many have failed.
func (x *execution) prepareMocked(f *frame) error {
	m, t := f.state.mapping, x.test
	items, err := x.mockedItems(f)
	if err != nil {
		return err
	}
	if err := x.inspectLimits(f); err != nil {
		return err
	}
	inputs, err := x.mockedInputs(f, items)
	if err != nil {
		return err
	}
	failures := t.in.Configuration.MapIterationFailureCount
	if failures > inputs {
		return &TestError{Message: "Map iteration failure count must be less than or equal to the number of Map iterations."}
	}
	settings, err := x.mapSettings(f)
	if err != nil {
		return err
	}
	if limited := m.tolerated.set || m.toleratedPc.set; limited && t.in.Mock.Failure == nil && settings.exceeded(failures, inputs) {
		return toleranceExceeded()
	}
	return nil
}

// mockedInputs works out the inputs of a map's iterations, and how many there are.
func (x *execution) mockedInputs(f *frame, items []mapItem) (int, error) {
	m := f.state.mapping
	plan := mapPlan{size: MaxPayload}
	if m.batcher != nil {
		document, err := x.mapInput(f)
		if err != nil {
			return 0, err
		}
		if err := x.planBatches(f, document, m.batcher, &plan); err != nil {
			return 0, err
		}
	}
	var picked []value
	g := gatherer{s: f.state, plan: &plan, limit: x.e.mapBytes, digest: sha256.New(), pick: func(item *mapItem) ([]byte, error) {
		v, err := x.pickItem(f, item)
		picked = append(picked, value{raw: v})
		return v, err
	}}
	for i := range items {
		if err := g.add(&items[i]); err != nil {
			return 0, err
		}
	}
	if err := g.flush(); err != nil {
		return 0, err
	}
	if m.selector != nil {
		x.inspect(StageItemSelector, arrayOf(picked))
	}
	if m.batcher != nil {
		batches := make([]value, len(g.inputs))
		for i, input := range g.inputs {
			batches[i] = value{raw: input.raw}
		}
		x.inspect(StageItemBatcher, arrayOf(batches))
	}
	return len(g.inputs), nil
}

// mockedItems are those of the input or, for a map with an ItemReader, of the
// data that came with the test. Without such data an array of them may stand in
// the input, as if it had been read already.
func (x *execution) mockedItems(f *frame) (all []mapItem, err error) {
	m, data := f.state.mapping, x.test.in.Configuration.MapItemReaderData
	if m.reader != nil && data != nil {
		return x.readMocked(f, data)
	}
	items, err := x.mapItems(f)
	switch {
	case m.reader != nil && (err != nil || items.kind() != '['):
		return nil, &TestError{Message: "ItemReader data must be specified when testing a Map state with ItemReader specified."}
	case err != nil:
		return nil, err
	}
	err = stateItems(items, func(item mapItem) error {
		item.index = len(all)
		all = append(all, item)
		return nil
	})
	return all, err
}

// readMocked reads items as an ItemReader does.
func (x *execution) readMocked(f *frame, data []byte) (all []mapItem, err error) {
	r := f.state.mapping.reader
	document, err := x.mapInput(f)
	if err != nil {
		return nil, err
	}
	if r.parameters != nil {
		if _, err := r.parameters.eval(&scope{x: x, f: f, document: document, input: &f.input}); err != nil {
			return nil, err
		}
	}
	most, err := x.number(f, &r.maxItems, document, "MaxItems")
	if err != nil {
		return nil, err
	}
	var inputs []value
	err = r.readText(bytes.NewReader(data), r.format, func(read dataset.Item) error {
		if most > 0 && len(all) == int(most) {
			return errEnough
		}
		item := mapItem{index: len(all), value: value{raw: read.Value}, key: read.Key, member: read.Member}
		all, inputs = append(all, item), append(inputs, value{raw: item.input()})
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, asTaskError(err, ErrorItemReaderFailed)
	}
	switch {
	case r.pointer != "":
		x.inspect(StageItemsPointer, arrayOf(inputs))
	case !f.state.jsonata:
		x.inspect(StageItemsPath, arrayOf(inputs))
	}
	return all, nil
}

// inspectLimits works out how many iterations run at once, and may fail.
func (x *execution) inspectLimits(f *frame) error {
	m, seen := f.state.mapping, &x.test.seen
	whole := func(q *quantity, name string, into **int) error {
		n, err := x.number(f, q, f.input, name)
		if err == nil {
			*into = new(int(n))
		}
		return err
	}
	if err := whole(&m.concurrency, "MaxConcurrency", &seen.MaxConcurrency); err != nil {
		return err
	}
	if m.tolerated.set {
		if err := whole(&m.tolerated, "ToleratedFailureCount", &seen.ToleratedFailureCount); err != nil {
			return err
		}
	}
	if !m.toleratedPc.set {
		return nil
	}
	percentage, err := x.number(f, &m.toleratedPc, f.input, "ToleratedFailurePercentage")
	seen.ToleratedFailurePercentage = &percentage
	return err
}
