package asl

type choiceState struct {
	rules       []*rule
	defaultName string
	otherwise   *State
}

// rule is a choice rule, or a part of one.
type rule struct {
	nextName  string
	next      *State
	assign    *template
	output    *template
	condition *template // JSONata

	and, or []*rule
	not     *rule
	compare *comparison
}

func (p *parser) choiceState(s *State, f *fields) {
	s.choice = &choiceState{defaultName: f.text("Default")}
	n := f.get("Choices")
	location := at(f.location, "Choices")
	if n == nil {
		p.errorf(f.location, "These fields are required: [Choices]")
		return
	}
	if n.kind != '[' || len(n.vals) == 0 {
		p.errorf(location, "Choices must be an array with at least one choice rule")
		return
	}
	for i, item := range n.vals {
		r := p.fields(item, nth(location, i))
		one := &rule{nextName: r.text("Next")}
		r.text("Comment")
		if one.nextName == "" {
			p.errorf(r.location, "These fields are required: [Next]")
		}
		if assigned := r.get("Assign"); assigned != nil {
			one.assign = p.assignment(assigned, s.jsonata, at(r.location, "Assign"))
		}
		if s.jsonata {
			p.condition(one, r)
		} else {
			p.test(one, r)
		}
		r.unknown()
		s.choice.rules = append(s.choice.rules, one)
	}
}

func (p *parser) condition(one *rule, f *fields) {
	if out := f.get("Output"); out != nil {
		one.output = p.queryTemplate(out, at(f.location, "Output"))
	}
	n := f.get("Condition")
	if n == nil {
		p.errorf(f.location, "These fields are required: [Condition]")
		return
	}
	_, isExpression := expressionIn(n.str)
	if n.kind != 't' && n.kind != 'f' && !isExpression {
		p.errorf(at(f.location, "Condition"), "Value must be a boolean or a JSONata expression")
	}
	one.condition = p.queryTemplate(n, at(f.location, "Condition"))
}

// test reads And, Or, Not, or a comparison with its Variable.
func (p *parser) test(one *rule, f *fields) {
	found := 0
	for _, name := range []string{"And", "Or"} {
		n := f.get(name)
		if n == nil {
			continue
		}
		found++
		location := at(f.location, name)
		if n.kind != '[' || len(n.vals) == 0 {
			p.errorf(location, "'%s' must be an array with at least one choice rule", name)
			continue
		}
		parts := make([]*rule, 0, len(n.vals))
		for i, item := range n.vals {
			parts = append(parts, p.nested(item, nth(location, i)))
		}
		if name == "And" {
			one.and = parts
		} else {
			one.or = parts
		}
	}
	if n := f.get("Not"); n != nil {
		found++
		one.not = p.nested(n, at(f.location, "Not"))
	}
	if f.has("Variable") {
		found++
		one.compare = p.comparison(f)
	}
	if found != 1 {
		p.errorf(f.location, "A choice rule must have exactly one of [And, Not, Or, Variable]")
	}
}

func (p *parser) nested(n *node, location string) *rule {
	f := p.fields(n, location)
	if f.has("Next") {
		p.errorf(at(location, "Next"), "Field 'Next' is not supported in a nested choice rule")
		f.get("Next")
	}
	one := &rule{}
	f.text("Comment")
	p.test(one, f)
	f.unknown()
	return one
}

func (x *execution) runChoice(f *frame) error {
	s := f.state
	if s.jsonata {
		return x.runConditions(f)
	}
	input, err := x.inputPath(f)
	if err != nil {
		return err
	}
	look := &scope{x: x, f: f, document: input}
	next, assign := s.choice.otherwise, s.assign
	for _, r := range s.choice.rules {
		yes, err := r.holds(look)
		if err != nil {
			return err
		}
		if yes {
			next = r.next
			if r.assign != nil {
				assign = r.assign
			}
			break
		}
	}
	if next == nil {
		return noChoice(f)
	}
	var assigned value
	if assign != nil {
		if assigned, err = assign.eval(look); err != nil {
			return err
		}
	}
	output, err := x.selectPath(f, s.outputPath, input, "OutputPath")
	if err != nil {
		return err
	}
	return x.leave(f, output, assigned, next)
}

func noChoice(f *frame) error {
	return f.fault(ErrorRuntime, "Failed to transition out of the state. The state does not point to a next state.")
}

func (x *execution) runConditions(f *frame) error {
	look := &scope{x: x, f: f, input: &f.input}
	next, assign, output := f.state.choice.otherwise, f.state.assign, f.state.output
	for i, r := range f.state.choice.rules {
		v, err := r.condition.eval(look)
		if err != nil {
			return err
		}
		kind := v.kind()
		if kind != 't' && kind != 'f' {
			return f.queryFault(nth("Choices", i)+"/Condition", "The JSONata expression in the field 'Choices[%d]/Condition' must return a boolean, and returned '%s'", i, v.raw)
		}
		if kind == 't' {
			next, assign, output = r.next, r.assign, r.output
			break
		}
	}
	if next == nil {
		return noChoice(f)
	}
	result := f.input
	var assigned value
	var err error
	if assign != nil {
		if assigned, err = assign.eval(look); err != nil {
			return err
		}
	}
	if output != nil {
		if result, err = output.eval(look); err != nil {
			return err
		}
	}
	return x.leave(f, result, assigned, next)
}

func (r *rule) holds(s *scope) (bool, error) {
	switch {
	case r.not != nil:
		yes, err := r.not.holds(s)
		return !yes, err
	case r.compare != nil:
		return r.compare.holds(s)
	case r.and != nil:
		for _, part := range r.and {
			if yes, err := part.holds(s); !yes || err != nil {
				return false, err
			}
		}
		return true, nil
	default:
		for _, part := range r.or {
			if yes, err := part.holds(s); yes || err != nil {
				return yes, err
			}
		}
		return false, nil
	}
}
