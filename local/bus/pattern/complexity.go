package pattern

import (
	"encoding/binary"
	"slices"
)

// maxComplexity is the largest number of beginnings of one field's wildcards
// that any one text may match at once. EventBridge does not publish its limit;
// this one agrees with the patterns that it is known to take (up to 9) and to
// refuse (from 11 on).
const maxComplexity = 9

// maxComplexityStates bounds the search; what needs more is too complex anyway.
const maxComplexityStates = 20_000

const tooComplex = "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character"

// simple reports whether a field's wildcards are within EventBridge's limit.
func simple(globs []glob) bool {
	return len(globs) == 0 || complexity(globs, maxComplexity+1) <= maxComplexity
}

// complexity returns the largest number of beginnings of wildcards that a text
// can match at once, or enough when that is less. It walks the sets of places in
// the wildcards that a text can lead to.
func complexity(globs []glob, enough int) int {
	var w walk
	for i, g := range globs {
		if slices.ContainsFunc(globs[:i], g.equal) {
			continue // counts once
		}
		w.starts = append(w.starts, len(w.steps))
		for i, literal := range g {
			if i > 0 {
				w.steps = append(w.steps, step{any: true})
			}
			for _, c := range literal {
				w.steps = append(w.steps, step{literal: c})
			}
		}
		w.steps = append(w.steps, step{end: true})
	}
	return w.largest(enough)
}

// step is a literal byte, an asterisk, or the end of a wildcard.
type step struct {
	literal  byte
	any, end bool
}

// walk is a search over sets of places. Place i is behind the first i steps, so
// that a text is at it when those are a beginning that matches the text.
type walk struct {
	steps  []step // of all wildcards, one after the other
	starts []int
}

func (w *walk) largest(enough int) int {
	most := 0
	seen := map[string]bool{}
	queue := [][]int{w.close(slices.Clone(w.starts))}
	for len(queue) > 0 {
		places := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, letter := range w.letters(places) {
			next := w.after(places, letter)
			if most = max(most, len(next)); most >= enough || len(seen) > maxComplexityStates {
				return enough
			}
			key := make([]byte, 0, 4*len(next))
			for _, p := range next {
				key = binary.LittleEndian.AppendUint32(key, uint32(p))
			}
			if len(next) > 0 && !seen[string(key)] {
				seen[string(key)] = true
				queue = append(queue, next)
			}
		}
	}
	return most
}

// letters returns the bytes that make a difference at some places, and -1 for
// any other.
func (w *walk) letters(places []int) []int {
	letters := []int{-1}
	for _, p := range places {
		if s := w.steps[p]; !s.any && !s.end {
			letters = append(letters, int(s.literal))
		}
	}
	slices.Sort(letters)
	return slices.Compact(letters)
}

// after returns where a letter leads from some places.
func (w *walk) after(places []int, letter int) []int {
	var next []int
	for _, p := range places {
		if p > 0 && w.steps[p-1].any { // the asterisk takes one more
			next = append(next, p)
		}
		if s := w.steps[p]; !s.any && !s.end && int(s.literal) == letter {
			next = append(next, p+1)
		}
	}
	return w.close(next)
}

// close adds the places that an asterisk which takes nothing leads to.
func (w *walk) close(places []int) []int {
	for i := 0; i < len(places); i++ {
		if p := places[i]; w.steps[p].any {
			places = append(places, p+1)
		}
	}
	slices.Sort(places)
	return slices.Compact(places)
}
