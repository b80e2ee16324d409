package events

import "time"

// DeployFlow is the document that the deploy machine carries: the push event
// that started it, and what each step found out about it.
type DeployFlow struct {
	ECRImageEvent
	Resolved *Resolved `json:"resolved,omitempty"`
	Verified *Verified `json:"verified,omitempty"`
	Begun    *Begun    `json:"begun,omitempty"`
	// Elsewhere is there once another execution runs, or has run, what this one
	// wanted to start.
	Elsewhere *Failure `json:"elsewhere,omitempty"`
	// Error is what a Catch put there.
	Error *Failure `json:"error,omitempty"`
}

// BeginDeploy is the input of the step that begins a deploy: the execution of
// the deploy machine, by its ARN, and its flow.
type BeginDeploy struct {
	Execution string     `json:"execution"`
	Flow      DeployFlow `json:"flow"`
}

// FailDeploy is the input of the step that writes down that a deploy failed.
type FailDeploy struct {
	Execution string     `json:"execution"`
	Flow      DeployFlow `json:"flow"`
}

// Verdict says whether a push is deployed, or why it is not.
type Verdict string

// The verdicts on a push. All but the first and the last end the deploy machine;
// the live site stays as it is.
const (
	VerdictDeploy Verdict = "deploy"

	// Of the event alone.
	VerdictUnknownRepository Verdict = "unknownRepository"
	VerdictNotAPush          Verdict = "notAPush"
	VerdictPushFailed        Verdict = "pushFailed"
	VerdictIgnored           Verdict = "ignored"

	// Of the repository, which is asked.
	VerdictNoSuchImage Verdict = "noSuchImage"
	VerdictTagMoved    Verdict = "tagMoved"

	// Of what the sandbox shows, or is about to.
	VerdictLive       Verdict = "live"
	VerdictSuperseded Verdict = "superseded"
	VerdictDeployed   Verdict = "deployed"
	VerdictDeleting   Verdict = "deleting"
	// VerdictAsleep says that the sandbox sleeps, and is to be woken first.
	VerdictAsleep Verdict = "asleep"
)

// Resolved is what step resolvedeploy made of an event.
type Resolved struct {
	Verdict Verdict `json:"verdict"`
	// Reason is one line for a person.
	Reason  string   `json:"reason,omitempty"`
	Sandbox *Sandbox `json:"sandbox,omitempty"`
	Target  Target   `json:"target,omitempty"`
}

// Verified is what the repository says of the image that an event names.
type Verified struct {
	Verdict Verdict `json:"verdict"`
	Reason  string  `json:"reason,omitempty"`
	Image   Image   `json:"image,omitzero"`
}

// Begun is the release that a push became, or why it did not become one.
type Begun struct {
	Verdict Verdict `json:"verdict"`
	Reason  string  `json:"reason,omitempty"`
	// Flow is what the release's machine is started with.
	Flow *ReleaseFlow `json:"flow,omitempty"`
	// Wake is what wakes a sandbox that sleeps; it is begun again after that.
	Wake *WakeUp `json:"wake,omitempty"`
}

// WakeUp is an execution of the wake machine: its name, and what it is started
// with.
type WakeUp struct {
	Name string `json:"name"`
	Flow Flow   `json:"flow"`
}

// Reconcile is the document that the reconcile machine carries: how far it has
// come through the sandboxes.
type Reconcile struct {
	Page *MissedPage `json:"page,omitempty"`
}

// MissedPage is what step reconciledeploys found in one page of sandboxes.
type MissedPage struct {
	Missed []MissedPush `json:"missed"`
	// Unprotected are the sandboxes whose live image lacks Mayfly's tag.
	Unprotected []ReleaseFlow `json:"unprotected"`
	// Troubles are the sandboxes whose repositories could not be looked at, and
	// why.
	Troubles []string `json:"troubles,omitempty"`
	// After is where the next page begins; Done says that there is none.
	After string `json:"after,omitempty"`
	Done  bool   `json:"done"`
}

// MissedPush is a push that nobody told of, or whose deploy never began.
type MissedPush struct {
	// Name is the name of the execution that is to deploy it.
	Name string `json:"name"`
	// Event is the event as ECR would have sent it.
	Event ECRImageEvent `json:"event"`
}

// SourceMissed is the source of the events of missed pushes.
const SourceMissed = "mayfly.reconcile"

// Image is a container image in a sandbox's repository.
type Image struct {
	Repository string `json:"repository"`
	// Digest is "sha256:" and 64 hexadecimal digits, of a manifest or an index.
	Digest string `json:"digest"`
	// Tag is the tag that it was pushed or asked for as.
	Tag string `json:"tag,omitempty"`
	// PushedAt is when it was pushed.
	PushedAt time.Time `json:"pushedAt,omitzero"`
}
