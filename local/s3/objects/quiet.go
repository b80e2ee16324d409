package objects

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
)

// standardOutput keeps two stores from swapping it at once.
var standardOutput sync.Mutex

// quietly makes the backend. It announces its folder on standard output, where
// people and scripts read what Mayfly says; there is no option against that,
// so standard output is elsewhere for the moment.
func quietly(root string, metadata meta.MetadataStorer, options posix.PosixOpts) (backend *posix.Posix, err error) {
	standardOutput.Lock()
	defer standardOutput.Unlock()
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("make the object store: %w", err)
	}
	stdout := os.Stdout
	os.Stdout = nowhere
	defer func() {
		os.Stdout = stdout
		err = errors.Join(err, nowhere.Close())
	}()
	return posix.New(root, metadata, options)
}
