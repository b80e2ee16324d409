package settings

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// reader reads typed values from a context and collects what is wrong.
type reader struct {
	context map[string]any
	known   map[string]bool
	errors  []error
}

// value returns a key's value, and whether there is one: an empty text is
// none, so that a command line may leave a setting out by naming nothing.
func (r *reader) value(name string) (any, bool) {
	r.known[name] = true
	value, ok := r.context[Prefix+name]
	return value, ok && value != nil && value != ""
}

func (r *reader) refuse(name string, value any, must string) {
	r.errors = append(r.errors, fmt.Errorf("context %s%s %s: must be %s", Prefix, name, shown(value), must))
}

func (r *reader) text(name, otherwise string) string {
	value, ok := r.value(name)
	if !ok {
		return otherwise
	}
	text, ok := value.(string)
	if !ok {
		r.refuse(name, value, "text")
	}
	return text
}

func (r *reader) number(name string, otherwise, least, most int) int {
	value, ok := r.value(name)
	if !ok {
		return otherwise
	}
	n, ok := value.(float64) // as JSON has numbers
	if text, isText := value.(string); isText {
		parsed, err := strconv.Atoi(strings.TrimSpace(text))
		n, ok = float64(parsed), err == nil
	}
	if !ok || n != math.Trunc(n) || n < float64(least) || n > float64(most) {
		r.refuse(name, value, fmt.Sprintf("a whole number from %d to %d", least, most))
		return otherwise
	}
	return int(n)
}

func (r *reader) flag(name string) bool {
	value, ok := r.value(name)
	if !ok {
		return false
	}
	switch value {
	case true, "true":
		return true
	case false, "false":
		return false
	}
	r.refuse(name, value, "true or false")
	return false
}

// list reads an array of texts, or one text with commas between its parts.
func (r *reader) list(name string) []string {
	value, ok := r.value(name)
	if !ok {
		return nil
	}
	var parts []any
	switch value := value.(type) {
	case []any:
		parts = value
	case string:
		for part := range strings.SplitSeq(value, ",") {
			parts = append(parts, strings.TrimSpace(part))
		}
	default:
		r.refuse(name, value, "a list of texts")
		return nil
	}
	var list []string
	seen := make(map[string]bool)
	for _, part := range parts {
		text, ok := part.(string)
		if !ok || text == "" || seen[text] {
			r.refuse(name, value, "a list of texts, none of them empty and each once")
			return nil
		}
		seen[text] = true
		list = append(list, text)
	}
	return list
}

// shown writes a value as cdk.json would have it, and no longer than helps.
func shown(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("%v", value)
	}
	if len(text) > 80 {
		return strings.ToValidUTF8(string(text[:80]), "") + "…"
	}
	return string(text)
}
