package asl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// MaxPayload is how many bytes an input, output or result may have.
const MaxPayload = 256 * 1024

// value is a JSON text, and where in its execution's log it stands. What
// nothing looks into is never decoded, and is written to the log once.
type value struct {
	raw []byte
	at  int // index into the log plus one; 0 when it is not there
}

var (
	emptyObject = value{raw: []byte("{}")}
	nullValue   = value{raw: []byte("null")}
)

// sub returns a part of the value, which stands in the log where the whole does.
func (v value) sub(start, end int) value {
	part := value{raw: v.raw[start:end]}
	if v.at > 0 {
		part.at = v.at + start
	}
	return part
}

func (v value) kind() byte {
	i := rawjson.Space(v.raw, 0)
	if i == len(v.raw) {
		return 0
	}
	switch c := v.raw[i]; c {
	case '{', '[', '"', 't', 'f', 'n':
		return c
	default:
		return '0'
	}
}

// arrayOf makes an array of values. One that is none becomes null.
func arrayOf(values []value) value {
	size := 2
	for _, v := range values {
		size += len(v.raw) + 1
	}
	out := append(make([]byte, 0, size), '[')
	for i, v := range values {
		if i > 0 {
			out = append(out, ',')
		}
		if v.raw == nil {
			v = nullValue
		}
		out = append(out, v.raw...)
	}
	return value{raw: append(out, ']')}
}

func (v value) trimmed() []byte { return bytes.TrimSpace(v.raw) }

func (v value) decode() (any, error) { return decode(v.raw) }

func decode(text []byte) (any, error) {
	if text = bytes.TrimSpace(text); len(text) > 0 {
		switch text[0] { // which needs no decoder, for most values are such
		case '"':
			return rawjson.String(text), nil
		case 't', 'f':
			return text[0] == 't', nil
		case 'n':
			return nil, nil
		case '{', '[':
		default:
			return json.Number(text), nil
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var decoded any
	if err := decoder.Decode(&decoded); err != nil {
		return nil, fmt.Errorf("decode value: %w", err)
	}
	return decoded, nil
}

// encode makes a value of what encoding/json or an evaluator produced. Keys of
// objects are sorted.
func encode(decoded any) (value, error) {
	out, err := appendAny(nil, decoded)
	if err != nil {
		return value{}, err
	}
	return value{raw: out}, nil
}

func appendAny(out []byte, decoded any) ([]byte, error) {
	var err error
	switch v := decoded.(type) {
	case nil:
		return append(out, "null"...), nil
	case bool:
		return strconv.AppendBool(out, v), nil
	case string:
		return rawjson.AppendString(out, v), nil
	case json.Number:
		return append(out, v...), nil
	case float64:
		return appendFloat(out, v)
	case int:
		return strconv.AppendInt(out, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(out, v, 10), nil
	case json.RawMessage:
		return append(out, v...), nil
	case []any:
		out = append(out, '[')
		for i, item := range v {
			if i > 0 {
				out = append(out, ',')
			}
			if out, err = appendAny(out, item); err != nil {
				return nil, err
			}
		}
		return append(out, ']'), nil
	case map[string]any:
		out = append(out, '{')
		for i, key := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(rawjson.AppendString(out, key), ':')
			if out, err = appendAny(out, v[key]); err != nil {
				return nil, err
			}
		}
		return append(out, '}'), nil
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("encode value: %w", err)
		}
		return append(out, text...), nil
	}
}

// appendFloat writes a number as JavaScript does, so that whole numbers have
// neither a fraction nor an exponent.
func appendFloat(out []byte, v float64) ([]byte, error) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, fmt.Errorf("encode value: %v is no JSON number", v)
	}
	if v == 0 {
		return append(out, '0'), nil
	}
	if size := math.Abs(v); size < 1e-6 || size >= 1e21 {
		return strconv.AppendFloat(out, v, 'e', -1, 64), nil
	}
	return strconv.AppendFloat(out, v, 'f', -1, 64), nil
}
