package template

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// resolve replaces the intrinsic functions in a value. Objects are otherwise
// kept as they are: a policy's Condition is not CloudFormation's.
func (t *template) resolve(value any) (any, error) {
	switch value := value.(type) {
	case []any:
		resolved := make([]any, 0, len(value))
		for _, item := range value {
			one, err := t.resolve(item)
			if err != nil {
				return nil, err
			}
			if one != nil { // AWS::NoValue
				resolved = append(resolved, one)
			}
		}
		return resolved, nil
	case map[string]any:
		if name, argument, ok := intrinsic(value); ok {
			return t.call(name, argument)
		}
		resolved := make(map[string]any, len(value))
		for key, member := range value {
			one, err := t.resolve(member)
			if err != nil {
				return nil, err
			}
			if one != nil {
				resolved[key] = one
			}
		}
		return resolved, nil
	}
	return value, nil
}

// intrinsic takes {"Fn::Join": …} apart.
func intrinsic(value map[string]any) (name string, argument any, ok bool) {
	if len(value) != 1 {
		return "", nil, false
	}
	for name, argument := range value {
		return name, argument, name == "Ref" || strings.HasPrefix(name, "Fn::")
	}
	return "", nil, false
}

func (t *template) call(name string, argument any) (any, error) {
	switch name {
	case "Ref":
		id, _ := argument.(string)
		return t.ref(id)
	case "Fn::GetAtt":
		return t.getAtt(argument)
	case "Fn::Join":
		return t.join(argument)
	case "Fn::Split":
		return t.split(argument)
	case "Fn::Select":
		return t.choose(argument)
	case "Fn::Sub":
		return t.sub(argument)
	}
	return nil, fmt.Errorf("%s is not known here", name)
}

// text resolves a value that must come to a text.
func (t *template) text(value any) (string, error) {
	resolved, err := t.resolve(value)
	if err != nil {
		return "", err
	}
	switch resolved := resolved.(type) {
	case string:
		return resolved, nil
	case float64:
		return fmt.Sprint(resolved), nil
	}
	return "", fmt.Errorf("%v is no text", value)
}

// pair takes the two arguments of a function apart.
func pair(argument any) (first, second any, err error) {
	arguments, ok := argument.([]any)
	if !ok || len(arguments) != 2 {
		return nil, nil, errors.New("two arguments are wanted")
	}
	return arguments[0], arguments[1], nil
}

func (t *template) join(argument any) (any, error) {
	between, parts, err := pair(argument)
	if err != nil {
		return nil, fmt.Errorf("Fn::Join: %w", err)
	}
	separator, ok := between.(string)
	if !ok {
		return nil, errors.New("Fn::Join: the separator is no text")
	}
	resolved, err := t.resolve(parts)
	if err != nil {
		return nil, err
	}
	texts, err := t.list(resolved)
	if err != nil {
		return nil, fmt.Errorf("Fn::Join: %w", err)
	}
	return strings.Join(texts, separator), nil
}

func (t *template) split(argument any) (any, error) {
	between, whole, err := pair(argument)
	if err != nil {
		return nil, fmt.Errorf("Fn::Split: %w", err)
	}
	separator, _ := between.(string)
	text, err := t.text(whole)
	if err != nil || separator == "" {
		return nil, errors.Join(errors.New("Fn::Split wants a separator and a text"), err)
	}
	var parts []any
	for part := range strings.SplitSeq(text, separator) {
		parts = append(parts, part)
	}
	return parts, nil
}

func (t *template) choose(argument any) (any, error) {
	index, from, err := pair(argument)
	if err != nil {
		return nil, fmt.Errorf("Fn::Select: %w", err)
	}
	resolved, err := t.resolve(from)
	if err != nil {
		return nil, err
	}
	items, _ := resolved.([]any)
	var at int
	if _, err := fmt.Sscan(fmt.Sprint(index), &at); err != nil || at < 0 || at >= len(items) {
		return nil, fmt.Errorf("Fn::Select: there is no item %v", index)
	}
	return items[at], nil
}

// variable is a reference in Fn::Sub; ${!Literal} is none.
var variable = regexp.MustCompile(`\$\{(!?)([^}]+)\}`)

func (t *template) sub(argument any) (any, error) {
	text, ok := argument.(string)
	own := map[string]any{}
	if !ok {
		first, second, err := pair(argument)
		if err != nil {
			return nil, fmt.Errorf("Fn::Sub: %w", err)
		}
		text, _ = first.(string)
		own, _ = second.(map[string]any)
	}
	var failed error
	replaced := variable.ReplaceAllStringFunc(text, func(found string) string {
		parts := variable.FindStringSubmatch(found)
		if parts[1] == "!" {
			return "${" + parts[2] + "}"
		}
		value, given := own[parts[2]]
		switch id, attribute, dotted := strings.Cut(parts[2], "."); {
		case given:
		case dotted:
			value = map[string]any{"Fn::GetAtt": []any{id, attribute}}
		default:
			value = map[string]any{"Ref": id}
		}
		resolved, err := t.text(value)
		failed = errors.Join(failed, err)
		return resolved
	})
	return replaced, failed
}
