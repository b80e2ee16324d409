package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl/journal"
)

// outbox is the journal of what is to be delivered. Whatever comes together while
// the last write is under way goes out in one write.
type outbox struct {
	journal  *journal.Journal
	couriers *couriers

	mu     sync.Mutex
	wake   *sync.Cond
	queue  []posted
	ending bool
	err    error // once set, nothing is written any more
	ended  chan struct{}
	base   int64 // size after the last compaction
}

// posted is a record to be written, and what to do then.
type posted struct {
	record  []byte
	written func(error)
}

// compactAt is the size of the journal, in bytes, below which it stays as it is.
const compactAt = 4 << 20

// record is one line of the journal: parcels of an event, a failed attempt, or
// the end of a parcel.
type record struct {
	Event   *event    `json:"event,omitempty"`
	Parcels []*parcel `json:"parcels,omitempty"`
	Tried   *tried    `json:"tried,omitempty"`
	Done    string    `json:"done,omitempty"`
}

type tried struct {
	ID       string      `json:"id"`
	Attempts int         `json:"attempts"`
	Due      time.Time   `json:"due"`
	Dead     *DeadLetter `json:"dead,omitempty"`
}

var errClosed = errors.New("the event bus is closed")

// openOutbox hands the couriers what the journal holds.
func openOutbox(dir string, noSync bool, couriers *couriers) (*outbox, error) {
	log, err := journal.Open(dir, journal.Options{NoSync: noSync})
	if err != nil {
		return nil, err
	}
	o := &outbox{journal: log, couriers: couriers, ended: make(chan struct{})}
	o.wake = sync.NewCond(&o.mu)
	var parcels []*parcel
	byID := map[string]*parcel{}
	err = log.Replay(func(text []byte) error {
		var r record
		if err := json.Unmarshal(text, &r); err != nil {
			return err
		}
		for _, p := range r.Parcels {
			p.Event = r.Event
			byID[p.ID] = p
			parcels = append(parcels, p)
		}
		if t := r.Tried; t != nil && byID[t.ID] != nil {
			p := byID[t.ID]
			p.Attempts, p.Due, p.Dead = t.Attempts, t.Due, t.Dead
		}
		delete(byID, r.Done)
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	for _, p := range parcels {
		if byID[p.ID] == p {
			couriers.add(p)
		}
	}
	go o.run()
	return o, nil
}

// put writes parcels, those of one event together, and hands them over. It
// returns once they are in the journal; that the context ends before does not
// take them back.
func (o *outbox) put(ctx context.Context, parcels []*parcel) error {
	var all []posted
	done := make(chan error, 1)
	left := 0
	for from := 0; from < len(parcels); {
		to := from + 1
		for to < len(parcels) && parcels[to].Event == parcels[from].Event {
			to++
		}
		batch := parcels[from:to]
		text, err := json.Marshal(record{Event: batch[0].Event, Parcels: batch})
		if err != nil {
			return fmt.Errorf("write the journal: %w", err)
		}
		left++
		all = append(all, posted{text, func(err error) { // by one goroutine
			if err == nil {
				for _, p := range batch {
					o.couriers.add(p)
				}
			}
			if left--; left == 0 {
				done <- err
			}
		}})
		from = to
	}
	if err := o.post(all...); err != nil {
		return err
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("write the journal: %w", context.Cause(ctx))
	}
}

// note writes a record of which nobody waits to hear: without it, a parcel is
// only delivered once more.
func (o *outbox) note(r record) {
	text, err := json.Marshal(r)
	if err != nil {
		panic("bus: a record of strings does not encode: " + err.Error())
	}
	_ = o.post(posted{record: text})
}

func (o *outbox) post(all ...posted) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil {
		return o.err
	}
	if o.ending {
		return errClosed
	}
	o.queue = append(o.queue, all...)
	o.wake.Signal()
	return nil
}

func (o *outbox) run() {
	defer close(o.ended)
	var queue []posted
	var records [][]byte
	for {
		o.mu.Lock()
		for len(o.queue) == 0 && !o.ending {
			o.wake.Wait()
		}
		if len(o.queue) == 0 {
			o.mu.Unlock()
			return
		}
		o.gather()
		queue, o.queue = o.queue, queue[:0]
		err := o.err
		o.mu.Unlock()

		if err == nil {
			records = records[:0]
			for _, p := range queue {
				records = append(records, p.record)
			}
			if err = o.journal.Append(records); err != nil {
				o.fail(err)
			}
		}
		for i := range queue {
			if queue[i].written != nil {
				queue[i].written(err)
			}
			queue[i] = posted{}
		}
		if err == nil {
			o.compactWhenDue()
		}
	}
}

// gather lets goroutines that are about to post something do so: one sync then
// serves them all. The caller holds mu.
func (o *outbox) gather() {
	for range 8 {
		before := len(o.queue)
		o.mu.Unlock()
		runtime.Gosched()
		o.mu.Lock()
		if len(o.queue) == before {
			return
		}
	}
}

func (o *outbox) fail(err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.err = fmt.Errorf("write the journal: %w", err)
}

// compactWhenDue rewrites the journal when most of it is about what is done.
func (o *outbox) compactWhenDue() {
	if size := o.journal.Size(); size < compactAt || size < 2*o.base {
		return
	}
	err := o.journal.Compact(func(write func([]byte) error) error {
		for _, r := range o.couriers.snapshot() {
			text, err := json.Marshal(r)
			if err != nil {
				return err
			}
			if err := write(text); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		o.fail(err)
	}
	o.base = o.journal.Size()
}

// close writes what is left, and closes the journal.
func (o *outbox) close() error {
	o.mu.Lock()
	ending := o.ending
	o.ending = true
	o.mu.Unlock()
	if ending {
		return nil
	}
	o.wake.Signal()
	<-o.ended
	if err := o.journal.Close(); err != nil {
		return fmt.Errorf("close the journal: %w", err)
	}
	return o.err
}
