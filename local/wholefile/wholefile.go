// Package wholefile writes files so that a reader, after a crash too, sees all
// of one or none of it: beside the file first, then by rename.
package wholefile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Unfinished is how the name ends of what a killed process was about to write.
// The next Write of the same file replaces it.
const Unfinished = ".new"

// Write puts content in the place of a file. That survives the process being
// killed. Only one Write of a file may be under way at a time.
func Write(path string, content []byte) error {
	if err := os.WriteFile(path+Unfinished, content, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return place(path)
}

// WriteSynced is Write, on the disk when it returns: it survives a power cut.
func WriteSynced(path string, content []byte) error {
	file, err := os.OpenFile(path+Unfinished, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600) //nolint:gosec // the caller's own folder
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(file.Name()))
	}
	if err := place(path); err != nil {
		return err
	}
	return SyncFolder(filepath.Dir(path))
}

func place(path string) error {
	if err := os.Rename(path+Unfinished, path); err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", path, err), os.Remove(path+Unfinished))
	}
	return nil
}

// SyncFolder puts on the disk which files a folder has: what was written there,
// renamed or removed.
func SyncFolder(path string) error {
	dir, err := os.Open(path) //nolint:gosec // the caller's own folder
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return fmt.Errorf("sync folder %s: %w", path, err)
	}
	return nil
}
