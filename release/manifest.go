package release

import (
	"fmt"
	"strings"

	"github.com/mayfly-dev/mayfly/events"
)

// Object is one object of a site, as a release left it.
type Object struct {
	// Path is the key in the sandbox's bucket.
	Path string `json:"path"`
	// Size is in bytes.
	Size int64 `json:"size"`
	// SHA256 is the content's digest in hexadecimal. It is empty for an object
	// that Mayfly did not write and that a restore left as it is.
	SHA256 string `json:"sha256,omitempty"`
	// ETag is S3's, without quotation marks.
	ETag string `json:"etag,omitempty"`
	// VersionID is the version of the object that belongs to the release.
	VersionID    string `json:"versionId,omitempty"`
	ContentType  string `json:"contentType,omitempty"`
	CacheControl string `json:"cacheControl,omitempty"`
}

// Manifest is what a site consists of after a release, sorted by path.
type Manifest struct {
	ManifestHeader
	Objects []Object
}

// ManifestHeader is what a manifest says of the release as a whole.
type ManifestHeader struct {
	Format    string               `json:"format"`
	SandboxID string               `json:"sandboxId"`
	Release   string               `json:"release"`
	Source    events.ReleaseSource `json:"source"`
	Files     int                  `json:"files"`
	Bytes     int64                `json:"bytes"`
	Written   int                  `json:"written"`
	Removed   int                  `json:"removed"`
}

// Find returns the object with a path, and whether there is one.
func (m Manifest) Find(path string) (Object, bool) {
	for _, o := range m.Objects {
		if o.Path == path {
			return o, true
		}
	}
	return Object{}, false
}

// The formats of what is kept beside the archives.
const (
	ManifestFormat = "mayfly-manifest/1"
	PlanFormat     = "mayfly-plan/1"
	PartFormat     = "mayfly-written/1"
)

// ManifestKey returns the key of a release's manifest in the upload bucket.
func ManifestKey(sandboxID, releaseID string) string {
	return ManifestPrefix(sandboxID) + releaseID + ".jsonl.gz"
}

// ManifestPrefix returns the prefix of all of a sandbox's manifests, which go
// when the sandbox goes.
func ManifestPrefix(sandboxID string) string { return "manifests/" + sandboxID + "/" }

// PlanKey returns the key of a release's plan in the upload bucket.
func PlanKey(sandboxID, releaseID string) string {
	return WorkPrefix(sandboxID, releaseID) + "plan.jsonl.gz"
}

// PartKey returns the key under which a run of the writing step keeps what it
// wrote, beginning at an index of the plan.
func PartKey(sandboxID, releaseID string, pass events.Pass, from int) string {
	return fmt.Sprintf("%s%s-%08d.jsonl.gz", WorkPrefix(sandboxID, releaseID), pass, from)
}

// IsPartKey reports whether a key, without its WorkPrefix, is a PartKey.
func IsPartKey(name string) bool {
	return strings.HasPrefix(name, string(events.PassAssets)+"-") || strings.HasPrefix(name, string(events.PassPages)+"-")
}

// WorkPrefix returns the prefix of what is kept while a release is under way.
func WorkPrefix(sandboxID, releaseID string) string {
	return ManifestPrefix(sandboxID) + releaseID + "/"
}

// LayersPrefix is of what is known of images' layers, which no sandbox owns; a
// lifecycle rule of the upload bucket ends it.
const LayersPrefix = "layers/"

// LayerKey returns the key of what is known of the layer with a digest.
func LayerKey(digest string) string {
	return LayersPrefix + strings.TrimPrefix(digest, "sha256:") + ".jsonl.gz"
}

// UploadKey returns the key to which the content of a release is uploaded.
func UploadKey(sandboxID, releaseID string) string { return "uploads/" + sandboxID + "/" + releaseID }
