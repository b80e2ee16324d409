package asl

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"runtime"
	"sync"
)

// Kinds of journal records.
const (
	recMachine = 'M' // a definition: digest, text
	recStart   = 'X' // an execution's start: sequence number, header, first part of the log
	recLog     = 'L' // more of a log: sequence number, offset, bytes
	recGone    = 'G' // an execution was pruned: sequence number
)

// writer brings what executions record to the journal: whatever has come
// together while the last write was under way goes out in one write.
type writer struct {
	e       *Engine
	journal Journal

	mu     sync.Mutex
	wake   *sync.Cond
	queue  []*execution
	gone   []uint64
	ending bool
	goOn   func() // lets virtual time go on; nil when nothing is to be written
	broken bool   // nothing is written any more
	ended  chan struct{}
	known  map[string]bool // machines in the journal

	failed chan struct{} // closed when the journal cannot be written
	err    error
	base   int64 // size after the last compaction
}

func newWriter(e *Engine, j Journal) *writer {
	w := &writer{e: e, journal: j, ended: make(chan struct{}), failed: make(chan struct{}), known: map[string]bool{}}
	w.wake = sync.NewCond(&w.mu)
	return w
}

func (w *writer) add(x *execution) {
	w.mu.Lock()
	w.queue = append(w.queue, x)
	if w.goOn == nil && !w.broken {
		w.goOn = w.e.hold()
	}
	w.mu.Unlock()
	w.wake.Signal()
}

// rest lets virtual time go on, which stands still while something that was
// recorded is not written yet. The caller holds mu.
func (w *writer) rest() {
	if w.goOn != nil {
		w.goOn()
		w.goOn = nil
	}
}

func (w *writer) pruned(seqs []uint64) {
	w.mu.Lock()
	w.gone = append(w.gone, seqs...)
	w.mu.Unlock()
	w.wake.Signal()
}

func (w *writer) run() {
	defer close(w.ended)
	var queue, spare []*execution
	var gone []uint64
	var buffer []byte
	for {
		w.mu.Lock()
		if len(w.queue) == 0 {
			w.rest()
		}
		for len(w.queue) == 0 && len(w.gone) == 0 && !w.ending {
			w.wake.Wait()
		}
		if len(w.queue) == 0 && len(w.gone) == 0 {
			w.mu.Unlock()
			return
		}
		w.gather()
		queue, w.queue = w.queue, spare[:0]
		gone, w.gone = w.gone, nil
		w.mu.Unlock()

		var err error
		if buffer, err = w.write(queue, gone, buffer[:0]); err != nil {
			w.err = fmt.Errorf("write journal: %w", err)
			close(w.failed)
			w.mu.Lock()
			w.broken = true
			w.rest()
			w.mu.Unlock()
			return
		}
		for _, x := range queue {
			w.written(x)
		}
		clear(queue)
		spare = queue
		w.compactWhenDue()
	}
}

// gather lets goroutines that are about to add something do so, for as long as
// they do: one sync then serves them all. The caller holds mu.
func (w *writer) gather() {
	for range 8 {
		before := len(w.queue)
		w.mu.Unlock()
		runtime.Gosched()
		w.mu.Lock()
		if len(w.queue) == before {
			return
		}
	}
}

// write makes one append of everything that the executions have to say.
func (w *writer) write(queue []*execution, gone []uint64, buffer []byte) ([]byte, error) {
	var records [][]byte
	var ends []int
	for _, x := range queue {
		x.mu.Lock()
		if !x.created && !w.known[x.m.digest] {
			w.known[x.m.digest] = true
			buffer = appendMachine(buffer, x.m)
			ends = append(ends, len(buffer))
		}
		if !x.created {
			buffer = x.appendStart(buffer)
			x.created = true
		} else {
			buffer = append(buffer, recLog)
			buffer = binary.AppendUvarint(buffer, x.seq)
			buffer = binary.AppendUvarint(buffer, uint64(x.sent))
			buffer = append(buffer, x.log[x.sent:]...)
		}
		x.sent = len(x.log)
		x.mu.Unlock()
		ends = append(ends, len(buffer))
	}
	for _, seq := range gone {
		buffer = binary.AppendUvarint(append(buffer, recGone), seq)
		ends = append(ends, len(buffer))
	}
	start := 0
	for _, end := range ends {
		records = append(records, buffer[start:end])
		start = end
	}
	return buffer, w.journal.Append(records) //nolint:wrapcheck // run says what failed
}

// written lets happen what waited for the write.
func (w *writer) written(x *execution) {
	x.mu.Lock()
	if x.sent < len(x.log) {
		w.add(x) // stays queued
	} else {
		x.queued = false
	}
	x.settled(false)
}

// close writes what is left, and closes the journal.
func (w *writer) close() error {
	w.mu.Lock()
	w.ending = true
	w.mu.Unlock()
	w.wake.Signal()
	<-w.ended
	if err := w.journal.Close(); err != nil {
		return fmt.Errorf("close journal: %w", err)
	}
	return w.err
}

func appendMachine(buffer []byte, m *Machine) []byte {
	buffer = append(buffer, recMachine)
	buffer = append(binary.AppendUvarint(buffer, uint64(len(m.digest))), m.digest...)
	return append(buffer, m.definition...)
}

// header is what the journal keeps of an execution beside its log.
type header struct {
	ARN, MachineARN, Name string
	RoleARN               string `json:",omitempty"`
	Version               string `json:",omitempty"`
	Alias                 string `json:",omitempty"`
	MapRunARN             string `json:",omitempty"`
	Digest                string
	Started               int64
	Meta                  []byte `json:",omitempty"`
	Express               bool   `json:",omitempty"`
	Item                  int    `json:",omitempty"`
	Items                 int    `json:",omitempty"`
	Flow                  int    `json:",omitempty"`
}

// appendStart appends the record of an execution with its whole log so far. The
// caller holds the execution's lock.
func (x *execution) appendStart(buffer []byte) []byte {
	h, err := json.Marshal(header{
		ARN: x.info.arn, MachineARN: x.info.machineARN, Name: x.info.name, RoleARN: x.info.roleARN,
		Version: x.info.version, Alias: x.info.alias, MapRunARN: x.info.mapRunARN, Digest: x.m.digest,
		Started: x.info.started, Meta: x.info.meta, Express: x.info.express, Item: x.info.item, Items: x.info.items, Flow: x.source.index,
	})
	if err != nil {
		panic("asl: header of strings does not encode: " + err.Error())
	}
	buffer = append(buffer, recStart)
	buffer = binary.AppendUvarint(buffer, x.seq)
	buffer = append(binary.AppendUvarint(buffer, uint64(len(h))), h...)
	return append(buffer, x.log...)
}

// compactWhenDue rewrites the journal when most of it is about executions that
// are gone.
func (w *writer) compactWhenDue() {
	if size := w.journal.Size(); size < w.e.compactAt || size < 2*w.base {
		return
	}
	if err := w.compact(); err != nil {
		w.err = err // Close tells; what was written before is still there
	}
	w.base = w.journal.Size()
}

func (w *writer) compact() error {
	w.e.mu.Lock()
	kept := make([]*execution, 0, len(w.e.bySeq))
	for _, x := range w.e.bySeq {
		kept = append(kept, x)
	}
	w.e.mu.Unlock()
	known := map[string]bool{}
	err := w.journal.Compact(func(write func([]byte) error) error {
		var buffer []byte
		for _, x := range kept {
			if !known[x.m.digest] {
				known[x.m.digest] = true
				if err := write(appendMachine(nil, x.m)); err != nil {
					return err
				}
			}
			x.mu.Lock()
			if !x.created {
				x.mu.Unlock()
				continue
			}
			buffer = x.appendStart(buffer[:0])
			x.mu.Unlock()
			if err := write(buffer); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("compact journal: %w", err)
	}
	w.known = known
	return nil
}
