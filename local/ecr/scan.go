package ecr

import (
	"encoding/json"

	"github.com/mayfly-dev/mayfly/local/ecr/manifest"
)

// The states of a scan.
const (
	scanInProgress  = "IN_PROGRESS"
	scanUnsupported = "UNSUPPORTED_IMAGE"
	scanFailed      = "FAILED"
	scanNoFindings  = "FINDINGS_UNAVAILABLE"
)

// scanStatus is how far the scan of an image is.
type scanStatus struct {
	Status      string `json:"status"`
	Description string `json:"description,omitempty"`
}

// scanned is a scan as it is kept.
type scanned struct {
	Status      scanStatus `json:"status"`
	StartedAt   int64      `json:"startedAt"` // milliseconds since 1970
	CompletedAt int64      `json:"completedAt,omitempty"`
}

func readScan(text string) (scanned, bool) {
	var s scanned
	return s, text != "" && json.Unmarshal([]byte(text), &s) == nil
}

func (s scanned) text() string {
	body, err := json.Marshal(s)
	if err != nil { // strings and numbers always marshal
		panic(err)
	}
	return string(body)
}

// scannable reports whether a manifest is that of an image, and not of an
// index or of an artifact.
func scannable(mediaType, artifactType string) bool {
	return mediaType != manifest.DockerList && mediaType != manifest.OCIIndex &&
		(artifactType == "application/vnd.docker.container.image.v1+json" || artifactType == "application/vnd.oci.image.config.v1+json")
}
