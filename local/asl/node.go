package asl

import (
	"strings"

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

// get returns the last member of that name, nil when there is none.
func (n *node) get(key string) *node {
	for i := len(n.keys) - 1; i >= 0; i-- {
		if n.keys[i] == key {
			return n.vals[i]
		}
	}
	return nil
}

// at extends a location by one step, escaped as in a JSON pointer.
func at(location, key string) string {
	key = strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
	if location == "/" {
		return location + key
	}
	return location + "/" + key
}
