package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/mayfly-dev/mayfly/events"
)

// view shows a flow while somebody waits for it.
type view interface {
	// event shows the next thing that happened.
	event(events.SandboxEvent)
	// expect says when it will probably end; zero when nobody knows.
	expect(time.Time)
	// note shows a line about what this command itself does.
	note(string)
	// stop ends the view and leaves its last state.
	stop()
}

// newView returns the view for where this command writes: live on a terminal,
// lines otherwise, nothing when the output is for programs.
func (a *app) newView(name string) view {
	if a.json() {
		return silent{}
	}
	if file, ok := a.err.(*os.File); ok && term.IsTerminal(int(file.Fd())) && a.getenv("TERM") != "dumb" {
		width := func() int {
			columns, _, err := term.GetSize(int(file.Fd()))
			if err != nil || columns < 20 {
				return 80
			}
			return columns
		}
		return newLive(a.err, name, width, a.now)
	}
	return &plain{out: a.err}
}

// silent shows nothing.
type silent struct{}

func (silent) event(events.SandboxEvent) {}
func (silent) expect(time.Time)          {}
func (silent) note(string)               {}
func (silent) stop()                     {}

// plain shows one line for each event, for logs.
type plain struct {
	out   io.Writer
	since time.Time
}

func (p *plain) event(e events.SandboxEvent) {
	if p.since.IsZero() {
		p.since = e.At
	}
	_, _ = fmt.Fprintf(p.out, "%8s  %s\n", short(e.At.Sub(p.since)), describe(e))
}

func (p *plain) expect(time.Time) {}

func (p *plain) note(text string) { _, _ = fmt.Fprintf(p.out, "%8s  %s\n", "", text) }

func (p *plain) stop() {}

// describe returns the line for an event.
func describe(e events.SandboxEvent) string {
	text := e.Message
	if e.Failure.Error != "" && !strings.Contains(text, e.Failure.Cause) {
		text += " (" + e.Failure.Cause + ")"
	}
	return visibly(text)
}

// live redraws a block of lines: the sandbox, and a line for each step.
type live struct {
	out   io.Writer
	width func() int
	now   func() time.Time

	mu    sync.Mutex
	model progress
	drawn int // lines of the block on the screen
	frame int

	end  chan struct{}
	done chan struct{}
}

// redraw is how often a live view is drawn.
const redraw = 100 * time.Millisecond

func newLive(out io.Writer, name string, width func() int, now func() time.Time) *live {
	l := &live{out: out, width: width, now: now, model: progress{name: name}, end: make(chan struct{}), done: make(chan struct{})}
	go l.tick()
	return l
}

func (l *live) tick() {
	defer close(l.done)
	ticker := time.NewTicker(redraw)
	defer ticker.Stop()
	for {
		select {
		case <-l.end:
			return
		case <-ticker.C:
			l.mu.Lock()
			l.frame++
			l.draw("")
			l.mu.Unlock()
		}
	}
}

func (l *live) event(e events.SandboxEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.model.apply(e)
	l.draw("")
}

func (l *live) expect(eta time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.model.eta = eta
}

func (l *live) note(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.draw(text)
}

func (l *live) stop() {
	close(l.end)
	<-l.done
	l.mu.Lock()
	defer l.mu.Unlock()
	l.model.eta = time.Time{}
	l.draw("")
}

// draw replaces the block on the screen; a note stays above it. It is one
// write, so that nothing flickers.
func (l *live) draw(note string) {
	var screen strings.Builder
	if l.drawn > 0 {
		fmt.Fprintf(&screen, "\x1b[%dA", l.drawn)
	}
	screen.WriteString("\r\x1b[J")
	if note != "" {
		screen.WriteString(note + "\n")
	}
	lines := l.model.render(l.now(), l.frame)
	for _, line := range lines {
		screen.WriteString(fit(visibly(line), l.width()-1) + "\n")
	}
	l.drawn = len(lines)
	_, _ = io.WriteString(l.out, screen.String())
}

// render returns the lines of the block.
func (p *progress) render(now time.Time, frame int) []string {
	if p.since.IsZero() {
		return nil
	}
	head := fmt.Sprintf("%s  %s  %s", p.name, p.phase, short(now.Sub(p.since)))
	if left := p.eta.Sub(now); left > 0 {
		head += ", about " + short(left) + " left"
	}
	lines := []string{head}
	spinner := []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")
	for _, s := range p.steps {
		mark, took := "✓", s.ended.Sub(s.began)
		switch {
		case s.ended.IsZero():
			mark, took = string(spinner[frame%len(spinner)]), now.Sub(s.began)
		case s.failed:
			mark = "✗"
		}
		lines = append(lines, strings.TrimRight(fmt.Sprintf("  %s %-20s %7s  %s", mark, s.name, short(took), s.detail), " "))
	}
	return lines
}

// fit cuts a line to so many columns, for a line that wraps can't be redrawn.
func fit(line string, columns int) string {
	if runes := []rune(line); len(runes) > columns && columns > 1 {
		return string(runes[:columns-1]) + "…"
	}
	return line
}
