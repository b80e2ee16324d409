package jsonpath

import "strings"

// Root says which document a Ref starts in.
type Root uint8

// The documents that a state can read from.
const (
	Input    Root = iota // "$": the state's input or result
	Context              // "$$": the context object
	Variable             // "$name": a variable assigned by an earlier state
)

// Ref is a path together with the document that it starts in, as payload
// templates and intrinsic functions write it: "$.a", "$$.Execution.Id" or
// "$order.items[0]".
type Ref struct {
	Root Root
	Name string // the variable's name, for Variable
	Path *Path
	text string
}

// String returns the reference as it was written.
func (r *Ref) String() string { return r.text }

// ParseRef reads a path with its root. The error is a *SyntaxError.
func ParseRef(text string) (*Ref, error) {
	ref := &Ref{text: text}
	rest := text
	switch {
	case strings.HasPrefix(text, "$$"):
		ref.Root, rest = Context, text[1:]
	case len(text) > 1 && text[0] == '$' && text[1] != '.' && text[1] != '[':
		end := len(text)
		if i := strings.IndexAny(text, ".["); i >= 0 {
			end = i
		}
		ref.Root, ref.Name, rest = Variable, text[1:end], "$"+text[end:]
		if !validVariable(ref.Name) {
			return nil, &SyntaxError{Path: text, Offset: 1, Reason: "not a variable name: it starts with a letter or _, and has letters, digits and _ only"}
		}
	}
	path, err := Parse(rest)
	if err != nil {
		if syntax, ok := err.(*SyntaxError); ok { //nolint:errorlint // Parse returns it unwrapped
			shifted := *syntax
			shifted.Path, shifted.Offset = text, syntax.Offset+len(text)-len(rest)
			return nil, &shifted
		}
		return nil, err
	}
	ref.Path = path
	return ref, nil
}

func validVariable(name string) bool {
	if name == "" || len(name) > 80 {
		return false
	}
	for i, r := range name {
		if r != '_' && !isIdentifier(r, i > 0) {
			return false
		}
	}
	return true
}
