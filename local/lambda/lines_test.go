package lambda

import (
	"bytes"
	"strings"
	"sync"
	"testing"
)

func TestLinesOfProcessesDoNotMix(t *testing.T) {
	var out bytes.Buffer
	var turn sync.Mutex
	a, b := &lines{to: &out, turn: &turn}, &lines{to: &out, turn: &turn}
	for _, w := range []struct {
		from *lines
		text string
	}{{a, "one"}, {b, "two\nthr"}, {a, " and a half\n\nfo"}, {b, "ee\n"}, {a, "ur"}, {b, strings.Repeat("x", mostHeld+1)}} {
		if n, err := w.from.Write([]byte(w.text)); n != len(w.text) || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
	}
	a.end()
	b.end()
	want := "two\none and a half\n\nthree\n" + strings.Repeat("x", mostHeld+1) + "four\n"
	if out.String() != want {
		t.Errorf("got %.60q", out.String())
	}
}
