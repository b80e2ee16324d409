package pattern

const oneKey = "Only one key allowed in match expression"

// operator makes the condition of {"prefix": "a"} and the like.
func (c compiler) operator(n *node) (condition, error) {
	if len(n.members) == 0 {
		return nil, c.failf(n.end, "Match expression name not found")
	}
	name, v := n.members[0].name, &n.members[0].value
	condition, err := c.operand(name, v)
	if err != nil {
		return nil, err
	}
	if len(n.members) > 1 {
		reason := oneKey
		if name == "numeric" || name == "anything-but" {
			reason = "Too many elements in numeric expression"
		}
		return nil, c.failf(n.members[1].value.seen, "%s", reason)
	}
	return condition, nil
}

func (c compiler) operand(name string, v *node) (condition, error) {
	switch name {
	case "exactly":
		if v.kind != kindText {
			return nil, c.failf(v.seen, "exact match pattern must be a string")
		}
		return exact(v), nil
	case "prefix", "suffix":
		return c.affix(name, v)
	case "equals-ignore-case":
		if v.kind != kindText {
			return nil, c.failf(v.seen, "equals-ignore-case match pattern must be a string")
		}
		return foldedText{fold(v.text)}, nil
	case "wildcard":
		return c.wildcard(v)
	case "numeric":
		return c.numeric(v)
	case "anything-but":
		return c.anythingBut(v)
	case "exists":
		switch v.kind {
		case kindTrue:
			return present{}, nil
		case kindFalse:
			return absent{}, nil
		}
		return nil, c.failf(v.seen, "exists match pattern must be either true or false.")
	case "cidr":
		if v.kind != kindText { // the text names the wrong operator on AWS, too
			return nil, c.failf(v.seen, "prefix match pattern must be a string")
		}
		block, err := network(v.text)
		return within(block), err
	}
	return nil, c.failf(v.seen, "Unrecognized match type %s", name)
}

// affix is a prefix or suffix, of a string or of {"equals-ignore-case": "a"}.
func (c compiler) affix(name string, v *node) (condition, error) {
	title := "Prefix"
	if name == "suffix" {
		title = "Suffix"
	}
	switch v.kind {
	case kindText:
		if name == "suffix" {
			return suffix(v.text), nil
		}
		return prefix(v.text), nil
	case kindObject:
		if len(v.members) == 0 {
			return nil, c.failf(v.end, "%s expression name not found", title)
		}
		of, text := v.members[0].name, &v.members[0].value
		switch {
		case of != "equals-ignore-case":
			return nil, c.failf(text.seen, "Unsupported %s pattern: %s", name, of)
		case text.kind != kindText:
			return nil, c.failf(text.seen, "equals-ignore-case match pattern must be a string")
		case len(v.members) > 1:
			return nil, c.failf(v.members[1].value.seen, oneKey)
		case name == "suffix":
			return foldedSuffix{fold(text.text)}, nil
		}
		return foldedPrefix{fold(text.text)}, nil
	}
	return nil, c.failf(v.seen, "%s match pattern must be a string", name)
}

func (c compiler) wildcard(v *node) (condition, error) {
	if v.kind != kindText {
		return nil, c.failf(v.seen, "wildcard match pattern must be a string")
	}
	g, reason := compileGlob(v.text)
	if reason != "" {
		return nil, c.failf(v.end, "%s", reason)
	}
	return wildcard{g}, nil
}

// anythingBut is a scalar, a list of them, or one of four operators over
// strings or lists of strings.
func (c compiler) anythingBut(v *node) (condition, error) {
	operator := ""
	if v.kind == kindObject {
		if len(v.members) == 0 {
			return nil, c.failf(v.end, "Anything-But expression name not found")
		}
		of := v.members[0]
		switch of.name {
		case "equals-ignore-case", "prefix", "suffix", "wildcard":
		default:
			return nil, c.failf(of.value.seen, "Unsupported anything-but pattern: %s", of.name)
		}
		if len(v.members) > 1 {
			return nil, c.failf(v.members[1].value.seen, "Too many elements in numeric expression")
		}
		operator, v = of.name, &of.value
	}
	switch {
	case v.kind == kindArray && operator == "":
		return c.butList(v)
	case v.kind == kindArray:
		but := anythingBut{}
		for i := range v.items {
			not, reason := butNot(operator, &v.items[i])
			switch {
			case reason != "" && v.items[i].kind == kindText && operator == "wildcard":
				return nil, c.failf(v.end, "%s", reason) // a list's wildcards are read at its end
			case reason != "" && v.items[i].kind == kindText:
				return nil, c.failTwice(v.items[i].end, reason)
			case reason != "":
				return nil, c.failTwice(v.items[i].seen, reason)
			}
			but = append(but, not)
		}
		return but, nil
	case v.kind != kindText && v.kind != kindNumber:
		return nil, c.failf(v.seen, "Value of anything-but must be an array or single string/number value.")
	case operator == "":
		not, reason := butValue(v)
		if reason != "" {
			return nil, failf("%s", reason)
		}
		return anythingBut{not}, nil
	}
	not, reason := butNot(operator, v)
	if reason != "" {
		return nil, c.failf(v.end, "%s", reason)
	}
	return anythingBut{not}, nil
}

// butList is a list of strings or one of numbers.
func (c compiler) butList(v *node) (condition, error) {
	but := anythingBut{}
	numbers, texts := false, false
	for i := range v.items {
		item := &v.items[i]
		switch item.kind {
		case kindText:
			texts = true
		case kindNumber:
			numbers = true
		default:
			return nil, c.failTwice(item.seen, "Inside anything but list, start|null|boolean is not supported.")
		}
		not, reason := butValue(item)
		if reason != "" {
			return nil, c.failf(item.end, "%s", reason)
		}
		but = append(but, not)
	}
	if numbers == texts {
		return nil, c.failf(v.end, "Inside anything but list, either all values are number or string, mixed type is not supported")
	}
	return but, nil
}

// butValue is what a string or number excludes: a string by its characters
// alone, even where it is an IP address.
func butValue(v *node) (condition, string) {
	if v.kind == kindText {
		return exactText(v.text), ""
	}
	number, reason := requireNumber(v.text)
	return exactNumber(number), reason
}

// butNot is what an operator within anything-but excludes.
func butNot(operator string, v *node) (condition, string) {
	switch {
	case v.kind != kindText && operator == "equals-ignore-case":
		return nil, "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
	case v.kind != kindText && operator == "wildcard":
		return nil, "wildcard match pattern must be a string"
	case v.kind != kindText:
		return nil, "prefix/suffix match pattern must be a string"
	case operator == "equals-ignore-case":
		return foldedText{fold(v.text)}, ""
	case operator == "wildcard":
		g, reason := compileGlob(v.text)
		return wildcard{g}, reason
	case v.text == "":
		return nil, "Null prefix/suffix not allowed"
	case operator == "suffix":
		return suffix(v.text), ""
	}
	return prefix(v.text), ""
}
