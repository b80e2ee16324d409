package asl

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// node is a part of a definition, in the order in which it was written.
type node struct {
	kind byte // one of { [ " 0 t f n
	raw  []byte
	keys []string // of an object
	vals []*node  // of an object or array
	str  string   // of a string
}

func parseNode(text []byte) *node {
	text = text[rawjson.Space(text, 0):]
	text = text[:rawjson.Skip(text, 0)]
	n := &node{raw: text, kind: value{raw: text}.kind()}
	switch n.kind {
	case '{':
		for key, at := range rawjson.Members(text) {
			n.keys = append(n.keys, key)
			n.vals = append(n.vals, parseNode(text[at[0]:at[1]]))
		}
	case '[':
		for start, end := range rawjson.Elements(text) {
			n.vals = append(n.vals, parseNode(text[start:end]))
		}
	case '"':
		n.str = rawjson.String(text)
	}
	return n
}

// hasPath says whether a string in it looks like a path or a function.
func (n *node) hasPath() bool {
	return n.kind == '"' && looksLikePath(n.str) || slices.ContainsFunc(n.vals, (*node).hasPath)
}

// looksLikePath recognizes "$.a", "$$.b" and calls of intrinsic functions.
func looksLikePath(text string) bool {
	return text == "$" || strings.HasPrefix(text, "$.") || strings.HasPrefix(text, "$[") || strings.HasPrefix(text, "$$.") ||
		strings.HasPrefix(text, "States.") && strings.HasSuffix(text, ")")
}

// jsonLocation says where a text stops being JSON, in the way of AWS's parser.
func jsonLocation(text []byte, err error) string {
	var broken *rawjson.SyntaxError
	if !errors.As(err, &broken) {
		return ""
	}
	const most = 500
	before := text[:min(broken.Offset, len(text))]
	line := 1 + bytes.Count(before, []byte{'\n'})
	column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return fmt.Sprintf("[Source: (String)\"%s\"; line: %d, column: %d]", strings.ToValidUTF8(string(text[:min(most, len(text))]), "\uFFFD"), line, column)
}

// get returns the last member of that name, nil when there is none.
func (n *node) get(key string) *node {
	for i := len(n.keys) - 1; i >= 0; i-- {
		if n.keys[i] == key {
			return n.vals[i]
		}
	}
	return nil
}

// nth extends a location by an element of an array, as AWS writes it:
// "/States/C/Choices[0]".
func nth(location string, i int) string { return location + "[" + strconv.Itoa(i) + "]" }

// at extends a location by one step, escaped as in a JSON pointer.
func at(location, key string) string {
	key = strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
	if location == "/" {
		return location + key
	}
	return location + "/" + key
}
