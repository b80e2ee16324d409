package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// lockFolder keeps other processes out until the file is closed.
func lockFolder(folder string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, fileMode)
	if err != nil {
		return nil, fmt.Errorf("open journal lock: %w", err)
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		closed := file.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, errors.Join(fmt.Errorf("%s: %w", folder, ErrLocked), closed)
		}
		return nil, errors.Join(fmt.Errorf("lock journal: %w", err), closed)
	}
	return file, nil
}

func readFile(name string) (data []byte, done func(), err error) {
	data, err = os.ReadFile(name)
	return data, func() {}, err //nolint:wrapcheck // the caller says what it reads
}
