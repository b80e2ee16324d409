package asl

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
)

// childInput is the input of a child execution that has not been started.
type childInput struct {
	raw   []byte
	items int
}

// mapRead is what came of reading a map's items. It is on record: after a restart
// the items are read once more only when child executions are still to be
// started, and must be the same then.
type mapRead struct {
	done       bool
	items      int
	executions int
	digest     string
}

func (r *mapRead) record(f *frame) *record {
	return &record{kind: hidMapRead, frame: f.id, previous: f.last, n1: int64(r.items), n2: int64(r.executions), name: r.digest}
}

// errOver says that the state is over which a map run is for.
var errOver = errors.New("the map run is over")

// gatherer makes the inputs of child executions of items, and holds no more of
// them than limit bytes.
type gatherer struct {
	s      *State
	plan   *mapPlan
	pick   func(*mapItem) ([]byte, error) // applies ItemSelector
	inputs []childInput
	batch  []byte
	n      int // items in the batch
	items  int
	bytes  int64
	limit  int64
	digest hash.Hash
}

// gather reads a map's items and makes the inputs of its child executions.
func (run *mapRun) gather(ctx context.Context, plan *mapPlan) ([]childInput, mapRead, error) {
	g := gatherer{s: run.s, plan: plan, pick: run.selectItem, limit: run.e.mapBytes, digest: sha256.New()}
	if err := run.eachItem(ctx, plan, g.add); err != nil {
		return nil, mapRead{}, err
	}
	if err := g.flush(); err != nil {
		return nil, mapRead{}, err
	}
	read := mapRead{done: true, items: g.items, executions: len(g.inputs), digest: hex.EncodeToString(g.digest.Sum(nil))}
	return g.inputs, read, nil
}

func (g *gatherer) add(item *mapItem) error {
	input := item.input()
	if g.s.mapping.selector != nil {
		selected, err := g.pick(item)
		if err != nil {
			return err
		}
		input = selected
	}
	g.items++
	if g.plan.prefix == nil {
		return g.emit(childInput{raw: input, items: 1})
	}
	const end = len("]}")
	if g.n > 0 && (g.plan.most > 0 && g.n >= g.plan.most || len(g.batch)+len(",")+len(input)+end > g.plan.size) {
		if err := g.flush(); err != nil {
			return err
		}
	}
	if g.n == 0 {
		if len(g.plan.prefix)+len(input)+end > g.plan.size {
			return g.tooLarge()
		}
		g.batch = append(g.batch[:0], g.plan.prefix...)
	} else {
		g.batch = append(g.batch, ',')
	}
	g.batch = append(g.batch, input...)
	g.n++
	return nil
}

// flush ends a batch.
func (g *gatherer) flush() error {
	if g.n == 0 {
		return nil
	}
	raw := append(append(make([]byte, 0, len(g.batch)+2), g.batch...), ']', '}')
	n := g.n
	g.n = 0
	return g.emit(childInput{raw: raw, items: n})
}

func (g *gatherer) emit(input childInput) error {
	if len(input.raw) > MaxPayload {
		return g.tooLarge()
	}
	if g.bytes += int64(len(input.raw)); g.bytes > g.limit {
		return &TaskError{Name: ErrorItemReaderFailed, Cause: fmt.Sprintf(
			"The inputs of the map's child executions have more than %d bytes together, which is as much as is held in memory", g.limit)}
	}
	var size [8]byte
	binary.BigEndian.PutUint64(size[:], uint64(len(input.raw)))
	_, _ = g.digest.Write(size[:])   // a hash takes everything
	_, _ = g.digest.Write(input.raw) // a hash takes everything
	g.inputs = append(g.inputs, input)
	return nil
}

func (g *gatherer) tooLarge() error {
	return &TaskError{Name: ErrorDataLimitExceeded, noAll: true, Cause: fmt.Sprintf(
		"The input of a child execution of the state '%s' has a size exceeding the maximum number of bytes service limit.", g.s.name)}
}

// selectItem applies the map's ItemSelector.
func (run *mapRun) selectItem(item *mapItem) ([]byte, error) {
	x := run.x
	x.mu.Lock()
	defer x.mu.Unlock()
	if !run.isCurrent() {
		return nil, errOver
	}
	return x.pickItem(run.f, item)
}

// pickItem applies the ItemSelector of a frame's state to an item. The caller
// holds the lock.
func (x *execution) pickItem(f *frame, item *mapItem) ([]byte, error) {
	v, err := x.selectItem(f, &frame{x: x, parent: f, vars: f.vars, item: item})
	return v.trimmed(), err
}
