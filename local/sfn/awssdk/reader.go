package awssdk

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Template says what a document may hold beside plain values.
type Template uint8

// Kinds of templates.
const (
	Plain    Template = iota // values alone: a task's effective input
	JSONPath                 // fields whose names end in ".$" are paths
	JSONata                  // strings in {% %} are expressions
)

// reader fills a client's input from JSON, and notes what does not fit.
type reader struct {
	names    naming
	template Template
	faults   Faults
	dynamic  []string // where values come from a path or an expression
	// attribute is set within a DynamoDB attribute, and depth is in how many
	// unions the reader is.
	attribute bool
	depth     int
}

// maxDepth bounds the time that a document takes: reading a value looks at all
// that is in it once more. DynamoDB takes attributes in 32 others.
const maxDepth = 64

var (
	timeType      = reflect.TypeFor[time.Time]()
	streamType    = reflect.TypeFor[io.Reader]()
	attributeType = reflect.TypeFor[types.AttributeValue]()
)

// into reads a value. Null is the same as none, also in lists and maps.
func (r *reader) into(v reflect.Value, text json.RawMessage, path string) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 || string(text) == "null" {
		return
	}
	if r.template == JSONata && isExpression(text) {
		r.later(v, path)
		return
	}
	switch {
	case v.Type() == timeType:
		r.time(v, text, path)
		return
	case v.Type() == streamType:
		// A stream gets the value's JSON: a string its quotes too, as on AWS.
		v.Set(reflect.ValueOf(bytes.NewReader(compact(text))))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		r.into(v.Elem(), text, path)
	case reflect.String:
		v.SetString(scalar(text))
	case reflect.Bool:
		flag, err := strconv.ParseBool(scalar(text))
		r.expect(err == nil, path)
		v.SetBool(flag)
	case reflect.Int32, reflect.Int64:
		number, ok := whole(scalar(text))
		r.expect(ok && !v.OverflowInt(number), path)
		v.SetInt(number)
	case reflect.Float32, reflect.Float64:
		number, err := strconv.ParseFloat(scalar(text), 64)
		r.expect(err == nil, path)
		v.SetFloat(number)
	case reflect.Struct:
		r.object(v, text, path)
	case reflect.Interface:
		r.union(v, text, path)
	case reflect.Map:
		r.entries(v, text, path)
	case reflect.Slice:
		r.list(v, text, path)
	default:
		r.expect(false, path)
	}
}

// later notes a value that is not known yet, and holds its place.
func (r *reader) later(v reflect.Value, path string) {
	r.dynamic = append(r.dynamic, path)
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	case reflect.String:
		v.SetString("-")
	case reflect.Interface:
		if v.Type() == streamType {
			v.Set(reflect.ValueOf(bytes.NewReader(nil)))
		} else if variants := unions[v.Type()]; len(variants) > 0 {
			v.Set(reflect.New(variants[0]))
		}
	default: // zero will do
	}
}

// expect notes a value of the wrong kind. A template's may still be right.
func (r *reader) expect(fits bool, path string) {
	if !fits && r.template == Plain {
		r.faults = append(r.faults, fmt.Sprintf("The value of the field '%s' has an invalid format", lastName(path, r.names)))
	}
}

func (r *reader) members(text json.RawMessage, path string) []member {
	members, err := split(text)
	r.expect(err == nil, path)
	return members
}

func (r *reader) object(v reflect.Value, text json.RawMessage, path string) {
	for _, m := range r.members(text, path) {
		name, computed := m.name, false
		if r.template == JSONPath {
			name, computed = strings.CutSuffix(m.name, ".$")
		}
		at, ok := r.names.field(v.Type(), name)
		switch {
		case ok && computed:
			r.later(v.Field(at), join(path, v.Type().Field(at).Name))
		case ok:
			r.into(v.Field(at), m.value, join(path, v.Type().Field(at).Name))
		case !computed: // AWS looks at the others when it has their values
			r.faults = append(r.faults, fmt.Sprintf("The field %q is not supported by Step Functions", name))
		}
	}
}

func (r *reader) union(v reflect.Value, text json.RawMessage, path string) {
	defer func(before bool) { r.attribute = before }(r.attribute)
	r.attribute = v.Type() == attributeType
	r.depth++
	defer func() { r.depth-- }()
	if r.depth > maxDepth {
		r.faults = append(r.faults, fmt.Sprintf("The value of the field '%s' is nested too deep", lastName(path, r.names)))
		return
	}
	before := len(r.faults)
	for _, m := range r.members(text, path) {
		name, computed := m.name, false
		if r.template == JSONPath {
			name, computed = strings.CutSuffix(m.name, ".$")
		}
		variant, ok := r.names.variant(v.Type(), name)
		switch {
		case !ok:
			r.faults = append(r.faults, fmt.Sprintf("The field %q is not supported by Step Functions", name))
		case string(m.value) == "null":
		default:
			chosen := reflect.New(variant)
			if computed {
				r.later(chosen.Elem().Field(0), join(path, name))
			} else {
				r.into(chosen.Elem().Field(0), m.value, join(path, name))
			}
			v.Set(chosen)
		}
	}
	if v.IsNil() { // one of the variants must be there
		r.expect(len(r.faults) > before, path)
		r.later(v, path)
	}
}

func (r *reader) entries(v reflect.Value, text json.RawMessage, path string) {
	v.Set(reflect.MakeMap(v.Type()))
	for _, m := range r.members(text, path) {
		if string(m.value) == "null" {
			continue
		}
		name, entry := m.name, reflect.New(v.Type().Elem()).Elem()
		at := fmt.Sprintf("%s[%q]", path, name)
		if r.template == JSONPath && strings.HasSuffix(name, ".$") {
			name = strings.TrimSuffix(name, ".$")
			r.later(entry, at)
		} else {
			r.into(entry, m.value, at)
		}
		v.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), entry)
	}
}

func (r *reader) list(v reflect.Value, text json.RawMessage, path string) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		r.blob(v, text, path)
		return
	}
	var items []json.RawMessage
	r.expect(json.Unmarshal(text, &items) == nil, path)
	items = slices.DeleteFunc(items, func(item json.RawMessage) bool { return string(item) == "null" })
	v.Set(reflect.MakeSlice(v.Type(), len(items), len(items)))
	for i, item := range items {
		r.into(v.Index(i), item, fmt.Sprintf("%s[%d]", path, i))
	}
}

// blob reads bytes: those of a DynamoDB attribute in Base64, as the service
// itself has them, all others as text.
func (r *reader) blob(v reflect.Value, text json.RawMessage, path string) {
	plain := []byte(scalar(text))
	if r.attribute {
		decoded, err := base64.StdEncoding.DecodeString(string(plain))
		r.expect(err == nil, path)
		plain = decoded
	}
	v.SetBytes(plain)
}

// time reads a timestamp: ISO 8601, or seconds since 1970.
func (r *reader) time(v reflect.Value, text json.RawMessage, path string) {
	at, err := time.Parse(time.RFC3339Nano, scalar(text))
	if err != nil {
		seconds, notNumber := strconv.ParseFloat(scalar(text), 64)
		r.expect(notNumber == nil && math.Abs(seconds) < 1e12, path)
		at = time.UnixMilli(int64(seconds * 1000)).UTC()
	}
	v.Set(reflect.ValueOf(at))
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
