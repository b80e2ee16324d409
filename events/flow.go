package events

import (
	"encoding/json"
	"time"
)

// Flow is the document that the provision, update and teardown machines
// carry. The API writes Sandbox; each step reads the whole and returns its
// own part of Made.
type Flow struct {
	Sandbox Sandbox `json:"sandbox"`
	Made    Made    `json:"made"`
	// WebACL is what step ensurewebacl found or made, for the distribution to
	// name; Made has the one that the sandbox used before.
	WebACL *WebACL `json:"webAcl,omitempty"`
	// Keep says what becomes of the sandbox's record once a teardown has left
	// nothing of it: KeepNothing removes it, KeepFailed keeps it in phase
	// failed with Error, so that its owner can read why.
	Keep Keep `json:"keep,omitempty"`
	// Orphan says that the sandbox has no record any more, and that Made is what
	// was found of it in the account.
	Orphan bool `json:"orphan,omitempty"`
	// Emptied is how far the emptying of the bucket is.
	Emptied *Emptied `json:"emptied,omitempty"`
	// Error is what a Catch put there: why the flow is being undone.
	Error *Failure `json:"error,omitempty"`
	// Execution is the state machine's execution, by its ARN or its name, for
	// logs alone: nothing is decided by it.
	Execution string `json:"execution,omitempty"`
}

// Keep is what a teardown leaves of the record.
type Keep string

// What a teardown leaves of the record.
const (
	KeepNothing Keep = ""
	KeepFailed  Keep = "failed"
)

// Sandbox is what a flow needs to know of the sandbox it works on: its
// identity, from which every name and caller reference derives, and its spec.
type Sandbox struct {
	// ID is ten characters of a-z and 2-7, unique for ever.
	ID string `json:"id"`
	// Name is the name its owner chose; 3 to 40 of a-z, 0-9, hyphen.
	Name  string `json:"name"`
	Owner string `json:"owner"`
	Spec  Spec   `json:"spec"`
}

// Spec is what a person may choose about a sandbox.
type Spec struct {
	// Delivery is "cloudfront" (the default), "website" or "none".
	Delivery Delivery `json:"delivery"`
	// OriginAccess is "oai" (the default) or "oac".
	OriginAccess OriginAccess `json:"originAccess"`
	// IndexDocument is the default root object and the page of a folder.
	IndexDocument string `json:"indexDocument"`
	// ErrorDocument is the page for what is not there, or empty for none.
	ErrorDocument string `json:"errorDocument,omitempty"`
	// SinglePageApp serves IndexDocument with 200 for what is not there.
	SinglePageApp bool `json:"singlePageApp,omitempty"`
	// PriceClass is a CloudFront price class, PriceClass_100 by default.
	PriceClass string `json:"priceClass"`
	// WAF puts the installation's web ACL before the distribution.
	WAF bool `json:"waf,omitempty"`
	// IdleTime is for how long nobody uses an idle sandbox, WarnBefore how long
	// before it falls asleep its people are told, and SleepFor how long it sleeps
	// until it is torn down; each such as "24h" or "7d", the first and the last
	// also "never".
	IdleTime   string `json:"idleTime,omitempty"`
	WarnBefore string `json:"warnBefore,omitempty"`
	SleepFor   string `json:"sleepFor,omitempty"`
	// Repository is the sandbox's container repository, and Deploy what a push
	// to it does.
	Repository RepositorySpec `json:"repository,omitzero"`
	Deploy     DeploySpec     `json:"deploy,omitzero"`
}

// Equal reports whether two specs ask for the same.
func (s Spec) Equal(o Spec) bool {
	return s.Delivery == o.Delivery && s.OriginAccess == o.OriginAccess && s.IndexDocument == o.IndexDocument &&
		s.ErrorDocument == o.ErrorDocument && s.SinglePageApp == o.SinglePageApp && s.PriceClass == o.PriceClass && s.WAF == o.WAF &&
		s.IdleTime == o.IdleTime && s.WarnBefore == o.WarnBefore && s.SleepFor == o.SleepFor &&
		s.Repository.Equal(o.Repository) && s.Deploy.Equal(o.Deploy)
}

// Delivery is how a site reaches its readers.
type Delivery string

// The ways a site is delivered; with none there is no site.
const (
	DeliveryCloudFront Delivery = "cloudfront"
	DeliveryWebsite    Delivery = "website"
	DeliveryNone       Delivery = "none"
)

// OriginAccess is how CloudFront proves itself to the bucket.
type OriginAccess string

// The ways CloudFront proves itself to a bucket.
const (
	OriginAccessIdentity OriginAccess = "oai"
	OriginAccessControl  OriginAccess = "oac"
)

// Made is what a flow has made so far. A nil part was not made.
type Made struct {
	Bucket       *Bucket       `json:"bucket,omitempty"`
	OriginAccess *AccessHandle `json:"originAccess,omitempty"`
	Distribution *Distribution `json:"distribution,omitempty"`
	Repository   *Repository   `json:"repository,omitempty"`
	WebACL       *WebACL       `json:"webAcl,omitempty"`
}

// WebACL is the installation's web ACL as a sandbox uses it. It is shared: it
// is there while a sandbox uses it.
type WebACL struct {
	Name string `json:"name"`
	// ARN is what a distribution names it by; empty in the flow of a sandbox
	// that was about to use it.
	ARN string `json:"arn,omitempty"`
}

// Bucket is a sandbox's bucket.
type Bucket struct {
	Name   string `json:"name"`
	Region string `json:"region"`
	// WebsiteURL is set when the bucket is hosted as a website.
	WebsiteURL string `json:"websiteUrl,omitempty"`
}

// AccessHandle is an Origin Access Identity or an Origin Access Control.
type AccessHandle struct {
	Kind OriginAccess `json:"kind"`
	ID   string       `json:"id"`
	// CanonicalUserID is S3's name for an Origin Access Identity.
	CanonicalUserID string `json:"canonicalUserId,omitempty"`
}

// Distribution is a CloudFront distribution and how far its last change has
// propagated. The steps that change one and the step that watches one return
// it.
type Distribution struct {
	ID         string `json:"id,omitempty"`
	ARN        string `json:"arn,omitempty"`
	DomainName string `json:"domainName,omitempty"`
	// ChangedAt is when Mayfly last changed it; propagation is timed from here.
	ChangedAt time.Time `json:"changedAt,omitzero"`
	// Deployed says that CloudFront reports Deployed, or that there is nothing
	// to wait for.
	Deployed bool `json:"deployed"`
	// WaitSeconds is how long to wait before asking again.
	WaitSeconds int `json:"waitSeconds"`
}

// Emptied is the answer of the step that empties a bucket.
type Emptied struct {
	// Done says that no version, marker or unfinished upload is left.
	Done bool `json:"done"`
	// Deleted counts what this flow has deleted so far.
	Deleted int `json:"deleted"`
}

// Record is the input of the step that ends a provision, update or teardown:
// how it ended, and the flow.
type Record struct {
	Outcome Outcome `json:"outcome"`
	Flow    Flow    `json:"flow"`
}

// Outcome is how a flow ended.
type Outcome string

// How flows end. A teardown that left nothing has a step of its own.
const (
	OutcomeReady        Outcome = "ready"
	OutcomeUpdateFailed Outcome = "updateFailed"
	OutcomeLeftBehind   Outcome = "leftBehind"
	OutcomeAsleep       Outcome = "asleep"
	OutcomeSleepFailed  Outcome = "sleepFailed"
	OutcomeAwake        Outcome = "awake"
	OutcomeWakeFailed   Outcome = "wakeFailed"
)

// Recorded is the answer of the steps that only write to the store.
type Recorded struct {
	Phase string `json:"phase"`
}

// Failure is what a Catch writes: the error name and its cause, as the States
// Language names them.
type Failure struct {
	Error string `json:"Error"`
	Cause string `json:"Cause"`
}

// Readable returns f with a cause for people: a function's cause is JSON
// around its message.
func (f Failure) Readable() *Failure {
	var cause struct {
		Message string `json:"errorMessage"`
	}
	if err := json.Unmarshal([]byte(f.Cause), &cause); err == nil && cause.Message != "" {
		f.Cause = cause.Message
	}
	return &f
}
