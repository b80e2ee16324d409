package journal

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncData brings a file's bytes and its size to the disk, and leaves its times.
func syncData(file *os.File) error {
	for {
		if err := unix.Fdatasync(int(file.Fd())); err != unix.EINTR {
			return err //nolint:wrapcheck // the caller says what it syncs
		}
	}
}
