package asl

import (
	"cmp"
	"slices"
	"strconv"
)

// list is the executions of one machine, in the order in which they started.
type list struct {
	all     []*execution
	removed int
}

// Listing selects executions.
type Listing struct {
	// MachineARN or MapRunARN says whose; both empty is all.
	MachineARN, MapRunARN string
	// Status is "" for any.
	Status Status
	// Limit is how many at most; 0 is 100.
	Limit int
	// Token continues after an earlier page.
	Token string
}

// List returns executions, the newest first, and a token when there are more.
// It leaves out what maps started, unless MapRunARN asks for it.
func (e *Engine) List(l Listing) (page []Description, token string) {
	limit := l.Limit
	if limit <= 0 {
		limit = 100
	}
	before := uint64(1<<63 - 1)
	if n, err := strconv.ParseUint(l.Token, 10, 64); err == nil {
		before = n
	}
	for _, x := range e.candidates(l, before) {
		if len(page) == limit {
			return page, token
		}
		x.mu.Lock()
		if l.Status == "" || x.listedStatus() == l.Status {
			page = append(page, x.describe())
			token = strconv.FormatUint(x.seq, 10)
		}
		x.mu.Unlock()
	}
	return page, ""
}

// candidates returns executions older than a sequence number, the newest first.
func (e *Engine) candidates(l Listing, before uint64) []*execution {
	e.mu.Lock()
	defer e.mu.Unlock()
	var found []*execution
	take := func(all []*execution) {
		end, _ := slices.BinarySearchFunc(all, before, func(x *execution, seq uint64) int { return cmp.Compare(x.seq, seq) })
		for i := end - 1; i >= 0; i-- {
			x := all[i]
			if e.byARN[x.info.arn] == x && x.info.mapRunARN == l.MapRunARN && !x.info.ephemeral {
				found = append(found, x)
			}
		}
	}
	if l.MapRunARN != "" && l.MachineARN == "" {
		if run := e.runs[l.MapRunARN]; run != nil {
			take(run.started)
		}
		return found
	}
	if l.MachineARN != "" {
		if machine := e.lists[l.MachineARN]; machine != nil {
			take(machine.all)
		}
		return found
	}
	for _, machine := range e.lists {
		take(machine.all)
	}
	slices.SortFunc(found, func(a, b *execution) int { return cmp.Compare(b.seq, a.seq) })
	return found
}
