package pattern

// numeric makes the condition of ["=", 1], [">", 1], [">=", 1, "<", 5] and so on.
func (c compiler) numeric(v *node) (condition, error) {
	if v.kind != kindArray {
		return nil, c.failf(v.seen, "Value of numeric must be an array.")
	}
	if len(v.items) == 0 {
		return nil, c.failf(v.end, "Invalid member in numeric match: ]")
	}
	operator := &v.items[0]
	if operator.kind != kindText {
		return nil, c.failf(operator.seen, "Invalid member in numeric match: %s", operator.shown())
	}
	switch operator.text {
	case "=", "<", "<=", ">", ">=":
	default:
		return nil, c.failf(v.past(1), "Unrecognized numeric range operator: %s", operator.text)
	}
	n, err := c.number(v, 1)
	if err != nil {
		return nil, err
	}
	if operator.text == "=" {
		return exactNumber(n), c.noMore(v, 2)
	}
	bottom, top := int64(-maxDecimal), int64(maxDecimal)
	s := span{bottom, top}
	s.limit(operator.text, n)
	if operator.text[0] == '<' {
		top, err = n, c.noMore(v, 2)
	} else if bottom = n; len(v.items) > 2 {
		top, err = c.upper(v, &s)
	}
	if err != nil {
		return nil, err
	}
	if bottom >= top {
		return nil, c.failf(v.end, "Bottom must be less than top")
	}
	return s, nil
}

// upper reads the second half of a range.
func (c compiler) upper(v *node, s *span) (top int64, err error) {
	operator := &v.items[2]
	if operator.kind != kindText {
		return 0, c.failf(operator.seen, "Bad value in numeric range: %s", operator.shown())
	}
	if operator.text != "<" && operator.text != "<=" {
		return 0, c.failf(operator.end, "Bad numeric range operator: %s", operator.text)
	}
	if top, err = c.number(v, 3); err != nil {
		return 0, err
	}
	if len(v.items) > 4 {
		return 0, c.failf(v.past(4), "Too many terms in numeric range expression")
	}
	s.limit(operator.text, top)
	return top, nil
}

// number returns the number at index i of an expression, behind its operator.
func (c compiler) number(v *node, i int) (int64, error) {
	if i >= len(v.items) || v.items[i].kind != kindNumber {
		operator := v.items[i-1].text
		if operator == "=" {
			operator = "equals"
		}
		return 0, c.failf(v.past(i), "Value of %s must be numeric", operator)
	}
	n, reason := requireNumber(v.items[i].text)
	if reason != "" {
		return 0, c.failf(v.end, "%s", reason)
	}
	return n, nil
}

func (c compiler) noMore(v *node, i int) error {
	if len(v.items) > i {
		return c.failf(v.past(i), "Too many elements in numeric expression")
	}
	return nil
}

// limit narrows a range by one comparison.
func (s *span) limit(operator string, n int64) {
	switch operator {
	case "<":
		s.high = n - 1
	case "<=":
		s.high = n
	case ">":
		s.low = n + 1
	case ">=":
		s.low = n
	}
}

// past is how far a parser has read when it has come upon the item with an
// index, or upon the end.
func (n *node) past(i int) int {
	if i < len(n.items) {
		return n.items[i].seen
	}
	return n.end
}

// shown is a value as an error shows it.
func (n *node) shown() string {
	switch n.kind {
	case kindObject:
		return "{"
	case kindArray:
		return "["
	}
	return n.text
}
