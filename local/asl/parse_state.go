package asl

var kindsByName = map[string]Kind{
	"Pass": KindPass, "Task": KindTask, "Choice": KindChoice, "Wait": KindWait,
	"Succeed": KindSucceed, "Fail": KindFail, "Parallel": KindParallel, "Map": KindMap,
}

// state reads one state; names are resolved later.
func (p *parser) state(n *node, name string, in *flow, location string) *State {
	s := &State{index: len(p.m.states), name: name, flow: in}
	p.m.states = append(p.m.states, s)
	defer func(before *State, at string) { p.reading, p.stateAt = before, at }(p.reading, p.stateAt)
	p.reading, p.stateAt = s, location
	f := p.fields(n, location)
	if n.kind != '{' {
		return s
	}
	kind := f.text("Type")
	s.kind = kindsByName[kind]
	s.comment = f.text("Comment")
	s.jsonata = f.language(p.jsonata)
	if s.kind == 0 {
		if !f.has("Type") {
			p.errorf(location, "These fields are required: [Type]")
		} else {
			p.errorf(at(location, "Type"), "State type must be one of [Choice, Fail, Map, Parallel, Pass, Succeed, Task, Wait]")
		}
		return s
	}
	p.transition(s, f)
	p.inputOutput(s, f)
	switch s.kind {
	case KindPass:
		p.passState(s, f)
	case KindTask:
		p.taskState(s, f)
	case KindChoice:
		p.choiceState(s, f)
	case KindWait:
		p.waitState(s, f)
	case KindFail:
		p.failState(s, f)
	case KindParallel:
		p.parallelState(s, f)
	case KindMap:
		p.mapState(s, f)
	case KindSucceed:
	}
	f.unknown()
	return s
}

// transition reads Next and End.
func (p *parser) transition(s *State, f *fields) {
	switch s.kind {
	case KindChoice, KindFail, KindSucceed:
		return
	default:
	}
	f.text("Next")
	s.end = f.flag("End")
	switch {
	case f.has("Next") && f.has("End") && s.end:
		p.errorf(f.location, "Only one of 'Next' and 'End' may be given")
	case !f.has("Next") && !s.end:
		p.errorf(f.location, "These fields are required: [Next] or [End]")
	}
}

// allowed says which of the shared fields a type of state has.
type allowed struct{ input, parameters, selector, result, assign, output bool }

var sharedFields = map[Kind]allowed{
	KindPass:     {input: true, parameters: true, result: true, assign: true, output: true},
	KindTask:     {input: true, parameters: true, selector: true, result: true, assign: true, output: true},
	KindChoice:   {input: true, assign: true, output: true},
	KindWait:     {input: true, assign: true, output: true},
	KindSucceed:  {input: true, output: true},
	KindParallel: {input: true, parameters: true, selector: true, result: true, assign: true, output: true},
	KindMap:      {input: true, selector: true, result: true, assign: true, output: true},
}

// inputOutput reads the fields that shape what goes into a state and out of it.
func (p *parser) inputOutput(s *State, f *fields) {
	may := sharedFields[s.kind]
	if may.assign {
		if n := f.get("Assign"); n != nil {
			s.assign = p.assignment(n, s.jsonata, at(f.location, "Assign"))
		}
	}
	if s.jsonata {
		if may.output {
			if n := f.get("Output"); n != nil {
				s.output = p.queryTemplate(n, at(f.location, "Output"))
			}
		}
		if may.parameters && s.kind != KindPass {
			if n := f.get("Arguments"); n != nil {
				s.parameters = p.queryTemplate(n, at(f.location, "Arguments"))
			}
		}
		return
	}
	if may.input {
		s.inputPath = f.optionalPath("InputPath", false)
		s.outputPath = f.optionalPath("OutputPath", false)
	}
	if may.parameters {
		if n := f.get("Parameters"); n != nil {
			s.parameters = p.pathTemplate(n, at(f.location, "Parameters"))
		}
	}
	if may.selector {
		if n := f.get("ResultSelector"); n != nil {
			if n.kind != '{' {
				f.wrong("ResultSelector", "Object")
			}
			s.selector = p.pathTemplate(n, at(f.location, "ResultSelector"))
		}
	}
	if may.result {
		s.resultPath = f.optionalPath("ResultPath", true)
	}
}

// assignment reads Assign, whose members are names of variables.
func (p *parser) assignment(n *node, jsonata bool, location string) *template {
	if n.kind != '{' {
		p.errorf(location, "Expected value of type Object")
	}
	for _, key := range n.keys {
		name := key
		if !jsonata && len(key) > 2 && key[len(key)-2:] == ".$" {
			name = key[:len(key)-2]
		}
		if p.reading != nil {
			p.reading.flow.assigned = append(p.reading.flow.assigned, assigned{name, at(location, key)})
		}
		if name == "states" || !identifier(name) {
			p.errorf(at(location, key), "Variable name must begin with a letter or '_', hold letters, digits and '_', be at most %d characters long, and not be 'states'", maxNameLength)
		}
	}
	if jsonata {
		return p.queryTemplate(n, location)
	}
	return p.pathTemplate(n, location)
}

func identifier(name string) bool {
	if name == "" || len(name) > maxNameLength {
		return false
	}
	for i := range len(name) {
		switch c := name[i]; {
		case c == '_', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= 0x80:
		case i > 0 && c >= '0' && c <= '9':
		default:
			return false
		}
	}
	return true
}
