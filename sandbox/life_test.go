package sandbox_test

import (
	"errors"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestALifeIsRead(t *testing.T) {
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		spec events.Spec
		want sandbox.Life
	}{
		"the usual":   {events.Spec{}, sandbox.Life{Idle: day, Warning: day, Sleep: 7 * day}},
		"for ever":    {events.Spec{IdleTime: "never", SleepFor: "never"}, sandbox.Life{Warning: day}},
		"the longest": {events.Spec{IdleTime: "365d", WarnBefore: "30d", SleepFor: "8760h"}, sandbox.Life{Idle: 365 * day, Warning: 30 * day, Sleep: 365 * day}},
		"the shortest": {events.Spec{IdleTime: "5m", WarnBefore: "300s", SleepFor: "5m"},
			sandbox.Life{Idle: 5 * time.Minute, Warning: 5 * time.Minute, Sleep: 5 * time.Minute}},
	} {
		if got, err := sandbox.LifeOf(c.spec); err != nil || got != c.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestALifeHasBounds(t *testing.T) {
	for _, text := range []string{"0", "0s", "0d", "-1h", "4m59s", "366d", "8760h1s", "soon", "1w", "99999999999d", "Never"} {
		spec := sandbox.Defaults(events.Spec{IdleTime: text, WarnBefore: text, SleepFor: text})
		wantFields(t, text, spec, "idleTime", "warnBefore", "sleepFor")
		var broken sandbox.FieldErrors
		if _, err := sandbox.LifeOf(spec); !errors.As(err, &broken) || len(broken) != 3 || broken[0].Value != text {
			t.Errorf("%s: %v", text, err)
		}
	}
	wantFields(t, "a warning that never comes, and one of a year", sandbox.Defaults(events.Spec{WarnBefore: "never"}), "warnBefore")
	wantFields(t, "a warning of a year", sandbox.Defaults(events.Spec{WarnBefore: "31d"}), "warnBefore")
}

// TestOneLifeIsWrittenInOneWay: and a request that says nothing of it has the
// digest that it had before there was anything to say.
func TestOneLifeIsWrittenInOneWay(t *testing.T) {
	for text, want := range map[string]string{
		"1d": "24h", "24h": "24h", "1440m": "24h", "48h": "2d", "2d": "2d", "36h": "36h", "90m": "1h30m", "100h": "100h", "5m30s": "5m30s", "never": "never",
	} {
		if got := sandbox.Defaults(events.Spec{IdleTime: text}).IdleTime; got != want {
			t.Errorf("%s is written %s, want %s", text, got, want)
		}
	}
	plain := sandbox.SpecDigest("a", "ann", events.Spec{}, 0)
	if plain != "cf61e37b4066f5841f947aae6e35f811c57e4b8b1bcf068f204e1142dc3f00db" {
		t.Errorf("the digest of the plainest request is now %s: requests of before would be others", plain)
	}
	if sandbox.SpecDigest("a", "ann", events.Spec{IdleTime: "1d", WarnBefore: "24h", SleepFor: "168h"}, 0) != plain {
		t.Error("defaults that are written out are another request")
	}
	for _, spec := range []events.Spec{{IdleTime: "2d"}, {WarnBefore: "2d"}, {SleepFor: "2d"}} {
		if sandbox.SpecDigest("a", "ann", spec, 0) == plain || spec.Equal(events.Spec{}) {
			t.Errorf("%+v is the same as nothing", spec)
		}
	}
}
