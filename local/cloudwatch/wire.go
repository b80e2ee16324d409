package cloudwatch

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// The types in this file are the scalars of requests and answers: in CBOR and
// JSON they are what they are, in a form they are text.

// nothing is the answer of an operation that answers nothing.
type nothing struct{}

// number is a double.
type number float64

// UnmarshalJSON reads a number, or the text of one.
func (n *number) UnmarshalJSON(text []byte) error {
	v, err := strconv.ParseFloat(unquoted(text), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // out of range is infinite, which is refused as such
		return fmt.Errorf("%s is not a number", text)
	}
	*n = number(v)
	return nil
}

// whole is an integer.
type whole int64

// UnmarshalJSON reads an integer, or the text of one.
func (n *whole) UnmarshalJSON(text []byte) error {
	v, err := strconv.ParseInt(unquoted(text), 10, 64)
	if err != nil {
		return fmt.Errorf("%s is not an integer", text)
	}
	*n = whole(v)
	return nil
}

// flag is a boolean.
type flag bool

// UnmarshalJSON reads a boolean, or the text of one.
func (f *flag) UnmarshalJSON(text []byte) error {
	v, err := strconv.ParseBool(unquoted(text))
	if err != nil {
		return fmt.Errorf("%s is not a boolean", text)
	}
	*f = flag(v)
	return nil
}

func unquoted(text []byte) string { return strings.Trim(string(text), `"`) }

// moment is a timestamp: seconds since 1970 in CBOR and JSON, ISO 8601 in a
// form and in XML.
type moment struct{ time.Time }

// UnmarshalJSON reads seconds since 1970, or ISO 8601.
func (m *moment) UnmarshalJSON(text []byte) error {
	plain := unquoted(text)
	if seconds, err := strconv.ParseFloat(plain, 64); err == nil && seconds > -1e12 && seconds < 1e12 {
		m.Time = time.UnixMicro(int64(seconds * 1e6)).UTC()
		return nil
	}
	at, err := time.Parse(time.RFC3339Nano, plain)
	if err != nil {
		return fmt.Errorf("timestamp %q is not ISO 8601", plain)
	}
	m.Time = at.UTC()
	return nil
}

// UnmarshalCBOR reads seconds since 1970, with CBOR's tag for them.
func (m *moment) UnmarshalCBOR(text []byte) error {
	if err := cbor.Unmarshal(text, &m.Time); err != nil {
		return fmt.Errorf("timestamp: %w", err)
	}
	m.Time = m.UTC()
	return nil
}

// MarshalJSON writes seconds since 1970.
func (m moment) MarshalJSON() ([]byte, error) { return json.Marshal(m.Unix()) }

// MarshalCBOR writes seconds since 1970 under their tag.
func (m moment) MarshalCBOR() ([]byte, error) {
	return cbor.Marshal(cbor.Tag{Number: 1, Content: m.Unix()})
}

// MarshalXML writes ISO 8601.
func (m moment) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	return e.EncodeElement(m.UTC().Format(time.RFC3339), start)
}

// members is a list, which in XML is there even when it is empty.
type members[T any] []T

// MarshalXML writes each item as a member.
func (l members[T]) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	if err := e.EncodeToken(start); err != nil {
		return err
	}
	for _, item := range l {
		if err := e.EncodeElement(item, xml.StartElement{Name: xml.Name{Local: "member"}}); err != nil {
			return err
		}
	}
	return e.EncodeToken(start.End())
}

// entries is a map from names to numbers.
type entries map[string]float64

// MarshalXML writes each entry with its key and value.
func (m entries) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	type entry struct {
		Key   string  `xml:"key"`
		Value float64 `xml:"value"`
	}
	list := make([]entry, 0, len(m))
	for _, key := range slices.Sorted(maps.Keys(m)) {
		list = append(list, entry{key, m[key]})
	}
	return e.EncodeElement(struct {
		Entries []entry `xml:"entry"`
	}{list}, start)
}
