package asl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
)

// spoolAt is how large a file of results becomes before it waits on disk rather
// than in memory.
const spoolAt = 8 << 20

// resultFiles writes results of one kind to files of a limited size, one after
// the other.
type resultFiles struct {
	ctx    context.Context //nolint:containedctx // of one writing, which is all that it is for
	store  ItemStore
	into   ObjectRef
	prefix string
	lines  bool
	limit  int64
	files  []resultFile

	size   int64
	memory bytes.Buffer
	disk   *os.File
}

// add adds a result, in a new file when the one before is full.
func (r *resultFiles) add(entry []byte) error {
	const around = 2
	if r.size > 0 && r.size+int64(len(entry))+around > r.limit {
		if err := r.close(); err != nil {
			return err
		}
	}
	before, after := ",", ""
	switch {
	case r.lines:
		before, after = "", "\n"
	case r.size == 0:
		before = "["
	}
	for _, part := range [][]byte{[]byte(before), entry, []byte(after)} {
		if err := r.write(part); err != nil {
			return err
		}
	}
	return nil
}

func (r *resultFiles) write(part []byte) error {
	r.size += int64(len(part))
	if r.disk == nil && r.memory.Len()+len(part) > spoolAt {
		file, err := os.CreateTemp("", "map-results-*")
		if err != nil {
			return fmt.Errorf("keep results: %w", err)
		}
		r.disk = file
		if _, err := r.memory.WriteTo(file); err != nil {
			return fmt.Errorf("keep results: %w", err)
		}
	}
	if r.disk == nil {
		r.memory.Write(part)
		return nil
	}
	if _, err := r.disk.Write(part); err != nil {
		return fmt.Errorf("keep results: %w", err)
	}
	return nil
}

// close stores the file, if there is one.
func (r *resultFiles) close() error {
	if r.size == 0 {
		return nil
	}
	extension := ".jsonl"
	if !r.lines {
		extension = ".json"
		if err := r.write([]byte{']'}); err != nil {
			return err
		}
	}
	at := r.into
	at.Key = r.prefix + "_" + strconv.Itoa(len(r.files)) + extension
	content := io.ReadSeeker(bytes.NewReader(r.memory.Bytes()))
	if r.disk != nil {
		if _, err := r.disk.Seek(0, io.SeekStart); err != nil {
			return fmt.Errorf("keep results: %w", err)
		}
		content = r.disk
	}
	if err := r.store.Put(r.ctx, at, content); err != nil {
		return fmt.Errorf("write s3://%s/%s: %w", at.Bucket, at.Key, err)
	}
	r.files = append(r.files, resultFile{Key: at.Key, Size: r.size})
	return r.discard()
}

// discard forgets what has not been stored.
func (r *resultFiles) discard() error {
	r.size = 0
	r.memory.Reset()
	if r.disk == nil {
		return nil
	}
	name := r.disk.Name()
	err := errors.Join(r.disk.Close(), os.Remove(name))
	r.disk = nil
	if err != nil {
		return fmt.Errorf("remove results: %w", err)
	}
	return nil
}
