package awssdk

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// writer writes a client's output as JSON, without what is not there.
type writer struct {
	names     naming
	out       []byte
	err       error
	attribute bool // within a DynamoDB attribute
}

// value writes one value that is there.
func (w *writer) value(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		w.value(v.Elem())
	case reflect.Interface:
		w.boxed(v)
	case reflect.Struct:
		if v.Type() == timeType {
			w.out = rawjson.AppendString(w.out, instant(v.Interface().(time.Time))) //nolint:forcetypeassert // it is that type
			return
		}
		w.object(v)
	case reflect.Map:
		w.entries(v)
	case reflect.Slice:
		w.list(v)
	case reflect.String:
		w.out = rawjson.AppendString(w.out, v.String())
	default: // numbers and booleans
		text, err := json.Marshal(v.Interface())
		w.fail(err)
		w.out = append(w.out, text...)
	}
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// object writes the members that are there. Numbers and flags that the client
// keeps by value have no absence.
func (w *writer) object(v reflect.Value) {
	w.out = append(w.out, '{')
	first := true
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !isMember(field) || absent(v.Field(i)) && !alwaysThere(v.Type(), field) {
			continue
		}
		w.name(&first, w.names.member(field.Name))
		w.value(v.Field(i))
	}
	w.out = append(w.out, '}')
}

func (w *writer) name(first *bool, name string) {
	if !*first {
		w.out = append(w.out, ',')
	}
	*first = false
	w.out = append(rawjson.AppendString(w.out, name), ':')
}

func absent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		return v.IsNil()
	case reflect.String:
		return v.Len() == 0 // an enumeration's value
	default:
		return false
	}
}

// alwaysThere says that a map is made of headers with a prefix: S3's Metadata,
// which AWS's SDK for Java has even when it is empty.
func alwaysThere(of reflect.Type, field reflect.StructField) bool {
	return field.Name == "Metadata" && (of.Name() == "GetObjectOutput" || of.Name() == "HeadObjectOutput")
}

func (w *writer) entries(v reflect.Value) {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	w.out = append(w.out, '{')
	first := true
	for _, key := range keys {
		w.name(&first, key.String())
		w.value(v.MapIndex(key))
	}
	w.out = append(w.out, '}')
}

func (w *writer) list(v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		w.blob(v.Bytes())
		return
	}
	w.out = append(w.out, '[')
	for i := range v.Len() {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.value(v.Index(i))
	}
	w.out = append(w.out, ']')
}

// blob writes bytes as the reader reads them.
func (w *writer) blob(content []byte) {
	text := string(content)
	if w.attribute {
		text = base64.StdEncoding.EncodeToString(content)
	}
	w.out = rawjson.AppendString(w.out, strings.ToValidUTF8(text, "\uFFFD"))
}

// boxed writes a union's variant, or a stream.
func (w *writer) boxed(v reflect.Value) {
	inside := v.Elem()
	if stream, ok := inside.Interface().(io.ReadCloser); ok {
		w.stream(stream)
		return
	}
	union, variant := v.Type(), inside.Type().Elem()
	if !slices.Contains(unions[union], variant) {
		w.fail(fmt.Errorf("no JSON for %s", variant.Name()))
		return
	}
	defer func(before bool) { w.attribute = before }(w.attribute)
	w.attribute = union == attributeType
	first := true
	w.out = append(w.out, '{')
	w.name(&first, w.names.member(w.names.bare(union, variant)))
	w.value(inside.Elem().Field(0))
	w.out = append(w.out, '}')
}

// stream writes a body as text, up to what makes it too long for a payload.
func (w *writer) stream(body io.ReadCloser) {
	content, err := io.ReadAll(io.LimitReader(body, asl.MaxPayload+1))
	w.fail(err)
	w.fail(body.Close())
	w.blob(content)
}

// instant writes a time as Java does: with no fraction, or with three, six or
// nine digits of it.
func instant(t time.Time) string {
	t = t.UTC()
	switch nanos := t.Nanosecond(); {
	case nanos == 0:
		return t.Format("2006-01-02T15:04:05Z")
	case nanos%1e6 == 0:
		return t.Format("2006-01-02T15:04:05.000Z")
	case nanos%1e3 == 0:
		return t.Format("2006-01-02T15:04:05.000000Z")
	default:
		return t.Format("2006-01-02T15:04:05.000000000Z")
	}
}
