package blobs

import (
	"os"
	"path"

	"github.com/opencontainers/go-digest"
)

// Where distribution's storage keeps things; the layout is part of what it
// promises, so that a registry of any version can go on with it.
const (
	root         = "/docker/registry/v2"
	repositories = root + "/repositories"
	data         = root + "/blobs/sha256"
)

// blobPath is the content of a blob.
func blobPath(d digest.Digest) string {
	return path.Join(data, d.Encoded()[:2], d.Encoded(), "data")
}

// linkPath is the file by which a repository has a blob.
func linkPath(repository string, d digest.Digest) string {
	return path.Join(layers(repository), d.Encoded(), "link")
}

// layers is the folder of a repository's links.
func layers(repository string) string {
	return path.Join(repositories, repository, "_layers/sha256")
}

// uploads is the folder of what is being uploaded to a repository.
func uploads(repository string) string {
	return path.Join(repositories, repository, "_uploads")
}

func (d disk) open(path string) (*os.File, error) { return os.Open(d.full(path)) }
