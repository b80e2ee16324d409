package lambda

import (
	"bytes"
	"io"
	"sync"
)

// mostHeld is how much of a line is held back until its end comes.
const mostHeld = 1 << 20

// lines hands on what one process writes line by line, so that the lines of
// several processes do not mix.
type lines struct {
	to   io.Writer
	turn *sync.Mutex // of all that write to the same
	held []byte
}

// Write hands on the lines that are whole.
func (l *lines) Write(p []byte) (int, error) {
	l.held = append(l.held, p...)
	end := bytes.LastIndexByte(l.held, '\n') + 1
	if end == 0 && len(l.held) > mostHeld {
		end = len(l.held)
	}
	if end == 0 {
		return len(p), nil
	}
	l.hand(l.held[:end])
	l.held = l.held[:copy(l.held, l.held[end:])]
	return len(p), nil
}

// end hands on what the process left without an end.
func (l *lines) end() {
	if len(l.held) > 0 {
		l.hand(append(l.held, '\n'))
		l.held = nil
	}
}

func (l *lines) hand(text []byte) {
	l.turn.Lock()
	defer l.turn.Unlock()
	_, _ = l.to.Write(text) // a log that nobody takes stops no function
}
