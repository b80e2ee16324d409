package asl

import (
	"strconv"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

const maxWaitSeconds = 99999999

type waitState struct {
	seconds   quantity
	timestamp words
}

func (p *parser) waitState(s *State, f *fields) {
	s.wait = &waitState{
		seconds:   f.quantity("Seconds", s.jsonata, 0, maxWaitSeconds),
		timestamp: f.words("Timestamp", s.jsonata),
	}
	if s.wait.seconds.set == s.wait.timestamp.set {
		p.errorf(f.location, "A Wait state must contain exactly one of [Seconds, Timestamp%s]", paths(s.jsonata))
	}
	if t := s.wait.timestamp; t.fixed != "" {
		if _, ok := timestamp(t.fixed); !ok {
			p.errorf(at(f.location, "Timestamp"), "Value is not a valid timestamp")
		}
	}
}

func paths(jsonata bool) string {
	if jsonata {
		return ""
	}
	return ", SecondsPath, TimestampPath"
}

func (x *execution) runWait(f *frame) error {
	document := f.input
	if !f.state.jsonata {
		var err error
		if document, err = x.inputPath(f); err != nil {
			return err
		}
	}
	var until time.Time
	if w := f.state.wait; w.timestamp.set {
		text, err := x.string(f, &w.timestamp, document, "Timestamp")
		if err != nil {
			return err
		}
		var ok bool
		if until, ok = timestamp(text); !ok {
			return f.wrongValue("Timestamp", "The Timestamp parameter does not reference a valid ISO-8601 extended offset date-time format string: %s", text)
		}
	} else {
		seconds, err := x.number(f, &w.seconds, document, "Seconds")
		if err != nil {
			return err
		}
		if seconds > maxWaitSeconds {
			return f.wrongValue("Seconds", "The Seconds parameter must be at most %d", maxWaitSeconds)
		}
		until = time.UnixMilli(x.now).Add(time.Duration(seconds * float64(time.Second)))
	}
	if left := until.UnixMilli() - x.now; left > 0 {
		if x.test != nil {
			return x.testWait(f, time.Duration(left)*time.Millisecond)
		}
		x.emit(&record{kind: hidWaiting, frame: f.id, n1: left})
		f.phase = phaseTimer
		x.e.timers.set(&f.timer, x, f, until)
		return nil
	}
	return x.pass(f, f.state.next)
}

// timestamp reads RFC 3339, with "T" between date and time and "Z" or an offset
// in capitals.
func timestamp(text string) (time.Time, bool) {
	if strings.ContainsAny(text, "tz ") {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	return t, err == nil
}

func (v value) text() string { return rawjson.String(v.trimmed()) }

func jsonNumber(v value) (float64, error) { return strconv.ParseFloat(string(v.trimmed()), 64) }
