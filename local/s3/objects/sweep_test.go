package objects

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// versioned opens a store with a bucket in which a key has three versions.
func versioned(t *testing.T, dir string) (s *Store, ids []string) {
	t.Helper()
	s = open(t, dir)
	must(t, s.CreateBucket(context.Background(), "b"))
	must(t, s.SetVersioning(context.Background(), "b", true))
	for _, body := range []string{"1", "2", "3"} {
		ids = append(ids, put(t, s, "dir/key", body))
	}
	return s, ids
}

func removeAll(t *testing.T, s *Store, ids []string) {
	t.Helper()
	for _, removal := range s.DeleteVersions(t.Context(), "b", "dir/key", ids, false) {
		must(t, removal.Err)
	}
}

// names are what is in a folder beside what is the backend's own.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	var found []string
	for _, e := range entries {
		if e.Name() != temporaryDir {
			found = append(found, e.Name())
		}
	}
	return found
}

func TestEmptiedFoldersAreSweptOnceDeletesPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ids := versioned(t, t.TempDir())
		versions := filepath.Join(s.versions, "b")
		for range 3 { // news each time: the sweep waits
			removeAll(t, s, ids)
			time.Sleep(sweepPause / 2)
			ids = []string{put(t, s, "dir/key", "1"), put(t, s, "dir/key", "2")}
		}
		removeAll(t, s, ids)
		if len(names(t, versions)) == 0 {
			t.Error("the folders were removed while deletes went on")
		}
		time.Sleep(2 * sweepPause)
		synctest.Wait()
		if left := names(t, versions); len(left) != 0 {
			t.Errorf("left: %q", left)
		}
		// Nothing runs any more, and the next delete begins it anew.
		ids = []string{put(t, s, "dir/key", "1"), put(t, s, "dir/key", "2"), put(t, s, "dir/key", "3")}
		removeAll(t, s, ids[:1])
		time.Sleep(2 * sweepPause)
		synctest.Wait()
		removeAll(t, s, ids[1:])
		time.Sleep(2 * sweepPause)
		synctest.Wait()
		if left := names(t, versions); len(left) != 0 {
			t.Errorf("left by the second sweep: %q", left)
		}
		s.Close()
	})
}

func TestADeleteSeesToItsFoldersItselfWhenTooManyWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ids := versioned(t, t.TempDir())
		for i := range mostEmptied {
			s.sweeper.emptied[fmt.Sprint(i)] = true
		}
		removeAll(t, s, ids)
		if left := names(t, filepath.Join(s.versions, "b")); len(left) != 0 {
			t.Errorf("left: %q", left)
		}
		s.Close()
	})
}

func TestADeletedBucketIsOutOfSightAtOnceAndSweptLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		s, ids := versioned(t, dir)
		removeAll(t, s, ids)
		must(t, s.DeleteBucket(t.Context(), "b", func() error { return nil }))
		must(t, s.DeleteBucket(t.Context(), "b", func() error { return nil })) // once more is success
		if left, err := filepath.Glob(filepath.Join(dir, "*", "b")); err != nil || len(left) != 0 {
			t.Errorf("still to be seen: %q, %v", left, err)
		}
		// The name is free at once, and what comes there stays.
		s, ids = versioned(t, dir)
		s.Close() // before it was swept: the next start does it
		if len(names(t, s.sweeper.trash)) == 0 {
			t.Error("the trash is empty already")
		}
		s = open(t, dir)
		time.Sleep(2 * sweepPause)
		synctest.Wait()
		if left := names(t, s.sweeper.trash); len(left) != 0 {
			t.Errorf("left in the trash: %q", left)
		}
		if got := content(t, s, "dir/key"); got != "3" {
			t.Errorf("the content is %q", got)
		}
		if n := len(names(t, s.earlierDir("b", "dir/key"))); n != len(ids)-1 {
			t.Errorf("%d earlier versions, want %d", n, len(ids)-1)
		}
		s.Close()
	})
}
