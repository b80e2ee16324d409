package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
)

var start = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

// log makes events of "SECONDS TYPE PHASE STEP" lines; the last word is the
// step, or the release for an event of type release.
func log(lines ...string) []events.SandboxEvent {
	all := make([]events.SandboxEvent, len(lines))
	for i, line := range lines {
		parts := strings.Fields(line + " -")
		after, err := time.ParseDuration(parts[0])
		if err != nil {
			panic(err)
		}
		all[i] = events.SandboxEvent{Seq: int64(i + 1), At: start.Add(after), Type: parts[1], Phase: events.Phase(parts[2]), Step: parts[3], Message: parts[1] + " " + parts[3]}
	}
	return all
}

func TestTheBlockShowsWhichStepsRanAndRun(t *testing.T) {
	provision := []string{
		"0s claimed provisioning", "0s step.started provisioning createbucket", "0s step.started provisioning createoai",
		"1s resource.made provisioning createbucket", "1s step.started provisioning enableversioning", "2s resource.made provisioning createoai",
		"3s resource.made provisioning enableversioning", "3s step.started provisioning createdistribution",
		"4s resource.made provisioning createdistribution", "4s step.started provisioning applypolicy",
		"5s step.started provisioning awaitdistribution",
	}
	for name, test := range map[string]struct {
		log  []string
		at   time.Duration
		want []string
	}{
		"two branches run beside each other": {provision[:3], 4 * time.Second, []string{"hello  provisioning  4.0s", "⠋ createbucket", "⠋ createoai"}},
		"a step without a resource ends with the next": {provision, 10 * time.Second, []string{
			"✓ createbucket            1.0s", "✓ createoai               2.0s", "✓ enableversioning        2.0s",
			"✓ createdistribution      1.0s", "✓ applypolicy             1.0s", "⠋ awaitdistribution       5.0s",
		}},
		"ready ends all":           {append(provision[:11:11], "65s phase ready"), 70 * time.Second, []string{"hello  ready", "✓ awaitdistribution      1m00s"}},
		"a failure marks what ran": {append(provision[:9:9], "6s failed failed createdistribution"), 7 * time.Second, []string{"hello  failed", "✓ createoai"}},
		"a release goes on when the provision is ready": {append(provision[:11:11], "6s release provisioning", "7s phase ready"), 9 * time.Second, []string{
			"✓ awaitdistribution       2.0s", "⠋ release                 3.0s",
		}},
		"a release ends with its second event": {[]string{"0s release updating", "0s step.started updating inspectcontent", "2s release ready"}, 3 * time.Second, []string{"✓ release                 2.0s", "✓ inspectcontent          2.0s"}},
		"a step that only tells of its progress": {[]string{"0s phase deleting", "1s progress deleting emptybucket", "1s progress deleting disabledistribution", "2s resource.gone deleting deletebucket"}, 3 * time.Second, []string{
			"✓ emptybucket             1.0s", "✓ disabledistribution     1.0s", "✓ deletebucket            0.0s",
		}},
		"a step that failed": {[]string{"0s step.started provisioning applypolicy", "1s failed failed applypolicy"}, 2 * time.Second, []string{"✗ applypolicy             1.0s"}},
		"teardown's branches": {[]string{"0s step.started deleting emptybucket", "0s step.started deleting disabledistribution", "2s step.started deleting awaitdistribution"}, 3 * time.Second, []string{
			"⠋ emptybucket             3.0s", "✓ disabledistribution     2.0s", "⠋ awaitdistribution       1.0s",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := progress{name: "hello"}
			for _, e := range log(test.log...) {
				p.apply(e)
			}
			got := strings.Join(p.render(start.Add(test.at), 0), "\n")
			for _, line := range test.want {
				if !strings.Contains(got, line) {
					t.Errorf("%q is not in\n%s", line, got)
				}
			}
		})
	}
}

func TestTheEstimateIsShownWhileItIsAhead(t *testing.T) {
	p := progress{name: "hello", eta: start.Add(90 * time.Second)}
	p.apply(log("0s claimed provisioning")[0])
	if got := p.render(start.Add(30*time.Second), 0)[0]; got != "hello  provisioning  30s, about 1m00s left" {
		t.Errorf("%q", got)
	}
	if got := p.render(start.Add(2*time.Minute), 0)[0]; strings.Contains(got, "left") {
		t.Errorf("%q", got)
	}
}

func TestALiveViewDrawsOverItselfAndKeepsNotes(t *testing.T) {
	var screen bytes.Buffer
	l := &live{out: &screen, width: func() int { return 30 }, now: func() time.Time { return start }, model: progress{name: "hello"}, end: make(chan struct{}), done: make(chan struct{})}
	close(l.done) // without its ticker: drawn by its events alone
	for _, e := range log("0s claimed provisioning", "0s step.started provisioning createbucket") {
		l.event(e)
	}
	l.note("packed 2 files")
	l.stop()
	text := screen.String()
	if want := "\x1b[2A\r\x1b[Jpacked 2 files\nhello  provisioning  0.0s\n"; !strings.Contains(text, want) {
		t.Errorf("%q is not in %q", want, text)
	}
	if strings.Count(text, "packed") != 1 {
		t.Errorf("the note is drawn over: %q", text)
	}
	for line := range strings.SplitSeq(text, "\n") {
		line = line[strings.LastIndex(line, "\x1b[J")+1:]
		if n := len([]rune(strings.TrimPrefix(line, "[J"))); n > 29 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
}

func TestALiveViewEndsItsTicker(t *testing.T) {
	var screen bytes.Buffer
	l := newLive(&screen, "hello", func() int { return 80 }, func() time.Time { return start })
	l.event(log("0s claimed provisioning")[0])
	l.stop()
	<-l.done
	if !strings.Contains(screen.String(), "hello  provisioning") {
		t.Errorf("%q", screen.String())
	}
}

func TestDurationsAndSizesAreShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0.0s", 420 * time.Millisecond: "0.4s", 42 * time.Second: "42s", 62 * time.Second: "1m02s",
		3*time.Hour + 5*time.Minute: "3h05m", 80 * time.Hour: "3d",
	} {
		if got := short(d); got != want {
			t.Errorf("%s: %q, want %q", d, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1500: "1.5 kB", 2_500_000: "2.5 MB", 3_000_000_000: "3.0 GB"} {
		if got := size(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestWhatATeardownWaitsFor(t *testing.T) {
	a := &app{now: func() time.Time { return start.Add(2 * time.Minute) }}
	for want, w := range map[string]events.Waiting{
		"": {},
		"distribution E1 to stop serving everywhere, since 2m00s":                {For: "distribution E1 to stop serving everywhere", Since: start},
		"distribution E1 to stop serving everywhere, since 2m00s, usually 2m50s": {For: "distribution E1 to stop serving everywhere", Since: start, UsualSeconds: 170},
	} {
		if got := a.waitsFor(w); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
