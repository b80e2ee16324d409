package events

// FindOrphans is the input of the step that compares the account with the
// records.
type FindOrphans struct {
	// Run names the run, and its report: the execution's name.
	Run string `json:"run"`
	// Fix says that what is proven to be the installation's is to be torn down.
	Fix bool `json:"fix"`
	// By is who asked for the run, for the audit.
	By string `json:"by,omitempty"`
	// Tried are the ids of the sandboxes whose orphans this run has begun to tear
	// down, successfully or not.
	Tried []string `json:"tried"`
}

// FoundOrphans is the step's answer; the whole report is in the upload bucket.
type FoundOrphans struct {
	// Orphans counts what is in the account and in no record, and Proven those of
	// them that are proven to be the installation's.
	Orphans int `json:"orphans"`
	Proven  int `json:"proven"`
	// Missing counts what is in a record and not in the account.
	Missing int `json:"missing"`
	// Gone counts what this run has removed.
	Gone int `json:"gone"`
	// Teardowns are to be run now; none when there is nothing more to do.
	Teardowns []Flow `json:"teardowns"`
	// Tried are the input's and those of Teardowns.
	Tried []string `json:"tried"`
}
