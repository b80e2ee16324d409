package asl

import "errors"

// call is a compiled intrinsic function.
type call struct{ text string }

func compileCall(text string) (*call, error) { return nil, errors.New("no such function: " + text) }

func (c *call) eval(s *scope) (value, error) {
	return value{}, s.f.fault(ErrorIntrinsicFailure, "%s", c.text)
}
