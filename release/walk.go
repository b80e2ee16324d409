package release

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// walk is the state of one reading of an archive, whatever its format.
type walk struct {
	ctx    context.Context
	limits Limits
	visit  func(File, io.Reader) error
	origin *tap

	current string // the entry being read, as the archive names it
	entries int
	files   int
	bytes   int64
	seen    map[string]bool
	folders map[string]bool
}

// admit counts an entry and checks what its name and kind alone can break. It
// returns "" for an entry that is skipped: a folder, or one that is ignored.
func (w *walk) admit(name string, folder bool, kind string) (string, error) {
	if err := w.ctx.Err(); err != nil {
		return "", err
	}
	if err := w.count(); err != nil {
		return "", err
	}
	w.current = name
	path, err := CleanName(name, folder)
	if err != nil {
		return "", err
	}
	if path == "" || Ignored(path) {
		return "", nil
	}
	if kind != "" {
		return "", refuse(name, "is %s; only files and folders are allowed", kind)
	}
	if folder {
		if w.seen[path] {
			return "", refuse(name, "is both a file and a folder")
		}
		w.folders[path] = true
		return "", nil
	}
	if w.seen[path] {
		return "", refuse(name, "is there twice")
	}
	if w.folders[path] {
		return "", refuse(name, "is both a file and a folder")
	}
	w.seen[path] = true
	return path, nil
}

// count refuses the entry that is one too many, before anything is kept of it.
func (w *walk) count() error {
	w.entries++
	if w.entries > w.limits.Entries {
		return refuse("", "the archive has more than %d entries", w.limits.Entries)
	}
	return nil
}

// file checks a file's size and has it visited.
func (w *walk) file(name, path string, size int64, content io.Reader) error {
	if err := w.measure(name, size); err != nil {
		return err
	}
	reader := &entryReader{walk: w, name: name, reader: content}
	file := File{Index: w.files, Path: path, Size: size}
	w.files++
	if err := w.visit(file, reader); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, reader); err != nil {
		return err
	}
	if reader.read != size {
		return refuse(name, "holds %d bytes and says %d", reader.read, size)
	}
	return nil
}

// measure adds a size that an archive states, and refuses what is too large
// before it is unpacked.
func (w *walk) measure(name string, size int64) error {
	if size < 0 || size > w.limits.FileBytes {
		return refuse(name, "is larger than %s", showBytes(w.limits.FileBytes))
	}
	w.bytes += size
	if w.bytes > w.limits.TotalBytes {
		return refuse(name, "makes the content larger than %s", showBytes(w.limits.TotalBytes))
	}
	return nil
}

// finish checks what only the whole can show.
func (w *walk) finish() error {
	for path := range w.seen {
		for i, c := range []byte(path) {
			if c == '/' && w.seen[path[:i]] {
				return refuse(path[:i], "is both a file and a folder")
			}
		}
	}
	return nil
}

// fault names an error of reading: the place's own, or a broken archive.
func (w *walk) fault(name string, err error) error {
	var content *ContentError
	switch {
	case w.origin.err != nil:
		return fmt.Errorf("read archive: %w", w.origin.err)
	case w.ctx.Err() != nil:
		return w.ctx.Err()
	case errors.As(err, &content):
		return err
	case name == "":
		return refuse("", "the archive is damaged: %v", err)
	default:
		return refuse(name, "is damaged: %v", err)
	}
}

// entryReader is one file's content; its errors name the file.
type entryReader struct {
	walk   *walk
	name   string
	reader io.Reader
	read   int64
}

func (r *entryReader) Read(p []byte) (int, error) {
	n, err := r.reader.Read(p)
	r.read += int64(n)
	if err != nil && err != io.EOF { //nolint:errorlint // a reader's end is io.EOF itself: one that is wrapped is a fault
		err = r.walk.fault(r.name, err)
	}
	return n, err
}

// meter stands behind the unpacking and stops a bomb.
type meter struct {
	walk   *walk
	reader io.Reader
	out    int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.reader.Read(p)
	m.out += int64(n)
	if bomb := m.walk.bomb(m.out, m.walk.origin.read); bomb != nil {
		return 0, bomb
	}
	return n, err
}

// bomb refuses content that is out of proportion to its archive, or larger
// than its files and their headers can be.
func (w *walk) bomb(out, in int64) error {
	const header = 4 << 10 // what an entry may take beside its content
	makes := "makes the archive unpack"
	if w.current == "" {
		makes = "the archive unpacks"
	}
	if out > w.limits.TotalBytes+int64(w.limits.Entries)*header {
		return refuse(w.current, "%s to more than %s", makes, showBytes(w.limits.TotalBytes))
	}
	if out > w.limits.RatioFrom && out/max(in, 1) >= w.limits.Ratio {
		return refuse(w.current, "%s to more than %d times its size", makes, w.limits.Ratio)
	}
	return nil
}

func showBytes(n int64) string {
	for i, unit := range []string{"GiB", "MiB", "KiB"} {
		if size := int64(1) << (30 - 10*i); n >= size {
			return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(n)/float64(size)), ".0") + " " + unit
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
