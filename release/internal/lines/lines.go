// Package lines writes and reads the documents that releases keep: lines of
// JSON, packed by gzip, first a header and then a line for each entry. They
// are written and read as streams.
package lines

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"iter"

	"github.com/klauspost/compress/gzip"
)

// Write writes a document.
func Write(w io.Writer, header any, lines iter.Seq[any]) error {
	packed, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	buffered := bufio.NewWriterSize(packed, 32<<10)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(header); err != nil {
		return err
	}
	for line := range lines {
		if err := encoder.Encode(line); err != nil {
			return err
		}
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	return packed.Close()
}

// Read reads a document's header, and returns what reads the lines after it.
func Read(r io.Reader, header any) (*json.Decoder, error) {
	unpacked, err := gzip.NewReader(r)
	if err != nil {
		return nil, CutOff(err)
	}
	decoder := json.NewDecoder(unpacked)
	if err := decoder.Decode(header); err != nil {
		return nil, CutOff(err)
	}
	return decoder, nil
}

// All reads as many lines as a header says that there are.
func All[T any](lines *json.Decoder, count int) ([]T, error) {
	const most = 1 << 16 // not more on the word of a header alone
	all := make([]T, 0, min(max(count, 0), most))
	for range count {
		var one T
		if err := lines.Decode(&one); err != nil {
			return nil, CutOff(err)
		}
		all = append(all, one)
	}
	return all, nil
}

// End checks that nothing follows, which also has gzip's checksum looked at.
func End(lines *json.Decoder) error {
	_, err := lines.Token()
	if err == io.EOF { //nolint:errorlint // the decoder returns it unwrapped
		return nil
	}
	if err == nil {
		err = errors.New("it goes on after its end")
	}
	return err
}

// CutOff makes the end of a stream an error: each document says how long it is.
func CutOff(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
