package parquet

import (
	"github.com/parquet-go/parquet-go"

	"github.com/mayfly-dev/mayfly/local/asl/dataset"
	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// shape is how the rows of a file become JSON objects.
type shape struct {
	root   *field
	leaves []*field // by column
}

// fieldKind is what a field becomes.
type fieldKind uint8

const (
	kindLeaf  fieldKind = iota
	kindGroup           // an object
	kindList            // an array
	kindMap             // an object, by its keys
)

// field is a field of the schema.
type field struct {
	name       string
	kind       fieldKind
	optional   bool
	repeated   bool // a field that is an array without being a list
	repetition int  // its levels, and those of the fields around it
	definition int
	column     int // of a leaf; of others, their first leaf's
	width      int // bytes of each value of a fixed length; 0 for others
	fields     []*field
	write      func(out []byte, v parquet.Value) []byte
}

const (
	maxColumns = 10_000
	maxDepth   = 64
)

func newShape(root *parquet.Column) (*shape, error) {
	s := &shape{}
	var err error
	s.root, err = s.field(root, 0)
	if err == nil && len(s.leaves) == 0 {
		err = damaged("it has no columns")
	}
	return s, err
}

func (s *shape) field(c *parquet.Column, depth int) (*field, error) {
	f := &field{
		name: c.Name(), optional: c.Optional(), repeated: c.Repeated(), repetition: c.MaxRepetitionLevel(), definition: c.MaxDefinitionLevel(),
		column: len(s.leaves),
	}
	if depth > maxDepth || len(s.leaves) > maxColumns {
		return nil, tooLarge("its schema has more than %d columns, or is nested deeper than %d", maxColumns, maxDepth)
	}
	if c.Leaf() {
		s.leaves = append(s.leaves, f)
		var err error
		f.write, f.width, err = writer(c.Type())
		return f, err
	}
	f.kind = kindGroup
	for _, column := range c.Columns() {
		inner, err := s.field(column, depth+1)
		if err != nil {
			return nil, err
		}
		f.fields = append(f.fields, inner)
	}
	if len(f.fields) == 0 {
		return nil, damaged("the group %q has no columns", f.name)
	}
	logical := c.Type().LogicalType()
	if logical == nil || len(f.fields) != 1 || !f.fields[0].repeated {
		return f, nil
	}
	switch inner := f.fields[0]; {
	case logical.List != nil:
		f.kind = kindList
	case logical.Map != nil && inner.kind == kindGroup && len(inner.fields) == 2 && inner.fields[0].kind == kindLeaf:
		f.kind = kindMap
	}
	return f, nil
}

// reading is a row that is being written.
type reading struct {
	columns [][]parquet.Value // what is left of each
	out     []byte
}

// object writes a row.
func (s *shape) object(row parquet.Row) (text []byte, err error) {
	r := reading{columns: make([][]parquet.Value, len(s.leaves)), out: make([]byte, 0, 256)}
	row.Range(func(column int, values []parquet.Value) bool {
		r.columns[column] = values
		return true
	})
	if err := r.group(s.root); err != nil {
		return nil, err
	}
	return r.out, nil
}

// first is the next value of a field's first column.
func (r *reading) first(f *field) (parquet.Value, error) {
	if len(r.columns[f.column]) == 0 {
		return parquet.Value{}, damaged("a row lacks a value in column %q", f.name)
	}
	return r.columns[f.column][0], nil
}

// field writes a field's value: an array, if it is repeated.
func (r *reading) field(f *field) error {
	if f.repeated {
		return r.array(f, r.value)
	}
	return r.one(f)
}

// one writes the value of a field that is not repeated.
func (r *reading) one(f *field) error {
	v, err := r.first(f)
	if err != nil {
		return err
	}
	if f.optional && v.DefinitionLevel() < f.definition {
		r.skip(f)
		r.out = append(r.out, "null"...)
		return nil
	}
	return r.value(f)
}

// value writes a field's value, which is there.
func (r *reading) value(f *field) error {
	if len(r.out) > dataset.MaxItem {
		return dataset.ErrItemTooLarge
	}
	switch f.kind {
	case kindLeaf:
		v, err := r.first(f)
		if err != nil {
			return err
		}
		r.columns[f.column] = r.columns[f.column][1:]
		if v.IsNull() {
			r.out = append(r.out, "null"...)
			return nil
		}
		r.out = f.write(r.out, v)
		return nil
	case kindList:
		element := f.fields[0]
		if element.kind == kindGroup && len(element.fields) == 1 {
			return r.array(element, func(list *field) error { return r.field(list.fields[0]) })
		}
		return r.array(element, r.value)
	case kindMap:
		return r.pairs(f.fields[0])
	default:
		return r.group(f)
	}
}

func (r *reading) group(f *field) error {
	r.out = append(r.out, '{')
	for i, inner := range f.fields {
		if i > 0 {
			r.out = append(r.out, ',')
		}
		r.out = append(rawjson.AppendString(r.out, inner.name), ':')
		if err := r.field(inner); err != nil {
			return err
		}
	}
	r.out = append(r.out, '}')
	return nil
}

// array writes the elements of a repeated field.
func (r *reading) array(f *field, element func(*field) error) error {
	return r.each(f, '[', ']', func() error { return element(f) })
}

// pairs writes the entries of a map by their keys.
func (r *reading) pairs(f *field) error {
	key, val := f.fields[0], f.fields[1]
	return r.each(f, '{', '}', func() error {
		start := len(r.out)
		if err := r.field(key); err != nil {
			return err
		}
		if written := string(r.out[start:]); written[0] != '"' { // a number as a name
			r.out = rawjson.AppendString(r.out[:start], written)
		}
		r.out = append(r.out, ':')
		return r.field(val)
	})
}

// each calls write for every element of a repeated field, of which there may be
// none.
func (r *reading) each(f *field, open, end byte, write func() error) error {
	r.out = append(r.out, open)
	v, err := r.first(f)
	if err != nil {
		return err
	}
	if v.DefinitionLevel() < f.definition {
		r.skip(f)
		r.out = append(r.out, end)
		return nil
	}
	for {
		before := len(r.columns[f.column])
		if err := write(); err != nil {
			return err
		}
		left := r.columns[f.column]
		if len(left) == 0 || left[0].RepetitionLevel() != f.repetition {
			break
		}
		if len(left) == before {
			return damaged("an element of %q without values", f.name)
		}
		r.out = append(r.out, ',')
	}
	r.out = append(r.out, end)
	return nil
}

// skip passes over what stands for a field that is not there.
func (r *reading) skip(f *field) {
	if f.kind == kindLeaf {
		r.columns[f.column] = r.columns[f.column][min(1, len(r.columns[f.column])):]
		return
	}
	for _, inner := range f.fields {
		r.skip(inner)
	}
}
