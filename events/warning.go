package events

import "time"

// DetailSandboxWarned is the detail type of a SandboxWarning on the account's
// event bus; its source is SourceMayfly.
const DetailSandboxWarned = "Sandbox Warned"

// SandboxWarning tells the people of a sandbox what will happen to it unless it
// is used, extended or pinned. It may be told twice.
type SandboxWarning struct {
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
