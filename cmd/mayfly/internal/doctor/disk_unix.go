//go:build unix

package doctor

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Free returns the bytes that are free on a folder's disk to who asks.
func Free(folder string) (uint64, error) {
	var disk unix.Statfs_t
	if err := unix.Statfs(folder, &disk); err != nil {
		return 0, fmt.Errorf("room on the disk of %s: %w", folder, err)
	}
	return uint64(disk.Bavail) * uint64(disk.Bsize), nil //nolint:unconvert // the fields' types differ between systems
}
