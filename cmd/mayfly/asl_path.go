package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/trace"
)

// aslPath shows the states of an execution as it goes through them: each line
// once it is final, so that what is printed is the same however long it takes.
type aslPath struct {
	run     *aslRun
	trace   *trace.Trace
	events  int // taken
	printed int // lines
	width   int // of the column of states
	status  bool
}

func (r *aslRun) newPath() *aslPath {
	p := &aslPath{run: r, trace: trace.New()}
	for _, s := range r.machine.States() {
		p.width = max(p.width, len([]rune(s.Name()))+8)
	}
	p.width = min(p.width, 60)
	if file, ok := r.err.(*os.File); ok && !r.virtual && !r.json() {
		p.status = term.IsTerminal(int(file.Fd()))
	}
	return p
}

// update prints what is new.
func (p *aslPath) update() error {
	if p.run.json() || p.run.flags.quiet {
		return nil
	}
	events, err := p.run.engine.Events(p.run.arn)
	if err != nil {
		return err //nolint:wrapcheck // it names the execution
	}
	for ; p.events < len(events); p.events++ {
		p.trace.Add(&events[p.events])
	}
	w := &aslLines{path: p}
	w.thread(p.trace.Root, 0, "")
	p.clear()
	if p.printed == 0 && len(w.lines) > 0 {
		p.run.printf("%12s  %s\n", "at", "state")
	}
	for _, line := range w.lines[p.printed:] {
		p.run.printf("%s\n", line)
	}
	p.printed = len(w.lines)
	if p.status && w.at != nil {
		_, _ = fmt.Fprintf(p.run.err, "%12s  … %s, for %s", exactly(time.Since(p.trace.Began).Truncate(time.Second)), w.at.State,
			exactly(time.Since(w.at.Entered).Truncate(time.Second)))
	}
	return nil
}

// clear takes away the line that says what is under way.
func (p *aslPath) clear() {
	if p.status {
		_, _ = fmt.Fprint(p.run.err, "\r\x1b[K") // a closed terminal has no one to tell
	}
}

// aslLines are the lines that are final.
type aslLines struct {
	path  *aslPath
	lines []string
	at    *trace.Visit // the first that is not final
}

// thread writes a thread's visits. It returns false when one is not final. The
// label stands before the first.
func (w *aslLines) thread(th *trace.Thread, depth int, label string) bool {
	for _, v := range th.Visits {
		if !w.visit(v, depth, label) {
			return false
		}
		label = strings.Repeat(" ", len(label))
	}
	return true
}

func (w *aslLines) over() bool { return !w.path.trace.Ended.IsZero() }

func (w *aslLines) visit(v *trace.Visit, depth int, label string) bool {
	final := !v.Left.IsZero() || v.Failed || v.Aborted || w.over()
	around := v.Type == "Parallel" || v.Type == "Map"
	if !final && (!around || len(v.Tries) == 0) {
		w.at = v
		return false
	}
	w.state(v, depth, label, around)
	for i, try := range v.Tries {
		last := i == len(v.Tries)-1
		if around && !w.threads(v, try, depth, final || !last) {
			return false
		}
		if try.Failure != nil {
			w.failure(v, i, depth, len(label), around)
		}
	}
	if !final {
		w.at = v
	}
	return final
}

// state writes the line of a state.
func (w *aslLines) state(v *trace.Visit, depth int, label string, around bool) {
	var notes []string
	switch {
	case v.Aborted && !around:
		notes = append(notes, "aborted")
	case v.Failed && !around && v.Failure() == nil: // the history does not say why
		notes = append(notes, "failed")
	case !around && v.Left.After(v.Entered):
		notes = append(notes, exactly(v.Left.Sub(v.Entered)))
	}
	if v.Type == "Map" && v.MapRunARN == "" && len(v.Tries) > 0 {
		notes = append(notes, count(v.Tries[0].Items, "item"))
	}
	if len(v.Tries) > 1 && !around {
		notes = append(notes, fmt.Sprintf("%d tries", len(v.Tries)))
	}
	name := strings.Repeat("  ", depth) + label + v.State
	line := fmt.Sprintf("%12s  %-*s  %-8s  %s", exactly(v.Entered.Sub(w.path.trace.Began)), w.path.width, name, v.Type, strings.Join(notes, ", "))
	w.lines = append(w.lines, strings.TrimRight(line, " "))
}

// failure writes why a try failed and what came of it. What is around a branch
// that failed does not repeat why.
func (w *aslLines) failure(v *trace.Visit, i, depth, indent int, around bool) {
	try := v.Tries[i]
	text := cmp.Or(try.Failure.Error, "an error")
	within := around && len(try.Threads) > 0
	if try.Failure.Cause != "" && !within {
		text += ": " + try.Failure.Cause
	}
	text = fit(strings.Join(strings.Fields(text), " "), 160)
	switch next := v.Next(); {
	case i < len(v.Tries)-1:
		text += "; again after " + exactly(v.Tries[i+1].Began.Sub(try.Ended))
	case v.Caught() && next != nil:
		text += "; caught, on to " + next.State
	case v.Caught():
		text += "; caught"
	case within:
		return
	}
	w.lines = append(w.lines, fmt.Sprintf("%12s  %s✗ %s", "", strings.Repeat(" ", 2*depth+indent+2), text))
}

// threads writes the branches or iterations of a try: of a map those that were
// asked for, and those that failed.
func (w *aslLines) threads(v *trace.Visit, try *trace.Try, depth int, final bool) bool {
	threads := try.Threads
	if v.MapRunARN != "" {
		if !final {
			w.at = v
			return false
		}
		threads = w.path.children(v.MapRunARN)
	}
	if v.Type == "Parallel" {
		for _, th := range threads {
			if !w.thread(th, depth+1, fmt.Sprintf("%d: ", th.Index+1)) {
				return false
			}
		}
		return true
	}
	most, hidden, failed := w.path.run.flags.items, 0, 0
	for i, th := range threads {
		if i >= most {
			if !final {
				return false
			}
			if !th.Failed || failed >= most {
				hidden++
				continue
			}
			failed++
		}
		if !w.thread(th, depth+1, fmt.Sprintf("[%d] ", th.Index)) {
			return false
		}
	}
	if hidden > 0 {
		w.lines = append(w.lines, fmt.Sprintf("%12s  %s… and %s; --items shows more", "", strings.Repeat("  ", depth+1), count(hidden, "more item")))
	}
	return true
}

// children are the executions of a map run, each as a thread.
func (p *aslPath) children(mapRunARN string) []*trace.Thread {
	var threads []*trace.Thread
	listing := asl.Listing{MapRunARN: mapRunARN, Limit: 1000}
	for {
		page, token := p.run.engine.List(listing)
		for _, child := range page {
			t := trace.New()
			events, err := p.run.engine.Events(child.ExecutionARN)
			if err != nil {
				continue // it was pruned
			}
			for i := range events {
				t.Add(&events[i])
			}
			t.Root.Index, t.Root.Failed = child.Index, child.Status != asl.StatusSucceeded
			threads = append(threads, t.Root)
		}
		if listing.Token = token; token == "" {
			break
		}
	}
	slices.SortFunc(threads, func(a, b *trace.Thread) int { return cmp.Compare(a.Index, b.Index) })
	return threads
}

// exactly writes a duration to the millisecond: "7d 2h 5.25s".
func exactly(d time.Duration) string {
	d = d.Round(time.Millisecond)
	var parts []string
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}} {
		if n := d / unit.size; n > 0 {
			parts = append(parts, fmt.Sprintf("%d%s", n, unit.name))
			d -= n * unit.size
		}
	}
	if d > 0 || parts == nil {
		parts = append(parts, strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.3f", d.Seconds()), "0"), ".")+"s")
	}
	return strings.Join(parts, " ")
}
