package asl

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
	f.group = &group{} // in which inputs keeps the items
	inputs, err := x.inputs(f, items)
	f.group = nil
	if err != nil {
		return err
	}
	if m.batcher != nil {
		x.inspect(StageItemBatcher, arrayOf(inputs))
	}
	failures := t.in.Configuration.MapIterationFailureCount
	if failures > len(inputs) {
		return &TestError{Message: "Map iteration failure count must be less than or equal to the number of Map iterations."}
	}
	if limited := m.tolerated.set || m.toleratedPc.set; limited && t.in.Mock.Failure == nil && !x.withinTolerance(f, failures, len(inputs)) {
		return toleranceExceeded()
	}
	return nil
}

// mockedItems are those of the input or, for a map with an ItemReader, of the
// data that came with the test. Without such data an array of them may stand in
// the input, as if it had been read already.
func (x *execution) mockedItems(f *frame) ([]value, error) {
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
	case items.kind() == '{':
		items = entries(items)
	}
	return elements(items.raw), nil
}

// readMocked reads items as an ItemReader does.
func (x *execution) readMocked(f *frame, data []byte) ([]value, error) {
	r := f.state.mapping.reader
	if !f.state.jsonata {
		if _, err := x.inputPath(f); err != nil {
			return nil, err
		}
	}
	if r.parameters != nil {
		where := &scope{x: x, f: f, document: f.input, input: &f.input}
		if _, err := r.parameters.eval(where); err != nil {
			return nil, err
		}
	}
	items, err := r.parse(data)
	if err != nil {
		return nil, asTaskError(err, ErrorItemReaderFailed)
	}
	most, err := x.number(f, &r.maxItems, f.input, "MaxItems")
	if err != nil {
		return nil, err
	}
	if most > 0 && len(items) > int(most) {
		items = items[:int(most)]
	}
	switch {
	case r.pointer != "":
		x.inspect(StageItemsPointer, arrayOf(items))
	case !f.state.jsonata:
		x.inspect(StageItemsPath, arrayOf(items))
	}
	return items, nil
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
