package ecr

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// How soon a worker that failed tries again.
const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 10 * time.Second
)

// worker does what there is to do whenever it is poked, and once at its start;
// what fails it tries again until it succeeds or is stopped.
type worker struct {
	name   string
	do     func(context.Context) error
	logger *slog.Logger
	wake   chan struct{}
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func startWorker(name string, logger *slog.Logger, do func(context.Context) error) *worker {
	ctx, cancel := context.WithCancel(context.Background())
	w := &worker{name: name, do: do, logger: logger, wake: make(chan struct{}, 1), cancel: cancel}
	w.done.Go(func() { w.run(ctx) })
	w.poke()
	return w
}

// poke says that there may be something to do.
func (w *worker) poke() {
	select {
	case w.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// stop ends the worker and waits for it; what is left is done after the next
// start.
func (w *worker) stop() {
	w.cancel()
	w.done.Wait()
}

func (w *worker) run(ctx context.Context) {
	for {
		select {
		case <-w.wake:
		case <-ctx.Done():
			return
		}
		for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
			err := w.do(ctx)
			if err == nil || ctx.Err() != nil {
				break
			}
			w.logger.Warn("ecr could not "+w.name, "error", err, "again in", wait)
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return
			}
		}
	}
}
