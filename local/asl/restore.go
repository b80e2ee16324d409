package asl

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// restore reads the journal and goes on with every execution in it.
func (e *Engine) restore() error {
	e.writer = newWriter(e, e.journal)
	err := e.journal.Replay(func(rec []byte) error {
		if len(rec) == 0 {
			return nil
		}
		switch rec[0] {
		case recMachine:
			return e.replayMachine(rec[1:])
		case recStart:
			return e.replayStart(rec[1:])
		case recLog:
			return e.replayLog(rec[1:])
		case recGone:
			return e.replayGone(rec[1:])
		default:
			return fmt.Errorf("journal record of unknown kind %q", rec[0])
		}
	})
	if err != nil {
		return err //nolint:wrapcheck // New says what failed
	}
	all := make([]*execution, 0, len(e.bySeq))
	for _, x := range e.bySeq {
		all = append(all, x)
	}
	slices.SortFunc(all, func(a, b *execution) int { return int(int64(a.seq) - int64(b.seq)) })
	for _, x := range all {
		if err := x.fold(); err != nil {
			return fmt.Errorf("execution %s: %w", x.info.arn, err)
		}
		e.list(x)
	}
	e.listEnded(all)
	var gone []uint64
	for _, orphan := range e.linkRuns(all) {
		gone = e.forget(orphan, gone)
	}
	e.writer.pruned(gone)
	all = slices.DeleteFunc(all, func(x *execution) bool { return e.bySeq[x.seq] != x })
	e.writer.base = e.journal.Size()
	go e.writer.run()
	for _, x := range all {
		x.resume()
	}
	return nil
}

func cut(rec []byte) (n uint64, rest []byte, err error) {
	n, size := binary.Uvarint(rec)
	if size <= 0 {
		return 0, nil, errBadLog
	}
	return n, rec[size:], nil
}

func cutBytes(rec []byte) (part, rest []byte, err error) {
	n, rest, err := cut(rec)
	if err != nil || n > uint64(len(rest)) {
		return nil, nil, errBadLog
	}
	return rest[:n], rest[n:], nil
}

func (e *Engine) replayMachine(rec []byte) error {
	digest, text, err := cutBytes(rec)
	if err != nil {
		return err
	}
	if e.machines[string(digest)] != nil {
		return nil
	}
	m := compile(text)
	m.digest = string(digest)
	e.machines[m.digest] = m
	e.writer.known[m.digest] = true
	return nil
}

func (e *Engine) replayStart(rec []byte) error {
	seq, rest, err := cut(rec)
	if err != nil {
		return err
	}
	head, log, err := cutBytes(rest)
	if err != nil {
		return err
	}
	var h header
	if err := json.Unmarshal(head, &h); err != nil {
		return fmt.Errorf("header of execution %d: %w", seq, err)
	}
	m := e.machines[h.Digest]
	if m == nil || h.Flow >= len(m.flows) {
		return fmt.Errorf("execution %s: no machine %s", h.ARN, h.Digest)
	}
	x := &execution{e: e, seq: seq, m: m, source: m.flows[h.Flow], created: true, log: slices.Clone(log)}
	x.info = startInfo{
		arn: h.ARN, machineARN: h.MachineARN, name: h.Name, roleARN: h.RoleARN, started: h.Started, meta: h.Meta,
		express: h.Express, version: h.Version, alias: h.Alias, mapRunARN: h.MapRunARN, item: h.Item, items: max(h.Items, 1),
	}
	e.bySeq[seq] = x
	e.nextSeq = max(e.nextSeq, seq+1)
	return nil
}

func (e *Engine) replayLog(rec []byte) error {
	seq, rest, err := cut(rec)
	if err != nil {
		return err
	}
	offset, part, err := cut(rest)
	if err != nil {
		return err
	}
	x := e.bySeq[seq]
	if x == nil {
		return nil // pruned before the journal was compacted
	}
	have := uint64(len(x.log))
	switch {
	case offset > have:
		return fmt.Errorf("execution %s: %w: it has %d bytes, and more begin at %d", x.info.arn, errBadLog, have, offset)
	case offset+uint64(len(part)) > have:
		x.log = append(x.log, part[have-offset:]...)
	}
	return nil
}

func (e *Engine) replayGone(rec []byte) error {
	seq, _, err := cut(rec)
	if err != nil {
		return err
	}
	delete(e.bySeq, seq)
	e.nextSeq = max(e.nextSeq, seq+1)
	return nil
}

// list enters a restored execution into the other indexes.
func (e *Engine) list(x *execution) {
	e.byARN[x.info.arn] = x
	machine := e.lists[x.info.machineARN]
	if machine == nil {
		machine = &list{}
		e.lists[x.info.machineARN] = machine
	}
	machine.all = append(machine.all, x)
}

func (e *Engine) listEnded(all []*execution) {
	for _, x := range all {
		if x.status != StatusRunning && x.info.mapRunARN == "" {
			e.ended.all = append(e.ended.all, endedOne{x: x, stopped: x.stopped})
		}
	}
	slices.SortStableFunc(e.ended.all, func(a, b endedOne) int { return int(a.stopped - b.stopped) })
}

// resume goes on with an execution that was read from the journal.
func (x *execution) resume() {
	x.mu.Lock()
	if x.status != StatusRunning {
		x.release()
		x.mu.Unlock()
		return
	}
	x.tick()
	if x.m.refused != nil {
		x.endFailed(&x.root, TaskError{Name: ErrorRuntime, Cause: "This version refuses the definition. " + x.m.refused.Error()})
	} else {
		x.setDeadline()
		x.resumeFrame(&x.root)
	}
	if task := x.settle(true); task != nil {
		x.e.start(x, task)
	}
}

// since is when the execution's time limit began to count.
func (x *execution) since() int64 {
	if x.redrivenAt != 0 {
		return x.redrivenAt
	}
	return x.info.started
}

func (x *execution) resumeFrame(f *frame) {
	switch f.phase {
	case phaseTimer, phaseRetry:
		x.e.timers.set(&f.timer, x, f, time.UnixMilli(f.timer.when))
	case phaseTask:
		// It is run again, with its whole time.
		x.schedule(f, f.task)
	case phaseToken, phaseActivity:
		if f.task.timeout > 0 {
			x.e.timers.set(&f.timer, x, f, time.UnixMilli(f.timer.when).Add(time.Duration(f.task.timeout)*time.Second))
		}
		if f.phase == phaseToken {
			x.setHeartbeat(f)
		} else {
			x.actions = append(x.actions, action{after: len(x.log), task: f.task})
		}
	case phaseChildren:
		for _, c := range slices.Clone(f.group.children) {
			x.resumeFrame(c)
		}
		if f.group != nil && f.group.run != nil {
			x.resumeRun(f)
			return
		}
		if f.group != nil {
			x.spawn(f)
			x.advance(f)
		}
	case phaseReady:
		x.advance(f)
	case phaseDone:
	}
}
