// Package dataset reads the data sets of distributed maps: JSON, JSON lines and
// CSV, compressed or not, and the manifests that name several of them. It reads
// streams and keeps one item at a time, so that what is too big, endless or
// damaged fails by name and takes no memory.
package dataset

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// What AWS allows of a data set, in bytes.
const (
	// MaxItem is how large an item may be.
	MaxItem = 8 << 20
	// MaxFile is how large a file may be, decompressed.
	MaxFile = 10 << 30
	// MaxHeaders is how large the headers of a CSV file may be together.
	MaxHeaders = 10 << 10
)

// Errors of data sets. They are wrapped with the item that they are about.
var (
	// ErrItemTooLarge says that an item has more than [MaxItem] bytes.
	ErrItemTooLarge = errors.New("an item of the data set is larger than 8 MB")
	// ErrFileTooLarge says that a file has more than [MaxFile] bytes.
	ErrFileTooLarge = errors.New("a file of the data set is larger than 10 GB")
	// ErrNotItems says that a JSON text, or what a pointer names in it, is neither
	// an array nor an object.
	ErrNotItems = errors.New("the data set is neither an array nor an object")
)

// Item is one item of a data set.
type Item struct {
	// Value is a JSON text. It is the receiver's to keep.
	Value []byte
	// Key is the member's name, in a data set that is a JSON object.
	Key string
	// Member is set in a data set that is a JSON object.
	Member bool
}

// Each is called with each item. An error of it ends the reading, and is returned
// as it is.
type Each func(Item) error

// chunk is how much is read at once.
const chunk = 256 << 10

// bounded reads no more than left bytes, and fails when there are more.
type bounded struct {
	r    io.Reader
	left int64
	over error
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		// What is there may be just as long as it is allowed to be.
		n, err := b.r.Read(p[:min(len(p), 1)])
		if n > 0 {
			return 0, b.over
		}
		return 0, err //nolint:wrapcheck // the reader's own, io.EOF among them
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err //nolint:wrapcheck // the reader's own, io.EOF among them
}

// Bounded returns a reader that fails with [ErrFileTooLarge] after [MaxFile] bytes.
func Bounded(r io.Reader) io.Reader { return &bounded{r: r, left: MaxFile, over: ErrFileTooLarge} }

// mark is the byte order mark that some editors begin a file with.
const mark = "\xef\xbb\xbf"

func buffered(r io.Reader) (*bufio.Reader, error) {
	b := bufio.NewReaderSize(r, chunk)
	begin, err := b.Peek(len(mark))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read data set: %w", err)
	}
	if string(begin) == mark {
		if _, err := b.Discard(len(mark)); err != nil {
			return nil, fmt.Errorf("read data set: %w", err)
		}
	}
	return b, nil
}
