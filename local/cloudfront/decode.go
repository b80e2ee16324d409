package cloudfront

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

const (
	namespace = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
	maxBody   = 1 << 20
)

// decode reads body as the element root into v, a pointer to a struct. It is
// strict: what would be lost silently (an unknown element, one given twice,
// text where none belongs) is MalformedXML, and a Quantity that differs from
// the number of items is InconsistentQuantities.
func decode(body []byte, root string, v any) *Error {
	if len(bytes.TrimSpace(body)) == 0 {
		return refuse("MissingBody", "This operation requires a body. Ensure that the body is present and the Content-Type header is set.")
	}
	if err := checkShape(body, root, reflect.TypeOf(v).Elem()); err != nil {
		return refuse("MalformedXML", "The XML document is malformed: %v", err)
	}
	if err := xml.Unmarshal(body, v); err != nil {
		return refuse("MalformedXML", "The XML document is malformed: %v", err)
	}
	return checkQuantities(reflect.ValueOf(v).Elem(), root)
}

func checkShape(body []byte, root string, t reflect.Type) error {
	d := xml.NewDecoder(bytes.NewReader(body))
	seen := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			if !seen {
				return fmt.Errorf("there is no element %s", root)
			}
			return nil
		}
		if err != nil {
			return err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if seen || start.Name.Local != root {
			return fmt.Errorf("element %s where %s is expected", start.Name.Local, root)
		}
		if start.Name.Space != "" && start.Name.Space != namespace {
			return fmt.Errorf("unknown namespace %q", start.Name.Space)
		}
		seen = true
		if err := checkElement(d, shapeOf(t), root); err != nil {
			return err
		}
	}
}

// shape is what an element may hold: children by name, or text (nil children).
type shape struct {
	children map[string]child
}

type child struct {
	of   shape
	many bool
}

func checkElement(d *xml.Decoder, s shape, path string) error {
	given := make(map[string]bool, len(s.children))
	for {
		token, err := d.Token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.EndElement:
			return nil
		case xml.CharData:
			if s.children != nil && len(bytes.TrimSpace(t)) > 0 {
				return fmt.Errorf("text in element %s", path)
			}
		case xml.StartElement:
			name := t.Name.Local
			c, ok := s.children[name]
			if !ok {
				return fmt.Errorf("unknown element %s in %s", name, path)
			}
			if given[name] && !c.many {
				return fmt.Errorf("element %s twice in %s", name, path)
			}
			given[name] = true
			if err := checkElement(d, c.of, path+"/"+name); err != nil {
				return err
			}
		}
	}
}

// shapeOf derives the shape from a struct's fields and xml tags.
func shapeOf(t reflect.Type) shape {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice && t.Elem().Kind() != reflect.Uint8 {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return shape{}
	}
	s := shape{children: make(map[string]child, t.NumField())}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			for name, c := range shapeOf(f.Type).children {
				s.children[name] = c
			}
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("xml"), ",")
		if name == "" {
			name = f.Name
		}
		many := f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() != reflect.Uint8
		if outer, inner, nested := strings.Cut(name, ">"); nested {
			items := shape{children: map[string]child{inner: {of: shapeOf(f.Type), many: many}}}
			s.children[outer] = child{of: items}
			continue
		}
		s.children[name] = child{of: shapeOf(f.Type), many: many}
	}
	return s
}

// checkQuantities walks v for structs with Quantity and Items that disagree.
func checkQuantities(v reflect.Value, path string) *Error {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return checkQuantities(v.Elem(), path)
	case reflect.Slice:
		for i := range v.Len() {
			if err := checkQuantities(v.Index(i), path); err != nil {
				return err
			}
		}
	case reflect.Struct:
		quantity, items := v.FieldByName("Quantity"), v.FieldByName("Items")
		if quantity.IsValid() && items.IsValid() && int(quantity.Int()) != items.Len() {
			return refuse("InconsistentQuantities", "The value of Quantity and the size of Items don't match: %s has Quantity %d and %d items.", path, quantity.Int(), items.Len())
		}
		for i := range v.NumField() {
			if err := checkQuantities(v.Field(i), v.Type().Field(i).Name); err != nil {
				return err
			}
		}
	}
	return nil
}
