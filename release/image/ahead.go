package image

import (
	"io"
	"sync"
)

const (
	aheadCount = 8
	aheadBytes = 128 << 10
	leastBytes = 4 << 10
)

// ahead reads on in a goroutine of its own, so that a layer is fetched and
// unpacked while what came before is looked at.
type ahead struct {
	full, free chan chunk
	stop       chan struct{}
	done       sync.WaitGroup

	now  chunk
	left []byte
}

type chunk struct {
	buffer []byte
	n      int
	err    error
}

// newAhead begins to read on, for content of about a size in bytes.
func newAhead(r io.Reader, size int64) *ahead {
	a := &ahead{full: make(chan chunk, aheadCount), free: make(chan chunk, aheadCount), stop: make(chan struct{})}
	for range aheadCount {
		a.free <- chunk{buffer: make([]byte, min(aheadBytes, max(size, leastBytes)))}
	}
	a.done.Go(func() { a.run(r) })
	return a
}

func (a *ahead) run(r io.Reader) {
	for {
		var c chunk
		select {
		case <-a.stop:
			return
		case c = <-a.free:
		}
		for c.n = 0; c.n < len(c.buffer) && c.err == nil; {
			var n int
			n, c.err = r.Read(c.buffer[c.n:])
			c.n += n
		}
		a.full <- c // there is room for all
		if c.err != nil {
			return
		}
	}
}

func (a *ahead) Read(p []byte) (int, error) {
	for len(a.left) == 0 {
		if a.now.err != nil {
			return 0, a.now.err
		}
		if a.now.buffer != nil {
			a.free <- chunk{buffer: a.now.buffer}
		}
		a.now = <-a.full
		a.left = a.now.buffer[:a.now.n]
	}
	n := copy(p, a.left)
	a.left = a.left[n:]
	return n, nil
}

// close ends the goroutine, and returns when it has ended. What it reads from
// must not make it wait any more.
func (a *ahead) close() {
	close(a.stop)
	a.done.Wait()
}
