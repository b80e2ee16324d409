package objects

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

const (
	// sweepPause is how long deletes must have paused before what they left is
	// swept.
	sweepPause = time.Second
	// mostEmptied is how many folders may wait for that, which bounds memory.
	mostEmptied = 1 << 16
)

// A sweeper removes what nobody can see any more, once deletes pause: the folders
// of versions that they have emptied, and what was in buckets that are gone. File
// systems may take longer for a folder than for all the files that were in it
// (ext4 does), and whoever deletes need not wait for that.
//
// A kill loses nothing: what is in the trash is swept after the next start, and
// empty folders are no content; they go with their bucket.
type sweeper struct {
	trash string
	// remove removes a folder and those above it, as far as they are empty.
	remove func(dir string)

	mu      sync.Mutex
	emptied map[string]bool
	running chan struct{} // closed as the sweep ends; nil when there is none
	news    chan struct{} // something was emptied during the sweep
	closed  chan struct{}
}

func newSweeper(trash string, remove func(string)) *sweeper {
	return &sweeper{trash: trash, remove: remove, emptied: map[string]bool{}, news: make(chan struct{}, 1), closed: make(chan struct{})}
}

// folder sees to a folder that may be empty. It reports false, and does not, when
// too many wait.
func (w *sweeper) folder(dir string) bool {
	w.mu.Lock()
	full := len(w.emptied) >= mostEmptied
	if !full {
		w.emptied[dir] = true
	}
	w.mu.Unlock()
	if !full {
		w.start()
	}
	return !full
}

// trees moves trees out of sight, and sees to them. Trees that are missing are
// none.
func (w *sweeper) trees(trees ...string) error {
	defer w.start()
	w.mu.Lock() // a place that is not filled yet must not be swept
	defer w.mu.Unlock()
	place, err := os.MkdirTemp(w.trash, "")
	if err != nil {
		return fmt.Errorf("make room in the trash: %w", err)
	}
	for i, tree := range trees {
		if err := os.Rename(tree, filepath.Join(place, strconv.Itoa(i))); err != nil && !missing(err) {
			return fmt.Errorf("move %s to the trash: %w", tree, err)
		}
	}
	return nil
}

// places are what is in the trash.
func (w *sweeper) places() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	entries, err := os.ReadDir(w.trash)
	if err != nil {
		return nil // the next sweep finds it
	}
	places := make([]string, len(entries))
	for i, e := range entries {
		places[i] = filepath.Join(w.trash, e.Name())
	}
	return places
}

// start begins a sweep, or tells the one under way that there is more.
func (w *sweeper) start() {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case <-w.closed:
		return
	case w.news <- struct{}{}:
	default:
	}
	if w.running == nil {
		w.running = make(chan struct{})
		go w.sweep()
	}
}

// stop ends the sweep under way, and lets no other begin.
func (w *sweeper) stop() {
	w.mu.Lock()
	running := w.running
	if !w.isClosed() {
		close(w.closed)
	}
	w.mu.Unlock()
	if running != nil {
		<-running
	}
}

func (w *sweeper) isClosed() bool {
	select {
	case <-w.closed:
		return true
	default:
		return false
	}
}

// sweep removes what there is once a pause has passed without news, until nothing
// is left.
func (w *sweeper) sweep() {
	for {
		select {
		case <-w.closed:
		case <-w.news:
			continue
		case <-time.After(sweepPause):
		}
		if !w.isClosed() && !w.all() {
			continue
		}
		w.mu.Lock()
		if w.isClosed() || len(w.emptied) == 0 && len(w.news) == 0 {
			close(w.running)
			w.running = nil
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
	}
}

// interrupted reports whether the sweep has to end, or to wait once more.
func (w *sweeper) interrupted() bool { return len(w.news) > 0 || w.isClosed() }

// all removes what there is, and reports whether it came to the end.
func (w *sweeper) all() bool {
	for !w.interrupted() {
		w.mu.Lock()
		some := ""
		for some = range w.emptied {
			break
		}
		delete(w.emptied, some)
		w.mu.Unlock()
		if some != "" {
			w.remove(some)
			continue
		}
		for _, place := range w.places() {
			if !w.tree(place) {
				return false
			}
		}
		return true
	}
	return false
}

// tree removes a folder with all that is in it, and reports whether it came to the
// end. What can't be removed now is left for the next sweep.
func (w *sweeper) tree(dir string) bool {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return true
	}
	for _, e := range entries {
		if w.interrupted() {
			return false
		}
		path := filepath.Join(dir, e.Name())
		if e.IsDir() {
			if !w.tree(path) {
				return false
			}
		} else if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return true
		}
	}
	_ = removeFolder(dir) // what is still in it could not be removed
	return true
}
