package release

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

// Archive is an uploaded archive: a .tar.gz, which is read as a stream, or a
// .zip, whose directory is at its end.
type Archive struct {
	// Size is the archive's size in bytes.
	Size int64
	// Stream opens the archive from its beginning.
	Stream func(ctx context.Context) (io.ReadCloser, error)
	// At reads the archive at an offset.
	At io.ReaderAt
}

// File is one file of an archive.
type File struct {
	// Index counts the files of an archive from 0, in the order of reading.
	// It is the same each time that the same archive is read.
	Index int
	// Path is the clean name, which is the key in the bucket.
	Path string
	// Size is in bytes.
	Size int64
}

// Walk reads an archive once and calls visit for every file that belongs to
// the site, in the archive's order. It tells the format by the archive's first
// bytes. What visit leaves of a file is skipped, but still read and checked.
//
// An archive that breaks a rule ends the walk with a *ContentError that names
// the entry; by then visit has seen the files before it, so a caller changes
// nothing until Walk has returned nil. An error of visit, or of reading the
// archive from where it is kept, is returned as it is.
func Walk(ctx context.Context, archive Archive, limits Limits, visit func(File, io.Reader) error) error {
	stream, err := archive.Stream(ctx)
	if err != nil {
		return fmt.Errorf("open archive: %w", err)
	}
	defer stream.Close() //nolint:errcheck // a stream that is only read
	origin := &tap{reader: stream}
	buffered := bufio.NewReaderSize(origin, 64<<10)
	magic, err := buffered.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read archive: %w", err)
	}
	walk := &walk{ctx: ctx, limits: limits, visit: visit, seen: make(map[string]bool), folders: make(map[string]bool)}
	switch {
	case len(magic) == 0:
		return refuse("", "the archive is empty")
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		walk.origin = origin
		return walk.tarGzip(buffered)
	case bytes.HasPrefix(magic, []byte("PK\x03\x04")), bytes.HasPrefix(magic, []byte("PK\x05\x06")):
		if err := stream.Close(); err != nil {
			return fmt.Errorf("close archive: %w", err)
		}
		walk.origin = &tap{readerAt: archive.At}
		return walk.zip(archive.Size)
	default:
		return refuse("", "the archive is neither a .tar.gz nor a .zip")
	}
}

// tap remembers the error of the place where an archive is kept, to tell a
// broken connection from a broken archive.
type tap struct {
	reader   io.Reader
	readerAt io.ReaderAt
	read     int64
	err      error
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.reader.Read(p)
	t.read += int64(n)
	if err != nil && err != io.EOF {
		t.err = err
	}
	return n, err
}

func (t *tap) ReadAt(p []byte, offset int64) (int, error) {
	n, err := t.readerAt.ReadAt(p, offset)
	t.read += int64(n)
	if err != nil && err != io.EOF {
		t.err = err
	}
	return n, err
}
