package image

import (
	"fmt"

	"github.com/mayfly-dev/mayfly/release"
)

// What an image may be beside its web root, for which the limits of archives
// hold. All of it is there to bound time and memory.
const (
	// maxManifestBytes is what ECR takes for a manifest.
	maxManifestBytes = 4 << 20
	maxConfigBytes   = 4 << 20
	// maxNesting is how deep indexes may be in one another.
	maxNesting = 3
	// maxLayers is how many layers Docker puts over one another.
	maxLayers = 127
	// entriesPerSite is how many entries the layers of an image may have
	// together, for each that the web root may have.
	entriesPerSite = 10
	// maxNameBytes is the length of all names together.
	maxNameBytes = 16 << 20
	// maxPathBytes is Linux's limit for one name.
	maxPathBytes = 4096
	// maxLinks is how many links Linux follows on the way to a file.
	maxLinks = 40
	// maxLookups is how often a name is looked up in a layer.
	maxLookups = 5_000_000
	// maxNames is how many names in the web root may share the content of a
	// file that is larger than a part: for each, the layer is read once more.
	maxNames = 8
)

// budget is what is left of the limits of an image as a whole. A layer that is
// read and one whose table is known cost the same, so that an image that is
// refused once is refused always.
type budget struct {
	entries int
	names   int64
	bytes   int64
	limits  release.Limits
}

func newBudget(limits release.Limits) *budget {
	return &budget{entries: limits.Entries * entriesPerSite, names: maxNameBytes, bytes: limits.TotalBytes, limits: limits}
}

// spend takes one entry and the length of its names.
func (b *budget) spend(names int) error {
	b.entries--
	b.names -= int64(names)
	const advice = "; build the site in one stage of the Dockerfile, and copy nothing but its files to the last one"
	if b.entries < 0 {
		return refuse("", "the image's layers have more than %d entries%s", b.limits.Entries*entriesPerSite, advice)
	}
	if b.names < 0 {
		return refuse("", "the names in the image's layers are longer than %s together%s", showBytes(maxNameBytes), advice)
	}
	return nil
}

// unpacked takes what a layer is unpacked.
func (b *budget) unpacked(bytes int64) error {
	b.bytes -= bytes
	if b.bytes < 0 {
		return refuse("", "the image's layers unpack to more than %s", showBytes(b.limits.TotalBytes))
	}
	return nil
}

func refuse(entry, rule string, args ...any) error {
	return &release.ContentError{Entry: entry, Rule: fmt.Sprintf(rule, args...)}
}

// short is a digest in a message for people.
func short(digest string) string {
	const shown = len("sha256:") + 12
	if len(digest) > shown {
		return digest[:shown]
	}
	return digest
}

func showBytes(n int64) string {
	if n >= 1<<30 {
		return fmt.Sprintf("%d GiB", n>>30)
	}
	return fmt.Sprintf("%d MiB", n>>20)
}
