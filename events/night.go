package events

// NightFlow is the document that the nightly machine carries.
type NightFlow struct {
	// Night is the id of the night, and Begun whether this execution has it:
	// another one may.
	Night string `json:"night"`
	Begun bool   `json:"begun"`
	// Page is how far it has come through the sandboxes, and Settled how far
	// through what it started.
	Page    *NightDecided `json:"page,omitempty"`
	Settled *NightSettled `json:"settled,omitempty"`
	// Orphans counts what the comparison of the account with the records found,
	// and NotLooked is why there was none.
	Orphans   *FoundOrphans `json:"orphans,omitempty"`
	NotLooked *Failure      `json:"notLooked,omitempty"`
	// Error is what a Catch put there.
	Error *Failure `json:"error,omitempty"`
}

// BeginNight is the input of step beginnight.
type BeginNight struct {
	// Execution is the nightly machine's, by its ARN.
	Execution string `json:"execution"`
	// Input is what the execution was started with.
	Input NightAsked `json:"input"`
}

// NightAsked is what the nightly machine is started with.
type NightAsked struct {
	// By is who asked for the night; empty for the schedule.
	By string `json:"by,omitempty"`
}

// NightDecided is what step decidenight decided about one page of sandboxes.
type NightDecided struct {
	// Starts are the executions to be started.
	Starts []NightStart `json:"starts"`
	// After is where the next page begins; Done says that there is none.
	After string `json:"after,omitempty"`
	Done  bool   `json:"done"`
}

// NightStart is an execution that a night starts.
type NightStart struct {
	// Act is "sleep" or "teardown".
	Act string `json:"act"`
	// WaitSeconds is how long to wait until it is its turn.
	WaitSeconds int `json:"waitSeconds"`
	// Name is the execution's, and Flow its input.
	Name string `json:"name"`
	Flow Flow   `json:"flow"`
}

// NightSettled is how far step settlenight has come.
type NightSettled struct {
	// Done says that nothing is waited for any more.
	Done bool `json:"done"`
	// WaitSeconds is how long to wait before it looks again.
	WaitSeconds int `json:"waitSeconds"`
	// After is where it goes on, and Open what was under way before that.
	After string `json:"after,omitempty"`
	Open  int    `json:"open"`
}

// NightEnded is the answer of step endnight.
type NightEnded struct {
	Status string `json:"status"`
}

// Subject returns the execution: the flow is about all sandboxes.
func (b BeginNight) Subject() Subject { return Subject{Execution: b.Execution} }

// Subject returns nothing: the flow is about all sandboxes.
func (NightFlow) Subject() Subject { return Subject{} }
