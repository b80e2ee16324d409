package writeobjects

import (
	"context"
	"math/bits"
	"sync"

	"golang.org/x/sync/semaphore"

	"github.com/mayfly-dev/mayfly/release"
)

// inFlightBytes bounds the content that is in memory at any moment.
const inFlightBytes = 32 << 20

// buffers hands out memory for content that is on its way, in sizes of powers
// of two and of a part, and takes it back for the next: the collector would
// let twice the budget pile up. Waiting for memory is what slows the reading
// of the archive down to the writing.
type buffers struct {
	budget *semaphore.Weighted
	pools  *[24]sync.Pool
}

type buffer struct {
	data  []byte
	class int
}

func newBuffers() buffers {
	return buffers{budget: semaphore.NewWeighted(inFlightBytes), pools: new([24]sync.Pool)}
}

func (b buffers) get(ctx context.Context, size int) (*buffer, error) {
	class := bits.Len(uint(max(size, 1<<10) - 1))
	capacity := classBytes(class)
	if err := b.budget.Acquire(ctx, int64(capacity)); err != nil {
		return nil, err
	}
	if kept, ok := b.pools[class].Get().(*buffer); ok {
		kept.data = kept.data[:size]
		return kept, nil
	}
	return &buffer{data: make([]byte, size, capacity), class: class}, nil
}

func (b buffers) put(used *buffer) {
	b.pools[used.class].Put(used)
	b.budget.Release(int64(classBytes(used.class)))
}

func classBytes(class int) int { return min(1<<class, release.PartBytes) }
