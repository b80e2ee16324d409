package edge

import (
	"fmt"
	"testing"
)

// TestTheCacheStaysWithinItsMemory looks at the cache itself: to ask for an
// object through the edge is to keep it, and to drop another.
func TestTheCacheStaysWithinItsMemory(t *testing.T) {
	const limit = 64 << 10
	c := newCache(limit)
	for i := range 200 {
		key := fmt.Sprintf("/%d", i)
		c.put(&entry{key: key, path: key, distribution: "E1", body: make([]byte, 7<<10)})
		if i%3 == 0 {
			c.get([]byte(key))
		}
		if got := c.bytes.Load(); got > limit {
			t.Fatalf("%d bytes are kept after object %d, over the limit of %d", got, i, limit)
		}
	}
	entries, bytes := 0, int64(0)
	for i := range c.shards {
		for _, e := range c.shards[i].entries {
			entries++
			bytes += e.bytes
		}
	}
	// Room for one more would have been used.
	if entries != limit/(8<<10+8) || bytes != c.bytes.Load() {
		t.Errorf("%d objects of 8 KiB with their headers are kept, %d bytes, accounted for as %d", entries, bytes, c.bytes.Load())
	}
}

// TestAnObjectOverTheLimitIsNotKept: it would push out everything for nothing.
func TestAnObjectOverTheLimitIsNotKept(t *testing.T) {
	c := newCache(4 << 10)
	c.put(&entry{key: "small", body: make([]byte, 1<<10)})
	c.put(&entry{key: "large", body: make([]byte, 8<<10)})
	if c.get([]byte("small")) == nil || c.get([]byte("large")) != nil {
		t.Error("the large object took the place of the small one")
	}
}
