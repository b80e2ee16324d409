package asl

import "github.com/mayfly-dev/mayfly/local/asl/rawjson"

type passState struct {
	result value // Result, compacted; raw is nil when absent
}

func (p *parser) passState(s *State, f *fields) {
	s.pass = &passState{}
	if s.jsonata {
		return
	}
	if n := f.get("Result"); n != nil {
		s.pass.result = value{raw: rawjson.Compact(nil, n.raw)}
		if n.hasPath() {
			p.warn(CodeStaticResult, at(f.location, "Result"), "Result is used as it stands: a path in it is not followed")
		}
	}
}

func (x *execution) runPass(f *frame) error {
	s := f.state
	if s.jsonata {
		return x.pass(f, s.next)
	}
	if s.pass.result.raw != nil {
		x.inspect(StageResult, s.pass.result)
		return x.complete(f, s.pass.result, s.next)
	}
	result, err := x.effectiveInput(f)
	if err != nil {
		return err
	}
	return x.complete(f, result, s.next)
}
