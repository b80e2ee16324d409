package asl

import (
	"strconv"
	"strings"
	"time"
)

// signs are how comparisons are written for people.
var signs = map[byte]string{'=': "=", '<': "<", '>': ">", 'l': "≤", 'g': "≥"}

// tests are how the Is… operators are.
var tests = map[byte]string{'n': "null", 'p': "there", '0': "a number", '"': "a string", 'b': "a boolean", 't': "a timestamp"}

// String returns what the rule asks for, as a person would write it.
func (r *rule) String() string {
	switch {
	case r.condition != nil:
		return r.condition.String()
	case r.not != nil:
		return "not " + r.not.part()
	case r.and != nil:
		return joined(r.and, " and ")
	case r.or != nil:
		return joined(r.or, " or ")
	default:
		return r.compare.String()
	}
}

// part is a rule within another one.
func (r *rule) part() string {
	if len(r.and) > 1 || len(r.or) > 1 {
		return "(" + r.String() + ")"
	}
	return r.String()
}

func joined(rules []*rule, by string) string {
	parts := make([]string, len(rules))
	for i, r := range rules {
		parts[i] = r.part()
	}
	return strings.Join(parts, by)
}

// String returns the comparison with its constant or its other path.
func (c *comparison) String() string {
	if c.operator.typ == '?' {
		is := " is "
		if !c.truth {
			is = " is not "
		}
		return c.variable.text + is + tests[c.operator.sign]
	}
	var other string
	switch {
	case c.other != nil:
		other = c.other.text
	case c.operator.typ == 'n':
		other = strconv.FormatFloat(c.number, 'g', -1, 64)
	case c.operator.typ == 't':
		other = c.moment.Format(time.RFC3339Nano)
	case c.operator.typ == 'b':
		other = strconv.FormatBool(c.truth)
	default:
		other = strconv.Quote(c.text)
	}
	sign := signs[c.operator.sign]
	if c.operator.typ == 'm' {
		sign = "like"
	}
	return c.variable.text + " " + sign + " " + other
}

// String returns the expression, or the constant, that a condition is.
func (t *template) String() string {
	var b strings.Builder
	for _, part := range t.segments {
		if part.query != nil {
			b.WriteString(part.query.text)
		} else {
			b.Write(part.literal)
		}
	}
	return b.String()
}
