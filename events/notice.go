package events

import "time"

// DetailSandboxWarned is the detail type of a SandboxWarning on the account's
// event bus; its source is SourceMayfly.
const DetailSandboxWarned = "Sandbox Warned"

// SandboxWarning tells the people of a sandbox what will happen to it unless it
// is used, extended or pinned. It may be told twice.
type SandboxWarning struct {
	// Stage is the installation's.
	Stage   string `json:"stage"`
	Sandbox string `json:"sandbox"`
	ID      string `json:"id"`
	Owner   string `json:"owner"`
	// Next is "sleep" or "teardown", and Due the earliest time of it.
	Next string    `json:"next"`
	Due  time.Time `json:"due"`
	// Reason is why, and Message the whole as one line for a person.
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// DetailNightNotice is the detail type of a NightNotice on the account's event
// bus; its source is SourceMayfly.
const DetailNightNotice = "Mayfly Night"

// NightNotice tells of a night that left something to a person. Each night tells
// again of what is still left: it costs.
type NightNotice struct {
	// Stage is the installation's, and Night the night's id.
	Stage string `json:"stage"`
	Night string `json:"night"`
	// Quarantined counts the sandboxes that failed so many nights that Mayfly no
	// longer tries, and Orphans what is proven to be of sandboxes that are gone and
	// could not be removed.
	Quarantined int `json:"quarantined"`
	Orphans     int `json:"orphans"`
	// Message is one line for a person.
	Message string `json:"message"`
}
