package blobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"github.com/distribution/distribution/v3/registry/storage/driver"
)

// driverName is what errors of the storage call this driver.
const driverName = "disk"

// disk is a storage driver over a folder. The one that comes with
// distribution brings gRPC and an OpenTelemetry exporter with it, and syncs
// five times for each blob; this one survives the process being killed, and
// leaves a power cut to the file system, as S3 does here.
type disk struct{ root string }

func (d disk) Name() string { return driverName }

func (d disk) full(path string) string { return filepath.Join(d.root, filepath.FromSlash(path)) }

// missing turns "no such file" into the error that the storage knows.
func missing(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return driver.PathNotFoundError{Path: path, DriverName: driverName}
	}
	return err
}

func (d disk) GetContent(_ context.Context, path string) ([]byte, error) {
	content, err := os.ReadFile(d.full(path))
	return content, missing(path, err)
}

// PutContent writes a file whole: a reader sees the old content or the new.
func (d disk) PutContent(_ context.Context, path string, content []byte) error {
	target := d.full(path)
	file, err := d.temporary(target)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, bytes.NewReader(content))
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), target)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}

// temporary makes a file beside target, and the folders above it. A sweep may
// remove an empty folder in between, hence the second try.
func (d disk) temporary(target string) (*os.File, error) {
	for try := 0; ; try++ {
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return nil, err
		}
		file, err := os.CreateTemp(filepath.Dir(target), ".new-*")
		if err == nil || try > 0 || !errors.Is(err, fs.ErrNotExist) {
			return file, err
		}
	}
}

func (d disk) Reader(_ context.Context, path string, offset int64) (io.ReadCloser, error) {
	file, err := os.Open(d.full(path))
	if err != nil {
		return nil, missing(path, err)
	}
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// Writer opens a file to write, at its end when appending.
func (d disk) Writer(_ context.Context, path string, appending bool) (driver.FileWriter, error) {
	target := d.full(path)
	if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
		return nil, err
	}
	flags := os.O_WRONLY | os.O_CREATE
	if !appending {
		flags |= os.O_TRUNC
	}
	file, err := os.OpenFile(target, flags, 0o600)
	if err != nil {
		return nil, err
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &writer{file: file, size: size}, nil
}

func (d disk) Stat(_ context.Context, path string) (driver.FileInfo, error) {
	found, err := os.Stat(d.full(path))
	if err != nil {
		return nil, missing(path, err)
	}
	return driver.FileInfoInternal{FileInfoFields: driver.FileInfoFields{
		Path: path, Size: found.Size(), ModTime: found.ModTime(), IsDir: found.IsDir(),
	}}, nil
}

func (d disk) List(_ context.Context, path string) ([]string, error) {
	entries, err := os.ReadDir(d.full(path))
	if err != nil {
		return nil, missing(path, err)
	}
	paths := make([]string, len(entries))
	for i, entry := range entries {
		paths[i] = filepath.ToSlash(filepath.Join(path, entry.Name()))
	}
	return paths, nil
}

func (d disk) Move(_ context.Context, from, to string) error {
	if err := os.MkdirAll(filepath.Dir(d.full(to)), 0o700); err != nil {
		return err
	}
	return missing(from, os.Rename(d.full(from), d.full(to)))
}

func (d disk) Delete(_ context.Context, path string) error {
	if _, err := os.Stat(d.full(path)); err != nil {
		return missing(path, err)
	}
	return os.RemoveAll(d.full(path))
}

func (d disk) RedirectURL(*http.Request, string) (string, error) { return "", nil }

func (d disk) Walk(ctx context.Context, path string, f driver.WalkFn, options ...func(*driver.WalkOptions)) error {
	return driver.WalkFallback(ctx, d, path, f, options...)
}

// writer is a file that is written to.
type writer struct {
	file   *os.File
	size   int64
	closed bool
}

func (w *writer) Write(p []byte) (int, error) {
	n, err := w.file.Write(p)
	w.size += int64(n)
	return n, err
}

func (w *writer) Size() int64 { return w.size }

func (w *writer) Close() error {
	if w.closed {
		return fmt.Errorf("%s: closed already", w.file.Name())
	}
	w.closed = true
	return w.file.Close()
}

func (w *writer) Cancel(context.Context) error {
	w.closed = true
	return errors.Join(w.file.Close(), os.Remove(w.file.Name()))
}

func (w *writer) Commit(context.Context) error { return nil }
