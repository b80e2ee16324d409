package jsonata

import (
	"encoding/json"
	"slices"
	"strings"
)

// Ref is a variable of an expression with the members that follow it, as
// $states.input.order.id has three.
type Ref struct {
	Variable string
	Members  []string
}

// Read finds the values of an expression's refs, by their index, for
// [Expr.EvalDirect]. Of a value that is not there, and that no JSONata can find
// there, known is true and text nil. known is false when only JSONata can tell,
// as when there is an array on the way.
type Read func(ref int) (text []byte, known bool)

// Refs returns what EvalDirect reads; nil when the expression is none that it
// evaluates.
func (e *Expr) Refs() []Ref { return e.refs }

// EvalDirect evaluates the expression without the interpreter, hundreds of times
// as fast, when it is a simple one of simple values: what a Choice state asks
// for, a sum, a text that is put together, an object of members. ok is false
// when it is for the interpreter: also when it fails or gives nothing.
func (e *Expr) EvalDirect(read Read) (result json.RawMessage, ok bool) {
	if e.direct == nil {
		return nil, false
	}
	v, ok := e.direct.eval(read)
	if !ok || v.kind == undefined {
		return nil, false
	}
	return v.append(nil), true
}

// maxDirect is how many nodes a tree has at most that is evaluated directly.
const maxDirect = 100

// compileDirect makes an expression's tree from JSONata's, and leaves it when
// there is anything in that which Go does not do exactly as JSONata.
func (e *Expr) compileDirect(ast string) {
	c := &directCompiler{free: e.free}
	if tree := c.compile([]byte(ast)); tree != nil && c.nodes <= maxDirect {
		e.direct, e.refs = tree, c.refs
	}
}

type directCompiler struct {
	free  []string // names that are of no function
	refs  []Ref
	nodes int
}

// astNode is a node of JSONata's syntax tree. What stands in a node beside these
// changes its meaning.
type astNode struct {
	kind, value string
	parts       map[string]json.RawMessage
}

// partsOf are the members of each type of node that are understood.
var partsOf = map[string]string{
	"binary": "lhs rhs", "condition": "condition then else", "block": "expressions", "function": "procedure arguments",
	"path": "steps", "unary": "lhs expression expressions", "name": "", "variable": "", "number": "", "string": "", "value": "",
}

func parseNode(text json.RawMessage) (n astNode, ok bool) {
	if json.Unmarshal(text, &n.parts) != nil || json.Unmarshal(n.parts["type"], &n.kind) != nil {
		return n, false
	}
	known, ok := partsOf[n.kind]
	if !ok {
		return n, false
	}
	for name := range n.parts {
		switch name {
		case "type", "position", "value":
		default:
			if !slices.Contains(strings.Fields(known), name) {
				return n, false
			}
		}
	}
	_ = json.Unmarshal(n.parts["value"], &n.value) // a number's or a constant's is none
	return n, true
}

func list(text json.RawMessage) []json.RawMessage {
	var all []json.RawMessage
	_ = json.Unmarshal(text, &all) // none is an empty one
	return all
}

// compile returns nil for what is not understood.
func (c *directCompiler) compile(text json.RawMessage) term {
	n, ok := parseNode(text)
	if c.nodes++; !ok || c.nodes > maxDirect {
		return nil
	}
	switch n.kind {
	case "number", "string", "value":
		if v, ok := operandOf(n.parts["value"]); ok {
			return constant{v}
		}
	case "variable":
		return c.ref(n.value, nil)
	case "path":
		return c.path(list(n.parts["steps"]))
	case "block":
		if inner := list(n.parts["expressions"]); len(inner) == 1 {
			return c.compile(inner[0])
		}
	case "binary":
		if args := c.all(n.parts["lhs"], n.parts["rhs"]); args != nil {
			return binary(n.value, args[0], args[1])
		}
	case "condition":
		return c.condition(n)
	case "function":
		return c.function(n)
	case "unary":
		return c.unary(n)
	}
	return nil
}

// all compiles several, and returns nil unless all are understood.
func (c *directCompiler) all(texts ...json.RawMessage) []term {
	terms := make([]term, len(texts))
	for i, text := range texts {
		if terms[i] = c.compile(text); terms[i] == nil {
			return nil
		}
	}
	return terms
}

func (c *directCompiler) ref(variable string, members []string) term {
	if variable == "states" && len(members) == 0 || variable != "states" && !slices.Contains(c.free, variable) {
		return nil
	}
	c.refs = append(c.refs, Ref{variable, members})
	return ref(len(c.refs) - 1)
}

func (c *directCompiler) path(steps []json.RawMessage) term {
	var variable string
	var members []string
	for i, text := range steps {
		n, ok := parseNode(text)
		switch {
		case !ok || i == 0 && n.kind != "variable" || i > 0 && n.kind != "name":
			return nil
		case i == 0:
			variable = n.value
		default:
			members = append(members, n.value)
		}
	}
	if len(members) == 0 {
		return nil
	}
	return c.ref(variable, members)
}

func (c *directCompiler) condition(n astNode) term {
	args := c.all(n.parts["condition"], n.parts["then"])
	if args == nil {
		return nil
	}
	choice := conditional{args[0], args[1], constant{operand{}}}
	if n.parts["else"] != nil {
		if choice.otherwise = c.compile(n.parts["else"]); choice.otherwise == nil {
			return nil
		}
	}
	return choice
}

// function compiles a call of a function of JSONata's. A variable of the same
// name would be called in its place.
func (c *directCompiler) function(n astNode) term {
	procedure, ok := parseNode(n.parts["procedure"])
	args := list(n.parts["arguments"])
	if !ok || procedure.kind != "variable" || len(args) != 1 || !slices.Contains([]string{"exists", "not", "boolean"}, procedure.value) {
		return nil
	}
	arg := c.compile(args[0])
	if arg == nil {
		return nil
	}
	c.refs = append(c.refs, Ref{procedure.value, nil})
	return call{procedure.value, ref(len(c.refs) - 1), arg}
}

func (c *directCompiler) unary(n astNode) term {
	switch n.value {
	case "-":
		if arg := c.compile(n.parts["expression"]); arg != nil {
			return negation{arg}
		}
	case "[":
		items := list(n.parts["expressions"])
		terms := c.all(items...)
		if terms == nil {
			return nil
		}
		made := arrayOf{items: terms, nested: make([]bool, len(items))}
		for i := range items {
			inner, _ := parseNode(items[i]) // it was compiled
			made.nested[i] = inner.kind == "unary" && inner.value == "["
		}
		return made
	case "{":
		made := objectOf{}
		for _, pair := range list(n.parts["lhs"]) {
			member := list(pair)
			if len(member) != 2 {
				return nil
			}
			terms := c.all(member...)
			if terms == nil {
				return nil
			}
			made = append(made, [2]term{terms[0], terms[1]})
		}
		return made
	}
	return nil
}
