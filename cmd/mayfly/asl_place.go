package main

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// place is where in a file something is.
type place struct {
	// pointer is a JSON pointer; "" is the whole.
	pointer string
	// line and column count from 1, columns in characters.
	line, column int
}

// place finds what a diagnostic is about.
func (d *definition) place(found asl.Diagnostic) place {
	var broken *rawjson.SyntaxError
	if errors.As(rawjson.Valid(d.text), &broken) {
		return placeAt(d.source, d.origin(broken.Offset), "")
	}
	offset, pointer := locate(d.text, found.Location)
	return placeAt(d.source, d.origin(offset), pointer)
}

func placeAt(text []byte, offset int, pointer string) place {
	before := text[:min(offset, len(text))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return place{pointer: pointer, line: 1 + bytes.Count(before, []byte{'\n'}), column: 1 + utf8.RuneCount(before[start:])}
}

// locate follows a location, "/States/Choose/Choices[0]/Next" as AWS writes it
// or "/States/Choose/Choices/0/Next" as a JSON pointer, as far into a valid text
// as it goes: a field that is missing is where it is missing. It returns where
// that stands, of a member its name, and its JSON pointer.
func locate(text []byte, location string) (offset int, pointer string) {
	offset = rawjson.Space(text, 0)
	value := offset
	location = strings.Trim(location, "/")
	if location == "" {
		return offset, ""
	}
	for _, step := range strings.Split(location, "/") {
		step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		if key, v, ok := memberAt(text, value, step); ok {
			offset, value, pointer = key, v, pointer+"/"+escape(step)
			continue
		}
		names := strings.Split(strings.ReplaceAll(step, "]", ""), "[")
		for i, name := range names {
			index, err := strconv.Atoi(name)
			if i == 0 && err != nil {
				key, v, ok := memberAt(text, value, name)
				if !ok {
					return offset, pointer
				}
				offset, value = key, v
			} else {
				v, ok := elementAt(text, value, index)
				if !ok || err != nil {
					return offset, pointer
				}
				offset, value = v, v
			}
			pointer += "/" + escape(name)
		}
	}
	return offset, pointer
}

func escape(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// memberAt finds the name and the value of a member of the object at i.
func memberAt(text []byte, i int, name string) (key, value int, ok bool) {
	if i >= len(text) || text[i] != '{' {
		return 0, 0, false
	}
	for i = rawjson.Space(text, i+1); i < len(text) && text[i] == '"'; {
		end := rawjson.Skip(text, i)
		start := rawjson.Space(text, rawjson.Space(text, end)+1)
		if rawjson.String(text[i:end]) == name {
			return i, start, true
		}
		i = rawjson.Space(text, rawjson.Skip(text, start))
		if i < len(text) && text[i] == ',' {
			i = rawjson.Space(text, i+1)
		}
	}
	return 0, 0, false
}

// elementAt finds an element of the array at i.
func elementAt(text []byte, i, index int) (value int, ok bool) {
	if i >= len(text) || text[i] != '[' || index < 0 {
		return 0, false
	}
	for i = rawjson.Space(text, i+1); i < len(text) && text[i] != ']'; index-- {
		if index == 0 {
			return i, true
		}
		i = rawjson.Space(text, rawjson.Skip(text, i))
		if i < len(text) && text[i] == ',' {
			i = rawjson.Space(text, i+1)
		}
	}
	return 0, false
}

// String is what editors jump to.
func (p place) String() string { return fmt.Sprintf("%d:%d", p.line, p.column) }
