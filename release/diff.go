package release

import (
	"iter"
	"slices"
)

// Listed is one object of a bucket, as a listing names it.
type Listed struct {
	Key  string
	Size int64
	// ETag is without quotation marks.
	ETag string
}

// Live is what is known of the site as it is: the objects of the last live
// release's manifest by path. It is empty when there is none.
type Live map[string]Object

// NewLive indexes the objects of a manifest.
func NewLive(objects []Object) Live {
	live := make(Live, len(objects))
	for _, o := range objects {
		live[o.Path] = o
	}
	return live
}

// known returns what the manifest says of an object, if the object is still
// the one that the manifest means.
func (l Live) known(listed Listed) (Object, bool) {
	o, ok := l[listed.Key]
	if !ok || o.ETag != listed.ETag || o.Size != listed.Size {
		return Object{}, false
	}
	return o, true
}

// PlanFiles compares the files of an archive or an image with what the bucket
// really holds. An object stays when its content is the same, and the headers
// that the live manifest remembers are still those that it would get.
func PlanFiles(files []Inspected, live Live, listing iter.Seq2[Listed, error]) (Plan, error) {
	var p Plan
	p.Entries = make([]PlanEntry, len(files))
	at := make(map[string]int, len(files))
	for i, f := range files {
		at[f.Path] = i
		p.Entries[i] = PlanEntry{
			Object: Object{
				Path: f.Path, Size: f.Size, SHA256: f.SHA256,
				ContentType: ContentType(f.Path), CacheControl: CacheControl(f.Path),
			},
			Write: true, Pass: PassOf(f.Path), Place: f.Place,
		}
	}
	err := p.meet(at, listing, func(i int, listed Listed) {
		entry := &p.Entries[i]
		known, ok := live.known(listed)
		same := files[i].Matches(listed.ETag) || ok && known.SHA256 == entry.SHA256
		if ok && (known.ContentType != entry.ContentType || known.CacheControl != entry.CacheControl) {
			same = false
		}
		if same && listed.Size == entry.Size {
			entry.Write, entry.Pass = false, ""
			entry.ETag, entry.VersionID = listed.ETag, known.VersionID
		}
	})
	return p, err
}

// PlanRollback compares the manifest of an earlier release with what the
// bucket holds. What differs is copied from the manifest's versions.
func PlanRollback(objects []Object, live Live, listing iter.Seq2[Listed, error]) (Plan, error) {
	var p Plan
	p.Entries = make([]PlanEntry, len(objects))
	at := make(map[string]int, len(objects))
	for i, o := range objects {
		at[o.Path] = i
		p.Entries[i] = PlanEntry{Object: o, Write: true, Pass: PassOf(o.Path), From: o.VersionID}
		p.Entries[i].ETag, p.Entries[i].VersionID = "", ""
	}
	err := p.meet(at, listing, func(i int, listed Listed) {
		entry := &p.Entries[i]
		known, ok := live.known(listed)
		same := listed.ETag == objects[i].ETag || ok && known.SHA256 != "" && known.SHA256 == entry.SHA256
		if ok && (known.ContentType != entry.ContentType || known.CacheControl != entry.CacheControl) {
			same = false
		}
		if same && listed.Size == entry.Size {
			entry.Write, entry.Pass, entry.From = false, "", ""
			entry.ETag, entry.VersionID = listed.ETag, known.VersionID
		}
	})
	return p, err
}

// PlanRestore leaves everything as it is but one object, which is copied from
// an earlier version: wanted, whose VersionID is that version. Nothing is
// written when the object is that very version already.
func PlanRestore(wanted Object, live Live, listing iter.Seq2[Listed, error]) (Plan, error) {
	var p Plan
	back := PlanEntry{Object: wanted, Write: true, Pass: PassOf(wanted.Path), From: wanted.VersionID}
	back.ETag, back.VersionID = "", ""
	found := false
	for listed, err := range listing {
		if err != nil {
			return Plan{}, err
		}
		known, ok := live.known(listed)
		if listed.Key == wanted.Path {
			found = true
			if !ok || known.VersionID != wanted.VersionID {
				p.Entries = append(p.Entries, back)
				continue
			}
		}
		if !ok {
			known = Object{Path: listed.Key, Size: listed.Size}
		}
		known.ETag = listed.ETag
		p.Entries = append(p.Entries, PlanEntry{Object: known})
	}
	if !found {
		p.Entries = append(p.Entries, back)
	}
	return p, nil
}

// meet goes through a listing and calls here for each object that an entry
// has; the others are to be removed.
func (p *Plan) meet(at map[string]int, listing iter.Seq2[Listed, error], here func(int, Listed)) error {
	for listed, err := range listing {
		if err != nil {
			return err
		}
		if i, ok := at[listed.Key]; ok {
			here(i, listed)
		} else {
			p.Remove = append(p.Remove, listed.Key)
		}
	}
	slices.Sort(p.Remove)
	return nil
}
