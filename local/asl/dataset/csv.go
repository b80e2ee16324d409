package dataset

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// errFull is what a buffered reader says of a line that is longer than it.
var errFull = bufio.ErrBufferFull

// Columns says how a CSV file is laid out.
type Columns struct {
	// Delimiter stands between cells.
	Delimiter byte
	// Headers are the columns' names; nil takes those of the first row.
	Headers []string
}

// CSV reads the rows of a CSV file, each as an object of strings. A cell that is
// missing is empty, one too many is left out, and so are empty lines. As on AWS,
// a cell may stand in quotes, in which two are one, and a backslash takes the
// meaning from what follows it.
func CSV(r io.Reader, c Columns, each Each) error {
	rows, err := newRows(r, c.Delimiter)
	if err != nil {
		return err
	}
	var columns *columns
	if c.Headers != nil {
		columns = newColumns(c.Headers)
	}
	for {
		row, err := rows.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("row %d: %w", rows.n, err)
		case columns == nil:
			columns = newColumns(slices.Clone(row))
			if columns.size > MaxHeaders {
				return fmt.Errorf("the headers of the CSV file have %d bytes, and %d are allowed", columns.size, MaxHeaders)
			}
			continue
		}
		if err := each(Item{Value: columns.object(row)}); err != nil {
			return err
		}
	}
}

// columns are those of a CSV file.
type columns struct {
	names []string
	kept  []int // of columns with the same name, the last
	size  int   // of the names, in bytes
}

func newColumns(names []string) *columns {
	c := &columns{names: names}
	last := make(map[string]int, len(names))
	for i, name := range names {
		last[name] = i
		c.size += len(name)
	}
	for i, name := range names {
		if last[name] == i {
			c.kept = append(c.kept, i)
		}
	}
	return c
}

// object writes a row.
func (c *columns) object(row []string) []byte {
	size := 2 + c.size + 6*len(c.kept)
	for _, cell := range row {
		size += len(cell)
	}
	out := append(make([]byte, 0, size), '{')
	for n, i := range c.kept {
		if n > 0 {
			out = append(out, ',')
		}
		cell := ""
		if i < len(row) {
			cell = row[i]
		}
		out = rawjson.AppendString(append(rawjson.AppendString(out, c.names[i]), ':'), cell)
	}
	return append(out, '}')
}

// rows takes a CSV file apart.
type rows struct {
	b         *bufio.Reader
	delimiter byte
	n         int
	cells     []string
	cell      []byte
	size      int
}

func newRows(r io.Reader, delimiter byte) (*rows, error) {
	b, err := buffered(r)
	if err != nil {
		return nil, err
	}
	return &rows{b: b, delimiter: delimiter}, nil
}

// next returns the next row that is not empty. It is good until the next call.
func (r *rows) next() ([]string, error) {
	for {
		r.n++
		r.cells, r.size = r.cells[:0], 0
		last := false
		for !last {
			var err error
			if last, err = r.readCell(); err != nil {
				return nil, err
			}
		}
		if len(r.cells) > 1 || r.cells[0] != "" {
			return r.cells, nil
		}
		if _, err := r.b.Peek(1); err != nil {
			return nil, err //nolint:wrapcheck // the reader's own, io.EOF among them
		}
	}
}

var errQuoted = errors.New("the file ends within a quoted cell")

// readCell adds a cell to the row, and says whether it was the row's last.
func (r *rows) readCell() (last bool, err error) {
	r.cell = r.cell[:0]
	quoted := false // within quotes
	for first := true; ; first = false {
		c, err := r.b.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && quoted:
			return false, errQuoted
		case errors.Is(err, io.EOF):
			return true, r.add()
		case err != nil:
			return false, err //nolint:wrapcheck // CSV says which row
		}
		switch {
		case c == '"':
			next, _ := r.b.Peek(1) // at the end of the file it is no second quote
			switch {
			case len(next) == 1 && next[0] == '"' && (quoted || !first):
				_, _ = r.b.Discard(1) // it was peeked at
				r.cell = append(r.cell, '"')
			case quoted:
				quoted = false
			case first:
				quoted = true
			default:
				r.cell = append(r.cell, '"')
			}
		case c == '\\':
			next, err := r.b.ReadByte()
			if err == nil {
				r.cell = append(r.cell, next)
			} else if !errors.Is(err, io.EOF) {
				return false, err //nolint:wrapcheck // CSV says which row
			}
		case quoted:
			r.cell = append(r.cell, c)
		case c == r.delimiter:
			return false, r.add()
		case c == '\n':
			return true, r.add()
		case c == '\r':
			if next, _ := r.b.Peek(1); len(next) == 0 || next[0] != '\n' {
				r.cell = append(r.cell, c)
			}
		default:
			r.cell = append(r.cell, c)
		}
		if r.size+len(r.cell) > MaxItem {
			return false, ErrItemTooLarge
		}
	}
}

func (r *rows) add() error {
	// A row of a million empty cells takes memory as well.
	r.size += len(r.cell) + 16
	if r.size > MaxItem {
		return ErrItemTooLarge
	}
	r.cells = append(r.cells, string(r.cell))
	return nil
}
