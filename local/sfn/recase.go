package sfn

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// recase changes the first letter of every member's name: the States Language
// has all of them in upper case, some services in lower case.
func recase(document []byte, change func(rune) rune) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("the document of an integration: %w", err)
	}
	text, err := json.Marshal(recased(value, change))
	if err != nil {
		return nil, fmt.Errorf("the document of an integration: %w", err)
	}
	return text, nil
}

func recased(value any, change func(rune) rune) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			first, size := utf8.DecodeRuneInString(name)
			out[string(change(first))+name[size:]] = recased(member, change)
		}
		return out
	case []any:
		for i := range v {
			v[i] = recased(v[i], change)
		}
	}
	return value
}
