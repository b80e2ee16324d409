package dynamodb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"

	"github.com/mayfly-dev/mayfly/local/wholefile"
)

// record is one line of the log: a request that changed something, or one of
// the entries below that only compaction writes.
type record struct {
	At        int64           `json:"at"` // nanoseconds since 1970
	Operation string          `json:"op"`
	Body      json.RawMessage `json:"body"`
}

// journal appends to the log. A line is its checksum, eight hexadecimal
// digits, a space and the record.
type journal struct {
	file *os.File
}

func encodeLine(r record) ([]byte, error) {
	text, err := json.Marshal(r) // compacts the body, so that it has no newline
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE(text), text), nil
}

func decodeLine(line []byte) (record, error) {
	var r record
	sum, text, ok := bytes.Cut(line, []byte(" "))
	if !ok || string(sum) != fmt.Sprintf("%08x", crc32.ChecksumIEEE(text)) {
		return r, errors.New("wrong checksum")
	}
	return r, json.Unmarshal(text, &r)
}

// readJournal returns the records of the log at path, none when it is not
// there, and cuts off a last line that was not written to its end: its request
// was never answered.
func readJournal(path string) ([]record, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var records []record
	for at := 0; at < len(content); {
		length := bytes.IndexByte(content[at:], '\n')
		if length < 0 {
			return records, cut(path, at)
		}
		r, err := decodeLine(content[at : at+length])
		next := at + length + 1
		if err != nil && next == len(content) {
			return records, cut(path, at)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: byte %d: %w", path, at, err)
		}
		records = append(records, r)
		at = next
	}
	return records, nil
}

func cut(path string, size int) error {
	if err := os.Truncate(path, int64(size)); err != nil {
		return fmt.Errorf("cut the torn last line: %w", err)
	}
	return nil
}

func appendJournal(path string) (*journal, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &journal{file: file}, nil
}

func (j *journal) append(r record) error {
	line, err := encodeLine(r)
	if err != nil {
		return err
	}
	_, err = j.file.Write(line)
	return err
}

func (j *journal) close() error {
	if err := j.file.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// replaceJournal puts records in the place of the log, all or nothing.
func replaceJournal(path string, records []record) error {
	var content bytes.Buffer
	for _, r := range records {
		line, err := encodeLine(r)
		if err != nil {
			return err
		}
		content.Write(line)
	}
	return wholefile.WriteSynced(path, content.Bytes())
}
