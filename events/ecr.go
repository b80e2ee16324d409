package events

// What ECR's image events have as their source and detail type.
const (
	SourceECR      = "aws.ecr"
	ECRImageAction = "ECR Image Action"
)

// ECRImageEvent is the event that ECR puts on the default bus when an image was
// pushed or deleted. AWS emits it on a best effort basis: it may come twice,
// late, in another order, or never, so it is a hint and not a fact.
type ECRImageEvent = EventBridge[ECRImageDetail]

// ECRImageDetail is the detail of an [ECRImageEvent].
type ECRImageDetail struct {
	Result         ECRResult `json:"result"`
	RepositoryName string    `json:"repository-name"`
	// ImageDigest is "sha256:" and 64 hexadecimal digits.
	ImageDigest string    `json:"image-digest"`
	ActionType  ECRAction `json:"action-type"`
	// ImageTag is not there when the image was pushed or deleted by its digest.
	ImageTag string `json:"image-tag,omitempty"`
	// ManifestMediaType and ArtifactMediaType are not always there.
	ManifestMediaType string `json:"manifest-media-type,omitempty"`
	ArtifactMediaType string `json:"artifact-media-type,omitempty"`
}

// ECRResult says whether the action succeeded.
type ECRResult string

// The results of an action on an image.
const (
	ECRSuccess ECRResult = "SUCCESS"
	ECRFailure ECRResult = "FAILURE"
)

// ECRAction is what was done to an image.
type ECRAction string

// The actions on an image.
const (
	ECRPush   ECRAction = "PUSH"
	ECRDelete ECRAction = "DELETE"
)
