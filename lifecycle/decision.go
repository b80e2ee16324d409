package lifecycle

import "time"

// Act is what is to be done with a sandbox.
type Act string

// What is done with sandboxes.
const (
	// Keep is nothing.
	Keep Act = "keep"
	// Warn tells its people what will happen unless it is used.
	Warn Act = "warn"
	// Sleep disables its site and keeps its content.
	Sleep Act = "sleep"
	// Teardown removes it.
	Teardown Act = "teardown"
	// Quarantine leaves it to a person: it failed too many nights.
	Quarantine Act = "quarantine"
)

// Decision is what is to be done with one sandbox, and why.
type Decision struct {
	Act Act `json:"act"`
	// Reason is a phrase for a person: "no request since Monday 14:02 UTC, TTL
	// ended 6 h ago".
	Reason string `json:"reason"`
	// Next is what comes next if nobody does anything, and Due the earliest time
	// of it; zero when nothing is in sight.
	Next Act       `json:"next,omitempty"`
	Due  time.Time `json:"due,omitzero"`
	// NotBefore is when the act may take effect at the earliest, a few minutes from
	// now; zero for at once.
	NotBefore time.Time `json:"notBefore,omitzero"`
	// TakeBack says that the warning in its record no longer holds.
	TakeBack bool `json:"takeBack,omitempty"`
}

// MaxFailedNights is how many nights in a row a sandbox may fail before it is
// left to a person.
const MaxFailedNights = 3

const (
	day = 24 * time.Hour
	// inUseAfterTTL is for how long nobody may have used a sandbox whose time to
	// live has ended.
	inUseAfterTTL = day
	// skew is how far clocks may differ.
	skew = 5 * time.Minute
	// soon is how long before its time something is decided already: nights do not
	// begin to the second, and what is a moment short would wait for a whole night.
	soon = 10 * time.Minute
)
