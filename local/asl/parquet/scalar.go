package parquet

import (
	"encoding/base64"
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// maxWidth is how many bytes a value of a fixed length may have.
const maxWidth = 1 << 20

type write = func(out []byte, v parquet.Value) []byte

// writer returns what writes a column's values as JSON, and how many bytes each
// has, if all have as many. Numbers become numbers, texts become strings, and so
// do dates, times and UUIDs, as ISO 8601 and RFC 9562 write them. Bytes that are
// no text become base64.
func writer(t parquet.Type) (write, int, error) {
	width := 0
	if t.Kind() == parquet.FixedLenByteArray {
		if width = t.Length(); width < 0 || width > maxWidth {
			return nil, 0, tooLarge("values of %d bytes", width)
		}
	}
	if logical := t.LogicalType(); logical != nil {
		if w := logicalWriter(t.Kind(), logical); w != nil {
			return w, width, nil
		}
	}
	switch t.Kind() {
	case parquet.Boolean:
		return func(out []byte, v parquet.Value) []byte { return strconv.AppendBool(out, v.Boolean()) }, width, nil
	case parquet.Int32:
		return func(out []byte, v parquet.Value) []byte { return strconv.AppendInt(out, int64(v.Int32()), 10) }, width, nil
	case parquet.Int64:
		return func(out []byte, v parquet.Value) []byte { return strconv.AppendInt(out, v.Int64(), 10) }, width, nil
	case parquet.Int96:
		return writeInt96, width, nil
	case parquet.Float:
		return func(out []byte, v parquet.Value) []byte { return appendFloat(out, float64(v.Float()), 32) }, width, nil
	case parquet.Double:
		return func(out []byte, v parquet.Value) []byte { return appendFloat(out, v.Double(), 64) }, width, nil
	default:
		return writeBytes, width, nil
	}
}

// logicalWriter returns nil for types that are written as what they are stored as.
func logicalWriter(kind parquet.Kind, t *format.LogicalType) write {
	number := func(v parquet.Value) int64 {
		if kind == parquet.Int32 {
			return int64(v.Int32())
		}
		return v.Int64()
	}
	whole := kind == parquet.Int32 || kind == parquet.Int64
	switch {
	case t.Decimal != nil:
		scale := int(t.Decimal.Scale)
		if whole {
			return func(out []byte, v parquet.Value) []byte { return appendDecimal(out, big.NewInt(number(v)), scale) }
		}
		return func(out []byte, v parquet.Value) []byte { return appendDecimal(out, signed(v.ByteArray()), scale) }
	case t.Date != nil && whole:
		return func(out []byte, v parquet.Value) []byte {
			return quote(out, time.Unix(number(v)*86400, 0).UTC().Format(time.DateOnly))
		}
	case t.Time != nil && whole:
		unit := unitOf(&t.Time.Unit)
		return func(out []byte, v parquet.Value) []byte {
			return quote(out, time.Unix(0, number(v)*int64(unit)).UTC().Format("15:04:05.999999999"))
		}
	case t.Timestamp != nil && whole:
		unit, layout := unitOf(&t.Timestamp.Unit), "2006-01-02T15:04:05.999999999"
		if t.Timestamp.IsAdjustedToUTC {
			layout += "Z"
		}
		return func(out []byte, v parquet.Value) []byte {
			each := int64(time.Second / unit)
			seconds, rest := number(v)/each, number(v)%each
			return quote(out, time.Unix(seconds, rest*int64(unit)).UTC().Format(layout))
		}
	case t.Integer != nil && !t.Integer.IsSigned && kind == parquet.Int32:
		return func(out []byte, v parquet.Value) []byte { return strconv.AppendUint(out, uint64(v.Uint32()), 10) }
	case t.Integer != nil && !t.Integer.IsSigned && kind == parquet.Int64:
		return func(out []byte, v parquet.Value) []byte { return strconv.AppendUint(out, v.Uint64(), 10) }
	case t.UUID != nil && kind == parquet.FixedLenByteArray:
		return func(out []byte, v parquet.Value) []byte {
			b := v.ByteArray()
			if len(b) != 16 {
				return writeBytes(out, v)
			}
			return quote(out, strings.Join([]string{
				hex.EncodeToString(b[:4]), hex.EncodeToString(b[4:6]), hex.EncodeToString(b[6:8]), hex.EncodeToString(b[8:10]), hex.EncodeToString(b[10:]),
			}, "-"))
		}
	default:
		return nil
	}
}

func unitOf(u *format.TimeUnit) time.Duration {
	switch {
	case u.Millis != nil:
		return time.Millisecond
	case u.Micros != nil:
		return time.Microsecond
	default:
		return time.Nanosecond
	}
}

func quote(out []byte, plain string) []byte {
	return append(append(append(out, '"'), plain...), '"')
}

func writeBytes(out []byte, v parquet.Value) []byte {
	b := v.ByteArray()
	if utf8.Valid(b) {
		return rawjson.AppendString(out, string(b))
	}
	return quote(out, base64.StdEncoding.EncodeToString(b))
}

// writeInt96 writes a time as older writers store it: nanoseconds of a day, and
// the Julian day.
func writeInt96(out []byte, v parquet.Value) []byte {
	const epoch = 2440588 // 1970-01-01
	stored := v.Int96()
	day := int64(stored[2]) - epoch
	nanoseconds := int64(uint64(stored[0]) | uint64(stored[1])<<32)
	return quote(out, time.Unix(day*86400, nanoseconds).UTC().Format("2006-01-02T15:04:05.999999999Z"))
}

// appendFloat writes a number; what is none becomes null.
func appendFloat(out []byte, f float64, size int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(out, "null"...)
	}
	return strconv.AppendFloat(out, f, 'g', -1, size)
}

// signed is a number in two's complement, the highest byte first.
func signed(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

// appendDecimal writes n / 10^scale.
func appendDecimal(out []byte, n *big.Int, scale int) []byte {
	digits := n.String()
	if scale <= 0 || scale > 1000 {
		return append(out, digits...)
	}
	if digits[0] == '-' {
		out, digits = append(out, '-'), digits[1:]
	}
	if missing := scale + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	point := len(digits) - scale
	return append(append(append(out, digits[:point]...), '.'), digits[point:]...)
}
