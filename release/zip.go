package release

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/klauspost/compress/flate"
)

// zip reads a .zip in the order of its content, so that the archive is read
// almost as a stream.
func (w *walk) zip(size int64) error {
	directory, err := findZipDirectory(w.origin, size)
	if err != nil {
		return w.fault("", err)
	}
	if err := directory.check(w.origin, w.limits.Entries); err != nil {
		return w.fault("", err)
	}
	reader, err := zip.NewReader(w.origin, size)
	if err != nil {
		return w.fault("", err)
	}
	reader.RegisterDecompressor(zip.Deflate, func(r io.Reader) io.ReadCloser { return flate.NewReader(r) })
	files, err := w.zipOrder(reader.File)
	if err != nil {
		return err
	}
	var out int64
	for _, f := range files {
		if err := w.zipEntry(f.File, size, &out); err != nil {
			return err
		}
	}
	return w.finish()
}

// zipFile is an entry and where its content is.
type zipFile struct {
	*zip.File
	offset int64
}

// zipOrder sorts the entries by their place and refuses two that share bytes:
// overlapping entries are how a small zip unpacks to more than any ratio.
func (w *walk) zipOrder(entries []*zip.File) ([]zipFile, error) {
	files := make([]zipFile, 0, len(entries))
	for _, entry := range entries {
		offset, err := entry.DataOffset()
		if err != nil {
			return nil, w.fault(entry.Name, err)
		}
		files = append(files, zipFile{entry, offset})
	}
	slices.SortStableFunc(files, func(a, b zipFile) int { return cmp.Compare(a.offset, b.offset) })
	for i := 1; i < len(files); i++ {
		const localHeader = 30
		before, f := files[i-1], files[i]
		end := before.offset + int64(before.CompressedSize64)
		if end < before.offset || end > f.offset-localHeader-int64(len(f.Name)) {
			return nil, refuse(f.Name, "overlaps entry %q", before.Name)
		}
	}
	return files, nil
}

func (w *walk) zipEntry(f *zip.File, archive int64, out *int64) error {
	folder := strings.HasSuffix(f.Name, "/")
	path, err := w.admit(f.Name, folder, zipKind(f, folder))
	if err != nil || path == "" {
		return err
	}
	const encrypted = 0x1 | 0x40 | 0x2000
	if f.Flags&encrypted != 0 {
		return refuse(f.Name, "is encrypted")
	}
	if f.Method != zip.Store && f.Method != zip.Deflate {
		return refuse(f.Name, "is packed by method %d; only stored and deflated entries are allowed", f.Method)
	}
	if f.UncompressedSize64 > uint64(w.limits.FileBytes) {
		return refuse(f.Name, "is larger than %s", showBytes(w.limits.FileBytes))
	}
	*out += int64(f.UncompressedSize64)
	if err := w.bomb(*out, archive); err != nil {
		return err
	}
	content, err := f.Open()
	if err != nil {
		return w.fault(f.Name, err)
	}
	err = w.file(f.Name, path, int64(f.UncompressedSize64), content)
	if closed := content.Close(); closed != nil && err == nil {
		err = w.fault(f.Name, closed)
	}
	return err
}

// zipKind names an entry that is neither a file nor a folder.
func zipKind(f *zip.File, folder bool) string {
	mode := f.Mode()
	switch {
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case mode&(fs.ModeDevice|fs.ModeCharDevice) != 0:
		return "a device"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&(fs.ModeSocket|fs.ModeIrregular) != 0:
		return "of an unknown kind"
	case folder && f.UncompressedSize64 != 0:
		return "a folder with content"
	case !folder && mode.IsDir():
		return "a folder by its mode and a file by its name"
	default:
		return ""
	}
}

// errZip is a zip whose directory makes no sense.
var errZip = errors.New("not a valid zip")

func zipError(what string) error { return fmt.Errorf("%w: %s", errZip, what) }
