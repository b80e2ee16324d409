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
	for {
		some := e.candidates(l, before)
		for _, x := range some {
			if len(page) == limit {
				return page, token
			}
			before = x.seq
			x.mu.Lock()
			if l.Status == "" || x.listedStatus() == l.Status {
				page = append(page, x.describe())
				token = strconv.FormatUint(x.seq, 10)
			}
			x.mu.Unlock()
		}
		if len(some) < someCandidates {
			return page, ""
		}
	}
}

// someCandidates is how many executions are looked at in one go: a page of a map
// run must not take as long as the whole.
const someCandidates = 1024

// candidates returns some executions older than a sequence number, the newest
// first; fewer than someCandidates are all that are left.
func (e *Engine) candidates(l Listing, before uint64) []*execution {
	e.mu.Lock()
	defer e.mu.Unlock()
	var found []*execution
	take := func(all []*execution) {
		end, _ := slices.BinarySearchFunc(all, before, func(x *execution, seq uint64) int { return cmp.Compare(x.seq, seq) })
		taken := 0
		for i := end - 1; i >= 0 && taken < someCandidates; i-- {
			x := all[i]
			if e.byARN[x.info.arn] == x && x.info.mapRunARN == l.MapRunARN && !x.info.ephemeral {
				found = append(found, x)
				taken++
			}
		}
	}
	switch {
	case l.MachineARN != "":
		if machine := e.lists[l.MachineARN]; machine != nil {
			take(machine.all)
		}
		return found
	case l.MapRunARN != "":
		if run := e.runs[l.MapRunARN]; run != nil {
			take(run.started)
		}
		return found
	}
	for _, machine := range e.lists {
		take(machine.all)
	}
	slices.SortFunc(found, func(a, b *execution) int { return cmp.Compare(b.seq, a.seq) })
	return found[:min(len(found), someCandidates)]
}
