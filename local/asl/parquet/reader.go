// Package parquet reads the rows of Parquet files as JSON, for distributed maps.
//
// Parquet has many ways to say in a few bytes that there is a lot: a footer of
// gigabytes, lists of two thousand million schema elements, runs of values,
// pages that become many times as large. Before the library decodes a part of a
// file, what that part says of itself is checked against what is there, so that
// a file that lies fails by name rather than by taking the machine's memory.
package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// What AWS allows of a file, in bytes.
const (
	MaxFooter   = 5 << 20
	MaxRowGroup = 256 << 20
)

// Errors of files. They are wrapped with what is wrong.
var (
	// ErrNotParquet says that a file is no Parquet file, or a damaged one.
	ErrNotParquet = errors.New("the file is no readable Parquet file")
	// ErrTooLarge says that a file has a part that is larger than allowed.
	ErrTooLarge = errors.New("the Parquet file has a part that is too large")
)

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrNotParquet, fmt.Errorf(format, args...))
}

func tooLarge(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrTooLarge, fmt.Errorf(format, args...))
}

const magic = "PAR1"

// Reader reads the rows of Parquet files.
type Reader struct{}

// stopped carries an error of a row's receiver past what recovers from panics.
type stopped struct{ err error }

// ReadRows calls each with every row, as a JSON object that it may keep. An error
// of it ends the reading, and is returned as it is.
func (Reader) ReadRows(r io.ReaderAt, size int64, each func(row []byte) error) (err error) {
	var ended *stopped
	defer func() {
		// The library panics at some of what is damaged.
		if broken := recover(); broken != nil {
			err = damaged("%v", broken)
		}
		if ended != nil {
			err = ended.err
		}
	}()
	if err := checkFooter(r, size); err != nil {
		return err
	}
	file, err := parquet.OpenFile(r, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(readAhead))
	if err != nil {
		return damaged("%w", err)
	}
	shape, err := newShape(file.Root())
	if err != nil {
		return err
	}
	groups := file.RowGroups()
	meta := file.Metadata().RowGroups
	for i := range meta {
		if err := checkGroup(r, size, shape, &meta[i]); err != nil {
			return fmt.Errorf("row group %d: %w", i, err)
		}
		err := readGroup(groups[i], shape, func(row []byte) error {
			if err := each(row); err != nil {
				ended = &stopped{err}
				return err
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("row group %d: %w", i, err)
		}
	}
	return nil
}

// readAhead is how much of a column is asked for at once.
const readAhead = 256 << 10

func readGroup(group parquet.RowGroup, shape *shape, each func(row []byte) error) (err error) {
	rows := group.Rows()
	defer func() {
		if closing := rows.Close(); err == nil && closing != nil {
			err = damaged("%w", closing)
		}
	}()
	batch := make([]parquet.Row, 64)
	for {
		n, err := rows.ReadRows(batch)
		for _, row := range batch[:n] {
			text, err := shape.object(row)
			if err != nil {
				return err
			}
			if err := each(text); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return damaged("%w", err)
		}
		if n == 0 {
			return damaged("a row without end")
		}
	}
}

// checkFooter checks the footer, which says what else there is.
func checkFooter(r io.ReaderAt, size int64) error {
	const tail = 4 + len(magic)
	if size < int64(len(magic)+tail) {
		return damaged("it has %d bytes", size)
	}
	var end [tail]byte
	if _, err := r.ReadAt(end[:], size-int64(tail)); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the footer: %w", err)
	}
	if !bytes.Equal(end[4:], []byte(magic)) {
		return damaged("it does not end with %s", magic)
	}
	length := int64(binary.LittleEndian.Uint32(end[:4]))
	if length > MaxFooter {
		return tooLarge("its footer has %d bytes, and %d are allowed", length, MaxFooter)
	}
	at := size - int64(tail) - length
	if at < int64(len(magic)) {
		return damaged("its footer is larger than the file")
	}
	footer := make([]byte, length)
	if _, err := r.ReadAt(footer, at); err != nil {
		return fmt.Errorf("read the footer: %w", err)
	}
	if _, err := thriftStruct(footer, 0); err != nil {
		return damaged("its footer: %w", err)
	}
	if err := decode(footer, &format.FileMetaData{}); err != nil {
		return damaged("its footer: %w", err)
	}
	return nil
}

// checkGroup checks a row group, page by page.
func checkGroup(r io.ReaderAt, size int64, shape *shape, group *format.RowGroup) error {
	if len(group.Columns) != len(shape.leaves) {
		return damaged("it has %d columns, and the schema %d", len(group.Columns), len(shape.leaves))
	}
	if group.TotalByteSize > MaxRowGroup {
		return tooLarge("it has %d bytes, and %d are allowed", group.TotalByteSize, MaxRowGroup)
	}
	g := groupCheck{r: r, size: size}
	for i := range group.Columns {
		if err := g.column(shape.leaves[i], &group.Columns[i].MetaData); err != nil {
			return fmt.Errorf("column %q: %w", shape.leaves[i].name, err)
		}
	}
	return nil
}
