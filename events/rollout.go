package events

// RolloutFlow is the document that the rollout machine carries. Each step
// returns its part of Release.Rollout, and the machine puts it there.
type RolloutFlow struct {
	Sandbox Sandbox `json:"sandbox"`
	Release Release `json:"release"`
	// Awaited is what a step that looks at a service last saw.
	Awaited *Awaited `json:"awaited,omitempty"`
	// Error is what a Catch put there.
	Error *Failure `json:"error,omitempty"`
	// Execution is the state machine's execution, by its ARN or its name, for
	// logs alone.
	Execution string `json:"execution,omitempty"`
}

// Rollout is where a release goes that is not for the sandbox's own site, and
// what it made there: exactly the part that Target names. Where it goes is
// known from its begin; the steps fill in the rest, and write it to the
// release's record.
type Rollout struct {
	Target Target         `json:"target"`
	ECS    *ECSRollout    `json:"ecs,omitempty"`
	EKS    *EKSRollout    `json:"eks,omitempty"`
	Lambda *LambdaRollout `json:"lambda,omitempty"`
}

// ECSRollout is a release of a service of ECS.
type ECSRollout struct {
	ECSTarget
	// TaskDefinition is the ARN of the revision that the release runs. The
	// release that a rollback is begins with it.
	TaskDefinition string `json:"taskDefinition,omitempty"`
	// Before is the ARN of the revision that the service ran before.
	Before string `json:"before,omitempty"`
	// Deployment is ECS's id of the deployment, such as "ecs-svc/0123456789".
	Deployment string `json:"deployment,omitempty"`
}

// EKSRollout is a release of a Deployment in a cluster of EKS.
type EKSRollout struct {
	EKSTarget
	// Image is what the container runs by this release, and Before what it ran
	// before.
	Image  string `json:"image,omitempty"`
	Before string `json:"before,omitempty"`
	// Revision is the Deployment's revision, as `kubectl rollout history` counts
	// it, and Generation the one of its spec that the release made.
	Revision   string `json:"revision,omitempty"`
	Generation int64  `json:"generation,omitempty"`
}

// LambdaRollout is a release of an alias of a Lambda function.
type LambdaRollout struct {
	LambdaTarget
	// CodeSHA256 is Lambda's digest of the code that the release brought.
	CodeSHA256 string `json:"codeSha256,omitempty"`
	// Version is the published version that the alias points to by this release.
	// The release that a rollback is begins with it.
	Version string `json:"version,omitempty"`
	// Before is the version that the alias pointed to before; empty when there
	// was no alias.
	Before string `json:"before,omitempty"`
}

// Awaited is the answer of a step that looks whether a service is where it is
// to be.
type Awaited struct {
	Settled bool `json:"settled"`
	// Seconds is how long to wait before looking again.
	Seconds int `json:"seconds"`
	// Looks counts the looks so far.
	Looks int `json:"looks,omitempty"`
	// Seen is what was seen, on one line for a person.
	Seen string `json:"seen,omitempty"`
}

// Undone is the answer of a step that undoes what a release did to a service.
type Undone struct {
	// Undone says that it did; there may have been nothing to undo.
	Undone bool `json:"undone"`
}

// FinishRollout is the input of the step that ends a release of a service.
type FinishRollout struct {
	Live bool        `json:"live"`
	Flow RolloutFlow `json:"flow"`
}
