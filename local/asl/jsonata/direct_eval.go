package jsonata

import (
	"bytes"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// kind is the type of an operand.
type kind uint8

const (
	undefined kind = iota
	null
	boolean
	number
	text
	object // of which nobody looks at the members
	array
)

// operand is a value: decoded when it is a scalar, and as its text when not.
type operand struct {
	kind kind
	num  float64 // of a boolean, 1 for true
	str  string
	raw  []byte
}

func truth(b bool) operand {
	if b {
		return operand{kind: boolean, num: 1}
	}
	return operand{kind: boolean}
}

// operandOf reads JSON. ok is false for what JavaScript may have another idea of.
func operandOf(raw []byte) (v operand, ok bool) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return v, false
	}
	switch raw[0] {
	case '"':
		s := rawjson.String(raw)
		return operand{kind: text, str: s, raw: raw}, !strings.ContainsRune(s, utf8.RuneError)
	case 't', 'f':
		return truth(raw[0] == 't'), true
	case 'n':
		return operand{kind: null}, true
	case '{':
		return operand{kind: object, raw: raw}, true
	case '[':
		return operand{kind: array, raw: raw}, true
	default:
		n, err := strconv.ParseFloat(string(raw), 64)
		return operand{kind: number, num: n, raw: raw}, err == nil
	}
}

// append writes the value as JSON: what was read, as it was written.
func (v operand) append(out []byte) []byte {
	switch {
	case v.raw != nil:
		return append(out, v.raw...)
	case v.kind == boolean:
		return strconv.AppendBool(out, v.num != 0)
	case v.kind == number:
		return appendNumber(out, v.num)
	case v.kind == text:
		return rawjson.AppendString(out, v.str)
	default:
		return append(out, "null"...)
	}
}

// appendNumber writes a number as JSON.stringify does.
func appendNumber(out []byte, n float64) []byte {
	if n == 0 {
		return append(out, '0') // and not -0
	}
	format := byte('f')
	if size := math.Abs(n); size < 1e-6 || size >= 1e21 {
		format = 'e'
	}
	start := len(out)
	out = strconv.AppendFloat(out, n, format, -1, 64)
	if format == 'e' { // 1e-07 is 1e-7
		if i := bytes.Index(out[start:], []byte("e-0")); i >= 0 {
			out = append(out[:start+i+2], out[start+i+3:]...)
		}
	}
	return out
}

// boolean is JSONata's idea of true. Of arrays with elements it has another one.
func (v operand) boolean() (truth, ok bool) {
	switch v.kind {
	case boolean, number:
		return v.num != 0, true
	case text:
		return v.str != "", true
	case object:
		return v.raw[rawjson.Space(v.raw, 1)] != '}', true
	case array:
		return false, v.raw[rawjson.Space(v.raw, 1)] == ']'
	default:
		return false, true
	}
}

// term is a node of the tree. ok is false when the interpreter must do it.
type term interface {
	eval(read Read) (v operand, ok bool)
}

type (
	constant    struct{ operand }
	ref         int
	negation    struct{ arg term }
	conditional struct{ condition, then, otherwise term }
	call        struct {
		name   string
		shadow ref // a variable of the function's name
		arg    term
	}
	arrayOf struct {
		items  []term
		nested []bool // which are arrays that were written within this one
	}
	objectOf   [][2]term
	arithmetic struct {
		sign     byte
		lhs, rhs term
	}
	comparison struct {
		sign     string
		lhs, rhs term
	}
	logic struct {
		or       bool
		lhs, rhs term
	}
	concat   struct{ lhs, rhs term }
	includes struct{ lhs, rhs term }
)

// binary makes the term of an operator, nil for one that is not known.
func binary(operator string, lhs, rhs term) term {
	switch operator {
	case "+", "-", "*", "/", "%":
		return arithmetic{operator[0], lhs, rhs}
	case "=", "!=", "<", "<=", ">", ">=":
		return comparison{operator, lhs, rhs}
	case "and", "or":
		return logic{operator == "or", lhs, rhs}
	case "&":
		return concat{lhs, rhs}
	case "in":
		return includes{lhs, rhs}
	}
	return nil
}

func (c constant) eval(Read) (operand, bool) { return c.operand, true }

func (r ref) eval(read Read) (operand, bool) {
	raw, known := read(int(r))
	if !known || raw == nil {
		return operand{}, known
	}
	return operandOf(raw)
}

func (n negation) eval(read Read) (operand, bool) {
	v, ok := n.arg.eval(read)
	if !ok || v.kind == undefined {
		return v, ok
	}
	return operand{kind: number, num: -v.num}, v.kind == number
}

func (c conditional) eval(read Read) (operand, bool) {
	v, ok := c.condition.eval(read)
	if !ok {
		return v, false
	}
	yes, ok := v.boolean()
	switch {
	case !ok:
		return v, false
	case yes:
		return c.then.eval(read)
	default:
		return c.otherwise.eval(read)
	}
}

func (c call) eval(read Read) (operand, bool) {
	if shadow, ok := c.shadow.eval(read); !ok || shadow.kind != undefined {
		return operand{}, false
	}
	v, ok := c.arg.eval(read)
	if !ok {
		return v, false
	}
	if c.name == "exists" {
		return truth(v.kind != undefined), true
	}
	yes, ok := v.boolean()
	return truth(yes == (c.name == "boolean")), ok && v.kind != undefined
}

func (a arrayOf) eval(read Read) (operand, bool) {
	out := []byte{'['}
	for i, item := range a.items {
		v, ok := item.eval(read)
		if !ok || v.kind == array && !a.nested[i] { // whose elements become this one's
			return v, false
		}
		if v.kind == undefined {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = v.append(out)
	}
	return operand{kind: array, raw: append(out, ']')}, len(out) < maxMade
}

func (o objectOf) eval(read Read) (operand, bool) {
	out := []byte{'{'}
	seen := make([]string, 0, 8)
	for _, pair := range o {
		key, ok := pair[0].eval(read)
		if !ok || key.kind != text || strings.HasPrefix(key.str, "_jsonata_") || isIndex(key.str) {
			return key, false
		}
		for _, other := range seen {
			if other == key.str {
				return key, false
			}
		}
		seen = append(seen, key.str)
		v, ok := pair[1].eval(read)
		if !ok {
			return v, false
		}
		if v.kind == undefined {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(rawjson.AppendString(out, key.str), ':')
		out = v.append(out)
	}
	return operand{kind: object, raw: append(out, '}')}, len(out) < maxMade
}

// isIndex says whether JavaScript puts a member in front of the others, whatever
// its place.
func isIndex(key string) bool { return key != "" && key[0] >= '0' && key[0] <= '9' }

func (a arithmetic) eval(read Read) (operand, bool) {
	l, ok := a.lhs.eval(read)
	if !ok || l.kind != number && l.kind != undefined {
		return l, false
	}
	r, ok := a.rhs.eval(read)
	if !ok || r.kind != number && r.kind != undefined {
		return r, false
	}
	if l.kind == undefined || r.kind == undefined {
		return operand{}, true
	}
	v := operand{kind: number}
	switch a.sign {
	case '+':
		v.num = l.num + r.num
	case '-':
		v.num = l.num - r.num
	case '*':
		v.num = l.num * r.num
	case '/':
		v.num = l.num / r.num
	default:
		v.num = math.Mod(l.num, r.num)
	}
	return v, !math.IsInf(v.num, 0) && !math.IsNaN(v.num)
}

func (c comparison) eval(read Read) (operand, bool) {
	l, ok := c.lhs.eval(read)
	if !ok || l.kind >= object {
		return l, false
	}
	r, ok := c.rhs.eval(read)
	if !ok || r.kind >= object {
		return r, false
	}
	missing := l.kind == undefined || r.kind == undefined
	if c.sign == "=" || c.sign == "!=" {
		return truth(!missing && same(l, r) == (c.sign == "=")), true
	}
	for _, v := range []operand{l, r} { // by JavaScript's order of texts, or not at all
		if v.kind == null || v.kind == boolean || v.kind == text && !isASCII(v.str) {
			return v, false
		}
	}
	if missing {
		return operand{}, true
	}
	if l.kind != r.kind {
		return l, false
	}
	less, more := l.num < r.num, l.num > r.num
	if l.kind == text {
		less, more = l.str < r.str, l.str > r.str
	}
	switch c.sign {
	case "<":
		return truth(less), true
	case ">":
		return truth(more), true
	case "<=":
		return truth(!more), true
	default:
		return truth(!less), true
	}
}

// same compares scalars as JavaScript's === does.
func same(l, r operand) bool { return l.kind == r.kind && l.num == r.num && l.str == r.str }

func (l logic) eval(read Read) (operand, bool) {
	for _, side := range []term{l.lhs, l.rhs} {
		v, ok := side.eval(read)
		if !ok {
			return v, false
		}
		yes, ok := v.boolean()
		if !ok {
			return v, false
		}
		if yes == l.or {
			return truth(yes), true
		}
	}
	return truth(!l.or), true
}

// How many bytes a text, and an array or object, may get here; what is larger may
// be too large for JSONata, too.
const (
	maxConcat = 64 << 10
	maxMade   = 1 << 20
)

func (c concat) eval(read Read) (operand, bool) {
	var all string
	for _, side := range []term{c.lhs, c.rhs} {
		v, ok := side.eval(read)
		if !ok {
			return v, false
		}
		switch v.kind {
		case undefined:
		case text:
			all += v.str
		case null, boolean:
			all += string(v.append(nil))
		case number:
			if v.num != math.Trunc(v.num) || math.Abs(v.num) >= 1e15 { // which JSONata rounds
				return v, false
			}
			all += string(appendNumber(nil, v.num))
		default:
			return v, false
		}
	}
	return operand{kind: text, str: all}, len(all) <= maxConcat
}

func (i includes) eval(read Read) (operand, bool) {
	l, ok := i.lhs.eval(read)
	if !ok || l.kind >= object {
		return l, false
	}
	r, ok := i.rhs.eval(read)
	switch {
	case !ok || r.kind == object:
		return r, false
	case l.kind == undefined || r.kind == undefined:
		return truth(false), true
	case r.kind != array:
		return truth(same(l, r)), true
	}
	for start, end := range rawjson.Elements(r.raw) {
		v, ok := operandOf(r.raw[start:end])
		if !ok {
			return v, false
		}
		if v.kind < object && same(l, v) {
			return truth(true), true
		}
	}
	return truth(false), true
}
