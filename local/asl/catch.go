package asl

import "github.com/mayfly-dev/mayfly/local/asl/rawjson"

// catcher is one element of Catch.
type catcher struct {
	errors     []string
	resultPath optionalPath
	assign     *template
	output     *template
	nextName   string
	next       *State
}

func (p *parser) catchers(f *fields, jsonata bool) []catcher {
	n := f.get("Catch")
	if n == nil {
		return nil
	}
	location := at(f.location, "Catch")
	if n.kind != '[' {
		f.wrong("Catch", "Array")
		return nil
	}
	p.inCatch = true
	defer func() { p.inCatch = false }()
	all := make([]catcher, 0, len(n.vals))
	for i, item := range n.vals {
		c := p.fields(item, nth(location, i))
		one := catcher{errors: p.errorNames(c, i == len(n.vals)-1)}
		c.text("Comment")
		if one.nextName = c.text("Next"); one.nextName == "" {
			p.errorf(c.location, "These fields are required: [Next]")
		}
		if assigned := c.get("Assign"); assigned != nil {
			one.assign = p.assignment(assigned, jsonata, at(c.location, "Assign"))
		}
		if jsonata {
			if out := c.get("Output"); out != nil {
				one.output = p.queryTemplate(out, at(c.location, "Output"))
			}
		} else {
			one.resultPath = c.optionalPath("ResultPath", true)
		}
		c.unknown()
		all = append(all, one)
	}
	return all
}

// errorOutput is what a catcher gives to its next state.
func errorOutput(failed *TaskError) value {
	out := make([]byte, 0, 32+len(failed.Name)+len(failed.Cause))
	out = rawjson.AppendString(append(out, `{"Error":`...), failed.Name)
	out = rawjson.AppendString(append(out, `,"Cause":`...), failed.Cause)
	return value{raw: append(out, '}')}
}
