package asl

type failState struct {
	name, cause words
}

func (p *parser) failState(s *State, f *fields) {
	s.fail = &failState{name: f.words("Error", s.jsonata), cause: f.words("Cause", s.jsonata)}
}

func (x *execution) runFail(f *frame) error {
	name, err := x.string(f, &f.state.fail.name, f.input, "Error")
	if err != nil {
		return err
	}
	cause, err := x.string(f, &f.state.fail.cause, f.input, "Cause")
	if err != nil {
		return err
	}
	if !f.state.jsonata {
		x.inspect(StageInputPath, f.input) // as AWS has it, though a Fail state has no such path
	}
	x.flowFailed(f, &TaskError{Name: name, Cause: cause})
	return nil
}
