package events

// ReleaseFlow is the document that the release machine carries.
type ReleaseFlow struct {
	Sandbox Sandbox `json:"sandbox"`
	Release Release `json:"release"`
	// Plan is where the inspect step put the plan and what it found.
	Plan *ReleasePlan `json:"plan,omitempty"`
	// Assets and Pages are how far the two passes of writing are.
	Assets *Written `json:"assets,omitempty"`
	Pages  *Written `json:"pages,omitempty"`
	// Removed is how far the removal of what is gone is.
	Removed *Written `json:"removed,omitempty"`
	// Invalidation is the one that the release waits for.
	Invalidation *Invalidation `json:"invalidation,omitempty"`
	Error        *Failure      `json:"error,omitempty"`
	// Execution is the state machine's execution, by its ARN or its name, for
	// logs alone.
	Execution string `json:"execution,omitempty"`
}

// Release names a release and where its content comes from.
type Release struct {
	// ID sorts by time: r-, the time in base 32, and five random characters.
	ID     string        `json:"id"`
	Source ReleaseSource `json:"source"`
	// Image is the image that the content is of, a rollback's too.
	Image Image `json:"image,omitzero"`
	// Rollout is where it goes when that is not the sandbox's site.
	Rollout *Rollout `json:"rollout,omitempty"`
}

// ReleaseSource is where a release's content comes from; exactly one kind.
type ReleaseSource struct {
	Kind SourceKind `json:"kind"`
	// Bucket and Key are the uploaded archive (kind upload).
	Bucket string `json:"bucket,omitempty"`
	Key    string `json:"key,omitempty"`
	// ReleaseID is the release to bring back (kind rollback).
	ReleaseID string `json:"releaseId,omitempty"`
	// Path and VersionID are the one object to bring back (kind restore).
	Path      string `json:"path,omitempty"`
	VersionID string `json:"versionId,omitempty"`
	// Repository and Digest are the image whose web root is the content (kind
	// image): a repository of ECR by its name, and the digest (sha256:…) of a
	// manifest or of an index in it.
	Repository string `json:"repository,omitempty"`
	Digest     string `json:"digest,omitempty"`
	// Registry is the account, 12 digits, whose registry has the repository;
	// empty for the installation's own.
	Registry string `json:"registry,omitempty"`
	// Tag is the tag that was pushed, for people: the content is the digest's.
	Tag string `json:"tag,omitempty"`
}

// SourceKind is a kind of release.
type SourceKind string

// The kinds of release.
const (
	SourceUpload   SourceKind = "upload"
	SourceRollback SourceKind = "rollback"
	SourceRestore  SourceKind = "restore"
	SourceImage    SourceKind = "image"
)

// ReleasePlan is what the inspect step found, with the plan itself (too large
// for a payload) in S3.
type ReleasePlan struct {
	// Bucket and Key hold the plan; package release says in what form.
	Bucket  string `json:"bucket"`
	Key     string `json:"key"`
	Files   int    `json:"files"`
	Bytes   int64  `json:"bytes"`
	Write   int    `json:"write"`
	Remove  int    `json:"remove"`
	Changed bool   `json:"changed"`
	// Passes counts the objects that each pass writes, so that one without any
	// does not read the plan.
	Passes map[Pass]int `json:"passes,omitempty"`
}

// Written is the progress of one pass; the machine runs the step until Done.
type Written struct {
	Done bool `json:"done"`
	// Next is the index in the plan to go on from.
	Next int `json:"next"`
	// Objects and Bytes count what this pass has written or removed.
	Objects int   `json:"objects"`
	Bytes   int64 `json:"bytes"`
}

// Invalidation is a CloudFront invalidation under way.
type Invalidation struct {
	DistributionID string `json:"distributionId,omitempty"`
	// ID is empty when there is nothing to wait for.
	ID      string `json:"id,omitempty"`
	Settled bool   `json:"settled"`
	// Seconds is how long to wait before asking again.
	Seconds int `json:"seconds"`
}

// Write is the input of the step that writes objects: which pass, and the
// flow. Assets are written before the pages that name them.
type Write struct {
	Pass Pass        `json:"pass"`
	Flow ReleaseFlow `json:"flow"`
}

// Pass is one pass over a release's content.
type Pass string

// The passes over a release's content, in their order.
const (
	PassAssets Pass = "assets"
	PassPages  Pass = "pages"
)

// FinishRelease is the input of the step that ends a release.
type FinishRelease struct {
	Live bool        `json:"live"`
	Flow ReleaseFlow `json:"flow"`
}
