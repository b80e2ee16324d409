package release

import (
	"archive/tar"
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/klauspost/compress/gzip"
)

// Progress is how far packing is.
type Progress struct {
	// Files and Bytes are what is packed so far, of FilesTotal and BytesTotal.
	Files, FilesTotal int
	Bytes, BytesTotal int64
	// Path is the file that was packed last.
	Path string
}

// Pack writes the files of a folder as a .tar.gz that a release takes. The
// same folder is the same archive, byte for byte: names are sorted, and times,
// owners and modes are not kept. What version control and operating systems
// leave behind is left out.
//
// Everything that a release would refuse by its names, kinds, sizes or missing
// index page is refused before a byte is written, as a *ContentError; links
// are refused, never followed. progress is called after each file; it may be
// nil.
func Pack(ctx context.Context, dir fs.FS, index string, limits Limits, w io.Writer, progress func(Progress)) (Progress, error) {
	files, done, err := scan(dir, index, limits)
	if err != nil {
		return Progress{}, err
	}
	packed, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return done, err
	}
	buffered := bufio.NewWriterSize(packed, 64<<10)
	archive := tar.NewWriter(buffered)
	buffer := make([]byte, 64<<10)
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		if err := packFile(archive, dir, f, buffer); err != nil {
			return done, fmt.Errorf("pack %q: %w", f.Path, err)
		}
		done.Files, done.Bytes, done.Path = done.Files+1, done.Bytes+f.Size, f.Path
		if progress != nil {
			progress(done)
		}
	}
	if err := archive.Close(); err != nil {
		return done, fmt.Errorf("pack: %w", err)
	}
	if err := buffered.Flush(); err != nil {
		return done, fmt.Errorf("pack: %w", err)
	}
	if err := packed.Close(); err != nil {
		return done, fmt.Errorf("pack: %w", err)
	}
	return done, nil
}

// scan lists the files to pack, in the order of their names.
func scan(dir fs.FS, index string, limits Limits) ([]File, Progress, error) {
	var files []File
	var total Progress
	var paths []string
	entries := 0
	err := fs.WalkDir(dir, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		if Ignored(name) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if entries++; entries > limits.Entries {
			return refuse("", "the folder has more than %d entries", limits.Entries)
		}
		if _, err := CleanName(name, entry.IsDir()); err != nil {
			return err
		}
		switch kind := entry.Type(); {
		case kind.IsDir():
			return nil
		case kind&fs.ModeSymlink != 0:
			return refuse(name, "is a symbolic link; only files and folders are allowed")
		case !kind.IsRegular():
			return refuse(name, "is neither a file nor a folder")
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if info.Size() > limits.FileBytes {
			return refuse(name, "is larger than %s", showBytes(limits.FileBytes))
		}
		files = append(files, File{Index: len(files), Path: name, Size: info.Size()})
		paths = append(paths, name)
		total.FilesTotal, total.BytesTotal = total.FilesTotal+1, total.BytesTotal+info.Size()
		if total.BytesTotal > limits.TotalBytes {
			return refuse(name, "makes the content larger than %s", showBytes(limits.TotalBytes))
		}
		return nil
	})
	if err != nil {
		return nil, Progress{}, fmt.Errorf("pack: %w", err)
	}
	if err := CheckIndex(paths, index); err != nil {
		return nil, Progress{}, fmt.Errorf("pack: %w", err)
	}
	return files, total, nil
}

func packFile(archive *tar.Writer, dir fs.FS, f File, buffer []byte) error {
	content, err := dir.Open(f.Path)
	if err != nil {
		return err
	}
	defer content.Close() //nolint:errcheck // a file that is only read
	// Opened may be another file than seen: a link put there meanwhile.
	info, err := content.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return refuse(f.Path, "is no longer a file")
	}
	header := &tar.Header{Typeflag: tar.TypeReg, Name: f.Path, Size: f.Size, Mode: 0o644, ModTime: time.Unix(0, 0), Format: tar.FormatPAX}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	n, err := io.CopyBuffer(struct{ io.Writer }{archive}, io.LimitReader(content, f.Size), buffer)
	if err == nil && n < f.Size {
		return fmt.Errorf("has %d bytes, and had %d", n, f.Size)
	}
	return err
}
