package release

import "github.com/mayfly-dev/mayfly/events"

// Plan is what a release will change, found before anything is changed.
type Plan struct {
	PlanHeader
	// Entries are all objects that the site will consist of. Those of an
	// archive or an image are in the order of reading and complete, so that the
	// index of an entry is the index of its file.
	Entries []PlanEntry
	// Remove are the keys that go, sorted.
	Remove []string
}

// PlanHeader is what a plan says of the release as a whole.
type PlanHeader struct {
	Format    string               `json:"format"`
	SandboxID string               `json:"sandboxId"`
	Release   string               `json:"release"`
	Source    events.ReleaseSource `json:"source"`
	// Bucket is the sandbox's bucket.
	Bucket string `json:"bucket"`
	// ArchiveETag is that of the archive that was inspected.
	ArchiveETag string `json:"archiveEtag,omitempty"`
	// WebRoot is the folder of the image whose content is released.
	WebRoot string `json:"webRoot,omitempty"`
	// Layers are those of the image that was inspected, from the top down.
	Layers []Layer `json:"layers,omitempty"`
	// Invalidate is what the edges are to forget, as CloudFront wants it; see
	// InvalidationPaths. It is empty when nothing changes.
	Invalidate []string `json:"invalidate,omitempty"`
	// Entries and Removals count the lines that follow.
	Entries  int `json:"entries"`
	Removals int `json:"removals"`
}

// PlanEntry is one object that the site will consist of.
type PlanEntry struct {
	// Object is complete for an entry that stays. An entry that is written
	// gets its ETag and version when it is.
	Object
	// Write says that the object is written; else it is there already.
	Write bool        `json:"write,omitempty"`
	Pass  events.Pass `json:"pass,omitempty"`
	// From is the version that is copied; empty for what is in the archive or
	// the image.
	From string `json:"from,omitempty"`
	Place
}

// Layer is a layer of an image, as the image's manifest names it.
type Layer struct {
	// Digest is of the layer as it is kept, packed: sha256:…
	Digest string `json:"digest"`
	// Size is in bytes, packed.
	Size int64 `json:"size"`
}

// Place is where an image keeps the content of a file: in the layer, and
// there in the entry, with an index. It is zero for a file of an archive.
type Place struct {
	Layer int `json:"layer,omitempty"`
	Entry int `json:"entry,omitempty"`
}

// Totals returns the number of entries and their size in bytes.
func (p *Plan) Totals() (files int, bytes int64) {
	for i := range p.Entries {
		bytes += p.Entries[i].Size
	}
	return len(p.Entries), bytes
}

// Writes returns how many entries are written.
func (p *Plan) Writes() int {
	n := 0
	for i := range p.Entries {
		if p.Entries[i].Write {
			n++
		}
	}
	return n
}

// Passes returns how many entries each pass writes.
func (p *Plan) Passes() map[events.Pass]int {
	n := map[events.Pass]int{events.PassAssets: 0, events.PassPages: 0}
	for i := range p.Entries {
		if p.Entries[i].Write {
			n[p.Entries[i].Pass]++
		}
	}
	return n
}

// Changed returns the paths of everything that the plan writes or removes.
func (p *Plan) Changed() []string {
	changed := make([]string, 0, p.Writes()+len(p.Remove))
	for i := range p.Entries {
		if p.Entries[i].Write {
			changed = append(changed, p.Entries[i].Path)
		}
	}
	return append(changed, p.Remove...)
}

// Part is what one run of the writing step wrote.
type Part struct {
	PartHeader
	Written []PartEntry
}

// PartHeader says which entries of the plan a part covers: those of its pass
// from index From to before Next. A run that was repeated may have begun at
// the same index and stopped elsewhere; its part is written over the first.
type PartHeader struct {
	Format string      `json:"format"`
	Pass   events.Pass `json:"pass"`
	From   int         `json:"from"`
	Next   int         `json:"next"`
}

// PartEntry is what S3 answered to the write of one entry of the plan.
type PartEntry struct {
	Index     int    `json:"index"`
	ETag      string `json:"etag"`
	VersionID string `json:"versionId"`
}
