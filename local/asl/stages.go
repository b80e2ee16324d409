package asl

// The stages of a state's input and output. In JSONPath states: InputPath,
// Parameters, (the state), ResultSelector, Assign, ResultPath, OutputPath. In
// JSONata states: Arguments, (the state), Assign, Output.

// effectiveInput applies InputPath and Parameters, or Arguments.
func (x *execution) effectiveInput(f *frame) (value, error) {
	s := f.state
	var err error
	if s.jsonata {
		input := f.input
		if s.parameters != nil {
			if input, err = s.parameters.eval(&scope{x: x, f: f, input: &f.input}); err != nil {
				return value{}, err
			}
		}
		x.inspect(StageArguments, input)
		return input, nil
	}
	input, err := x.inputPath(f)
	if err != nil {
		return value{}, err
	}
	if s.parameters != nil {
		if input, err = s.parameters.eval(&scope{x: x, f: f, document: input}); err != nil {
			return value{}, err
		}
	}
	x.inspect(StageParameters, input)
	return input, nil
}

func (x *execution) inputPath(f *frame) (value, error) {
	input, err := x.selectPath(f, f.state.inputPath, f.input, "InputPath")
	if err == nil {
		x.inspect(StageInputPath, input)
	}
	return input, err
}

func (x *execution) selectPath(f *frame, field optionalPath, document value, name string) (value, error) {
	if field.null {
		return emptyObject, nil
	}
	if field.isWhole() {
		return document, nil
	}
	s := &scope{x: x, f: f, document: document}
	v, ok, err := s.lookup(field.path)
	if err != nil {
		return value{}, f.fault(ErrorRuntime, "Invalid path '%s': %v", field.path.text, err)
	}
	if !ok {
		return value{}, f.fault(ErrorRuntime, "Invalid path '%s' in %s: it names nothing in '%s'", field.path.text, name, document.raw)
	}
	return v, nil
}

// place puts a result where ResultPath says within the state's input.
func (f *frame) place(p *path, result value) (value, error) {
	if p.whole {
		return result, nil
	}
	out, err := p.set(f.input, result)
	if err != nil {
		return value{}, f.fault(ErrorResultPathMatchFailure, "Unable to apply ReferencePath %s to input %s", p.text, f.input.raw)
	}
	return out, nil
}

// complete shapes the result of a state's work and leaves the state.
func (x *execution) complete(f *frame, result value, next *State) error {
	s := f.state
	if s.jsonata {
		return x.completeQuery(f, &result, next)
	}
	var err error
	if s.selector != nil {
		if result, err = s.selector.eval(&scope{x: x, f: f, document: result}); err != nil {
			return err
		}
	}
	x.inspect(StageResultSelector, result)
	var assigned value
	if s.assign != nil {
		if assigned, err = s.assign.eval(&scope{x: x, f: f, document: result}); err != nil {
			return err
		}
	}
	output := result
	switch {
	case s.resultPath.null:
		output = f.input
	case s.resultPath.path != nil:
		if output, err = f.place(s.resultPath.path, result); err != nil {
			return err
		}
	}
	x.inspect(StageResultPath, output)
	if output, err = x.selectPath(f, s.outputPath, output, "OutputPath"); err != nil {
		return err
	}
	return x.leave(f, output, assigned, next)
}

// completeQuery is complete for a JSONata state; result is nil for states that
// have none.
func (x *execution) completeQuery(f *frame, result *value, next *State) error {
	s := &scope{x: x, f: f, input: &f.input, result: result}
	output := f.input
	if result != nil {
		output = *result
	}
	var assigned value
	var err error
	if f.state.assign != nil {
		if assigned, err = f.state.assign.eval(s); err != nil {
			return err
		}
	}
	if f.state.output != nil {
		if output, err = f.state.output.eval(s); err != nil {
			return err
		}
	}
	return x.leave(f, output, assigned, next)
}

// pass leaves a state that has no result of its own: InputPath, Assign,
// OutputPath, or Assign and Output.
func (x *execution) pass(f *frame, next *State) error {
	if f.state.jsonata {
		return x.completeQuery(f, nil, next)
	}
	output, err := x.inputPath(f)
	if err != nil {
		return err
	}
	var assigned value
	if f.state.assign != nil {
		if assigned, err = f.state.assign.eval(&scope{x: x, f: f, document: output}); err != nil {
			return err
		}
	}
	if output, err = x.selectPath(f, f.state.outputPath, output, "OutputPath"); err != nil {
		return err
	}
	return x.leave(f, output, assigned, next)
}

// number works out a quantity.
func (x *execution) number(f *frame, q *quantity, document value, name string) (float64, error) {
	var v value
	var err error
	switch {
	case q.path != nil:
		v, err = (&scope{x: x, f: f, document: document}).find(q.path, name+"Path")
	case q.expr != nil:
		v, err = q.expr.eval(&scope{x: x, f: f, input: &f.input})
	default:
		return q.fixed, nil
	}
	if err != nil {
		return 0, err
	}
	number, err := jsonNumber(v)
	if err != nil || number < 0 {
		return 0, f.wrongValue(name, "The value for the field '%s' must be a number that is not negative, and is '%s'", name, v.raw)
	}
	return number, nil
}

// wrongValue is the fault of a field that was computed and makes no sense.
func (f *frame) wrongValue(field, format string, args ...any) *TaskError {
	if f.state.jsonata {
		return f.queryFault(field, format, args...)
	}
	return f.fault(ErrorRuntime, format, args...)
}

// string works out words.
func (x *execution) string(f *frame, w *words, document value, name string) (string, error) {
	s := &scope{x: x, f: f, document: document, input: &f.input}
	var v value
	var err error
	switch {
	case w.path != nil:
		v, err = s.find(w.path, name+"Path")
	case w.call != nil:
		v, err = w.call.eval(s)
	case w.expr != nil:
		v, err = w.expr.eval(s)
	default:
		return w.fixed, nil
	}
	if err != nil {
		return "", err
	}
	if v.kind() != '"' {
		return "", f.wrongValue(name, "The value for the field '%s' must be a string, and is '%s'", name, v.raw)
	}
	return v.text(), nil
}
