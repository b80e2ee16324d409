package iam

import (
	"encoding/json"
	"sort"
	"strconv"
	"strings"
)

// A Condition is one line of a Condition block: the operator as written, the
// key, and the values of which one must match.
type Condition struct {
	Operator string
	Key      string
	Values   []string

	test     test
	quantity quantity
	ifExists bool
}

// A quantity says how many of a key's values in the request must match.
type quantity int

const (
	anyOrNone quantity = iota // one value matches, or none does when negated
	forAnyValue
	forAllValues
)

func conditions(raw json.RawMessage) ([]Condition, error) {
	blocks, err := object(raw)
	if err != nil {
		return nil, syntax("Conditions must be an object")
	}
	var parsed []Condition
	for operator, block := range blocks {
		keys, err := object(block)
		if err != nil {
			return nil, syntax("The condition %s must be an object", operator)
		}
		for key, raw := range keys {
			values, err := scalars(raw)
			if err != nil || key == "" {
				return nil, syntax("The condition %s on %s is not valid", operator, key)
			}
			one, err := newCondition(operator, key, values)
			if err != nil {
				return nil, err
			}
			parsed = append(parsed, one)
		}
	}
	// The order in which a map is walked must not show.
	sort.Slice(parsed, func(i, j int) bool {
		return parsed[i].Operator+"\x00"+parsed[i].Key < parsed[j].Operator+"\x00"+parsed[j].Key
	})
	return parsed, nil
}

func newCondition(operator, key string, values []string) (Condition, error) {
	c := Condition{Operator: operator, Key: key, Values: values}
	name := operator
	switch lower := strings.ToLower(name); {
	case strings.HasPrefix(lower, "foranyvalue:"):
		c.quantity, name = forAnyValue, name[len("foranyvalue:"):]
	case strings.HasPrefix(lower, "forallvalues:"):
		c.quantity, name = forAllValues, name[len("forallvalues:"):]
	}
	if strings.HasSuffix(strings.ToLower(name), "ifexists") {
		c.ifExists, name = true, name[:len(name)-len("ifexists")]
	}
	known, ok := operators[strings.ToLower(name)]
	if !ok || (c.ifExists && known.presence) {
		return Condition{}, syntax("Invalid Condition type : %s", operator)
	}
	c.test = known
	for _, value := range values {
		if known.valid != nil && !strings.Contains(value, "${") && !known.valid(value) {
			return Condition{}, syntax("Invalid value %q for the condition %s on %s", value, operator, key)
		}
	}
	return c, nil
}

// scalars decodes a string, a number, a boolean, or a list of them, to text.
func scalars(raw json.RawMessage) ([]string, error) {
	list := []json.RawMessage{raw}
	if first(raw) == '[' {
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, err
		}
	}
	values := make([]string, 0, len(list))
	for _, item := range list {
		var value any
		decoder := json.NewDecoder(strings.NewReader(string(item)))
		decoder.UseNumber()
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		switch value := value.(type) {
		case string:
			values = append(values, value)
		case json.Number:
			values = append(values, value.String())
		case bool:
			values = append(values, strconv.FormatBool(value))
		default:
			return nil, syntax("a condition's value is a string, a number or a boolean")
		}
	}
	return values, nil
}

// holds reports whether the condition is met by the request's context.
func (c *Condition) holds(context Context, variables bool) bool {
	asked, present := context.get(c.Key)
	present = present && len(asked) > 0
	if c.test.presence {
		for _, value := range c.Values {
			if strings.EqualFold(value, strconv.FormatBool(!present)) {
				return true
			}
		}
		return false
	}
	if !present {
		switch {
		case c.ifExists, c.quantity == forAllValues:
			return true
		case c.quantity == forAnyValue:
			return false
		}
		return c.test.negated
	}
	matches := func(value string) bool {
		for _, wanted := range c.Values {
			pattern, ok := expand(wanted, context, variables)
			if ok && c.test.match(pattern, value) {
				return true
			}
		}
		return false
	}
	matched := 0
	for _, value := range asked {
		if matches(value) {
			matched++
		}
	}
	switch c.quantity {
	case forAllValues:
		if c.test.negated {
			return matched == 0
		}
		return matched == len(asked)
	case forAnyValue:
		if c.test.negated {
			return matched < len(asked)
		}
		return matched > 0
	default:
		return (matched > 0) != c.test.negated
	}
}
