package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/class/classtest"
)

func TestClassesInAFile(t *testing.T) {
	classtest.Run(t, func(t *testing.T) class.Store { return open(t, filepath.Join(t.TempDir(), "store.db")) })
}
