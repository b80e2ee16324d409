package events

import "slices"

// RepositorySpec is what a person may choose about a sandbox's container
// repository.
type RepositorySpec struct {
	// Visibility is "private" (the default), "public" or "none".
	Visibility Visibility `json:"visibility"`
	// ImmutableTags refuses a push of a tag that is there; MutableTags are the
	// tags that may move all the same, with * for any characters.
	ImmutableTags bool     `json:"immutableTags,omitempty"`
	MutableTags   []string `json:"mutableTags,omitempty"`
	// KMSKey encrypts the images: a key's id, ARN or alias. Empty is AES-256
	// with a key of ECR's own.
	KMSKey string `json:"kmsKey,omitempty"`
	// ScanOnPush scans each image for known vulnerabilities; by default it is on.
	ScanOnPush *bool `json:"scanOnPush,omitempty"`
	// KeepImages is how many images are kept, the newest first, and
	// KeepUntaggedDays how long one without a tag is. The one that is deployed
	// is always kept.
	KeepImages       int `json:"keepImages,omitempty"`
	KeepUntaggedDays int `json:"keepUntaggedDays,omitempty"`
	// Pushers are the only ones who may push, and Pullers, with the pushers, the
	// only ones who may pull: ARNs of users and roles, or accounts. Empty leaves
	// it to what the account's own policies allow.
	Pushers []string `json:"pushers,omitempty"`
	Pullers []string `json:"pullers,omitempty"`
}

// Equal reports whether two specs ask for the same.
func (s RepositorySpec) Equal(o RepositorySpec) bool {
	return s.Visibility == o.Visibility && s.ImmutableTags == o.ImmutableTags && slices.Equal(s.MutableTags, o.MutableTags) &&
		s.KMSKey == o.KMSKey && s.Scans() == o.Scans() && s.KeepImages == o.KeepImages && s.KeepUntaggedDays == o.KeepUntaggedDays &&
		slices.Equal(s.Pushers, o.Pushers) && slices.Equal(s.Pullers, o.Pullers)
}

// RepositoryChange is what a person may ask to change about a sandbox's
// repository; nil stays as it is. Visibility and KMSKey are there to be refused
// by name: AWS changes neither of a repository that is there.
type RepositoryChange struct {
	Visibility       *Visibility `json:"visibility,omitempty"`
	ImmutableTags    *bool       `json:"immutableTags,omitempty"`
	MutableTags      *[]string   `json:"mutableTags,omitempty"`
	KMSKey           *string     `json:"kmsKey,omitempty"`
	ScanOnPush       *bool       `json:"scanOnPush,omitempty"`
	KeepImages       *int        `json:"keepImages,omitempty"`
	KeepUntaggedDays *int        `json:"keepUntaggedDays,omitempty"`
	Pushers          *[]string   `json:"pushers,omitempty"`
	Pullers          *[]string   `json:"pullers,omitempty"`
}

// Apply returns s with the change made. Tags that all may move again have no
// exceptions, unless the change names some.
func (c RepositoryChange) Apply(s RepositorySpec) RepositorySpec {
	if c.ImmutableTags != nil && !*c.ImmutableTags {
		s.MutableTags = nil
	}
	put(&s.Visibility, c.Visibility)
	put(&s.ImmutableTags, c.ImmutableTags)
	put(&s.MutableTags, c.MutableTags)
	put(&s.KMSKey, c.KMSKey)
	put(&s.KeepImages, c.KeepImages)
	put(&s.KeepUntaggedDays, c.KeepUntaggedDays)
	put(&s.Pushers, c.Pushers)
	put(&s.Pullers, c.Pullers)
	if c.ScanOnPush != nil {
		s.ScanOnPush = c.ScanOnPush
	}
	return s
}

func put[T any](to, value *T) {
	if value != nil {
		*to = *value
	}
}

// Scans reports whether images are scanned when they are pushed.
func (s RepositorySpec) Scans() bool { return s.ScanOnPush == nil || *s.ScanOnPush }

// Visibility is who may see a repository.
type Visibility string

// The visibilities of a repository; with none there is no repository.
const (
	VisibilityPrivate Visibility = "private"
	VisibilityPublic  Visibility = "public"
	VisibilityNone    Visibility = "none"
)

// Repository is a sandbox's container repository, as it was made.
type Repository struct {
	Name string `json:"name"`
	ARN  string `json:"arn,omitempty"`
	// URI is what clients push to and pull from.
	URI string `json:"uri,omitempty"`
	// Public says that it is one of ECR Public.
	Public bool `json:"public,omitempty"`
}
