package release

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// zipDirectory is where a zip's directory is. It is looked at before the
// directory is read into memory, because its size and count are the archive's
// own claims.
type zipDirectory struct {
	offset int64
	end    int64
}

// findZipDirectory finds the end record, zip64's included.
func findZipDirectory(r io.ReaderAt, size int64) (zipDirectory, error) {
	const record, longestComment = 22, 1<<16 - 1
	tail := make([]byte, min(size, record+longestComment))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return zipDirectory{}, err
	}
	at := -1
	for i := len(tail) - record; i >= 0; i-- {
		if bytes.HasPrefix(tail[i:], []byte("PK\x05\x06")) && int(binary.LittleEndian.Uint16(tail[i+20:]))+i+record <= len(tail) {
			at = i
			break
		}
	}
	if at < 0 {
		return zipDirectory{}, zipError("it has no end record; it may be cut off")
	}
	end := size - int64(len(tail)) + int64(at)
	length := int64(binary.LittleEndian.Uint32(tail[at+12:]))
	offset := int64(binary.LittleEndian.Uint32(tail[at+16:]))
	count := binary.LittleEndian.Uint16(tail[at+10:])
	if count == 1<<16-1 || length == 1<<32-1 || offset == 1<<32-1 {
		return findZip64Directory(r, end)
	}
	return newZipDirectory(offset, length, end)
}

// findZip64Directory follows the locator that stands before the end record.
func findZip64Directory(r io.ReaderAt, end int64) (zipDirectory, error) {
	const locator, record = 20, 56
	if end < locator {
		return zipDirectory{}, zipError("it has no zip64 locator")
	}
	var buffer [record]byte
	if _, err := r.ReadAt(buffer[:locator], end-locator); err != nil {
		return zipDirectory{}, err
	}
	if !bytes.HasPrefix(buffer[:], []byte("PK\x06\x07")) {
		return zipDirectory{}, zipError("it has no zip64 locator")
	}
	at := binary.LittleEndian.Uint64(buffer[8:])
	if at > uint64(max(end-locator-record, 0)) {
		return zipDirectory{}, zipError("its zip64 record is out of place")
	}
	if _, err := r.ReadAt(buffer[:], int64(at)); err != nil {
		return zipDirectory{}, err
	}
	if !bytes.HasPrefix(buffer[:], []byte("PK\x06\x06")) {
		return zipDirectory{}, zipError("it has no zip64 record")
	}
	length := binary.LittleEndian.Uint64(buffer[40:])
	offset := binary.LittleEndian.Uint64(buffer[48:])
	if length > at || offset > at {
		return zipDirectory{}, zipError("its directory is out of place")
	}
	return newZipDirectory(int64(offset), int64(length), int64(at))
}

func newZipDirectory(offset, length, end int64) (zipDirectory, error) {
	// Anything between, before or after would let two programs see two
	// different directories in one file.
	if offset+length != end {
		return zipDirectory{}, zipError("its directory is out of place")
	}
	return zipDirectory{offset: offset, end: end}, nil
}

// check walks the directory without keeping it, and refuses more entries than
// allowed. The count in the end record is not believed.
func (d zipDirectory) check(r io.ReaderAt, most int) error {
	const fixed = 46
	reader := bufio.NewReaderSize(io.NewSectionReader(r, d.offset, d.end-d.offset), 64<<10)
	var header [fixed]byte
	for at, count := d.offset, 0; at < d.end; {
		if _, err := io.ReadFull(reader, header[:]); err != nil {
			return err
		}
		if !bytes.HasPrefix(header[:], []byte("PK\x01\x02")) {
			return zipError("its directory is damaged")
		}
		if count++; count > most {
			return refuse("", "the archive has more than %d entries", most)
		}
		rest := int(binary.LittleEndian.Uint16(header[28:])) + int(binary.LittleEndian.Uint16(header[30:])) + int(binary.LittleEndian.Uint16(header[32:]))
		if _, err := reader.Discard(rest); err != nil {
			return err
		}
		at += fixed + int64(rest)
	}
	return nil
}
