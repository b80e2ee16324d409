package awssdk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// scalar returns a string's characters, and any other value's JSON.
func scalar(text json.RawMessage) string {
	var s string
	if text[0] == '"' && json.Unmarshal(text, &s) == nil {
		return s
	}
	return string(compact(text))
}

func compact(text json.RawMessage) []byte {
	var out bytes.Buffer
	if json.Compact(&out, text) != nil {
		return text
	}
	return out.Bytes()
}

// whole reads an integer, also when it is written 1e3 or 5.0.
func whole(text string) (int64, bool) {
	if number, err := strconv.ParseInt(text, 10, 64); err == nil {
		return number, true
	}
	number, err := strconv.ParseFloat(text, 64)
	return int64(number), err == nil && number == math.Trunc(number) && math.Abs(number) < 1<<53
}

// isExpression says whether a value is a JSONata expression.
func isExpression(text json.RawMessage) bool {
	s := strings.TrimSpace(scalar(text))
	return text[0] == '"' && strings.HasPrefix(s, "{%") && strings.HasSuffix(s, "%}")
}

type member struct {
	name  string
	value json.RawMessage
}

// split takes an object's members apart, in their order.
func split(text json.RawMessage) ([]member, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	open, err := decoder.Token()
	if err != nil {
		return nil, fmt.Errorf("object: %w", err)
	}
	if open != json.Delim('{') {
		return nil, errors.New("no object")
	}
	var members []member
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("object: %w", err)
		}
		m := member{name: fmt.Sprint(name)}
		if err := decoder.Decode(&m.value); err != nil {
			return nil, fmt.Errorf("object: %w", err)
		}
		members = append(members, m)
	}
	return members, nil
}
