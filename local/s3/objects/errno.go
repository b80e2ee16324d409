package objects

import (
	"errors"
	"syscall"
)

// isNotDir: a part of the path is a file, so nothing is below it.
func isNotDir(err error) bool { return errors.Is(err, syscall.ENOTDIR) }

// isNameTooLong: a part of the key is longer than a file's name may be.
func isNameTooLong(err error) bool { return errors.Is(err, syscall.ENAMETOOLONG) }

// removeFolder removes a folder that is empty. os.Remove would take it for a file
// first.
func removeFolder(dir string) error { return syscall.Rmdir(dir) }
