package writeobjects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release"
)

// atOnce is how many requests that write are under way at most; their content
// is bounded by inFlightBytes.
const atOnce = 16

// run is one run of the step over a part of the plan.
type run struct {
	step   *Step
	plan   *release.Plan
	pass   events.Pass
	from   int
	cutoff time.Time
	// left counts the entries that are still to be begun.
	left int
	// next is the index in the plan at which the next run goes on.
	next  int
	begun bool

	buffers buffers

	mu      sync.Mutex
	written []release.PartEntry
	bytes   int64
}

func newRun(step *Step, plan *release.Plan, pass events.Pass, from int, cutoff time.Time) *run {
	r := &run{step: step, plan: plan, pass: pass, from: from, next: from, cutoff: cutoff, buffers: newBuffers()}
	for i := from; i < len(plan.Entries); i++ {
		if r.mine(i) {
			r.left++
		}
	}
	return r
}

func (r *run) mine(index int) bool {
	e := &r.plan.Entries[index]
	return index >= r.from && e.Write && e.Pass == r.pass
}

// errStop ends a walk through the content that needs no more of it.
var errStop = errors.New("stop")

// begin takes the entry at an index, or returns errStop when it is for the
// next run. Every run takes one entry at least, or a release would never end.
func (r *run) begin(index int) error {
	if r.begun && !r.cutoff.IsZero() && !r.step.now().Before(r.cutoff) {
		return errStop
	}
	r.begun = true
	r.left--
	r.next = index + 1
	return nil
}

// wrote notes S3's answer to the write of an entry.
func (r *run) wrote(index int, etag, version string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.written = append(r.written, release.PartEntry{Index: index, ETag: etag, VersionID: version})
	r.bytes += r.plan.Entries[index].Size
}

// all writes this pass's entries.
func (r *run) all(ctx context.Context) error {
	content, err := r.step.open(ctx, r.plan)
	if err != nil {
		return err
	}
	if content == nil {
		return r.copies(ctx)
	}
	defer content.Close() //nolint:errcheck // only read
	return r.unpack(ctx, content)
}

// unpack reads the content again and writes this pass's entries from it.
func (r *run) unpack(ctx context.Context, content content) error {
	group, writing := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	read := content.Walk(writing, r.mine, func(f release.File, content io.Reader) error {
		if r.left == 0 {
			return errStop
		}
		if f.Index >= len(r.plan.Entries) || r.plan.Entries[f.Index].Path != f.Path || r.plan.Entries[f.Index].Size != f.Size {
			return &release.ChangedError{What: fmt.Sprintf("entry %q is not where it was", f.Path)}
		}
		if !r.mine(f.Index) {
			return nil
		}
		if err := r.begin(f.Index); err != nil {
			return err
		}
		if f.Size > release.PartBytes {
			return r.large(writing, group, f, content)
		}
		return r.small(writing, group, f, content)
	})
	written := group.Wait()
	switch {
	case written != nil: // it is also why the reading ended
		return written
	case errors.Is(read, errStop):
		return nil
	case read != nil:
		return read
	case r.left > 0:
		return &release.ChangedError{What: fmt.Sprintf("%d entries are missing", r.left)}
	}
	return nil
}
