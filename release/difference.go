package release

import (
	"cmp"
	"iter"
)

// Difference is an object that is not the same in two releases.
type Difference struct {
	// Before is the zero Object when the second release adds it, After when the
	// second release no longer has it.
	Before, After Object
}

// Path returns the object's path.
func (d Difference) Path() string { return cmp.Or(d.After.Path, d.Before.Path) }

// Added reports whether only the second release has the object.
func (d Difference) Added() bool { return d.Before.Path == "" }

// Removed reports whether only the first release has the object.
func (d Difference) Removed() bool { return d.After.Path == "" }

// Differences compares what two manifests consist of, in the order of paths. It
// keeps neither; both are read as far as differences are asked for. An error of
// either ends the sequence.
func Differences(before, after iter.Seq2[Object, error]) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		nextBefore, stopBefore := iter.Pull2(before)
		defer stopBefore()
		nextAfter, stopAfter := iter.Pull2(after)
		defer stopAfter()
		was, errWas, hasWas := nextBefore()
		is, errIs, hasIs := nextAfter()
		for hasWas || hasIs {
			if err := cmp.Or(errWas, errIs); err != nil {
				yield(Difference{}, err)
				return
			}
			order := cmp.Compare(was.Path, is.Path)
			if !hasWas {
				order = 1
			} else if !hasIs {
				order = -1
			}
			var d Difference
			if order <= 0 {
				d.Before = was
				was, errWas, hasWas = nextBefore()
			}
			if order >= 0 {
				d.After = is
				is, errIs, hasIs = nextAfter()
			}
			if order == 0 && d.Before.same(d.After) {
				continue
			}
			if !yield(d, nil) {
				return
			}
		}
	}
}

// same reports whether a visitor gets the same from both: content and headers.
func (o Object) same(other Object) bool {
	content := o.SHA256 != "" && o.SHA256 == other.SHA256 || o.ETag != "" && o.ETag == other.ETag
	return content && o.Size == other.Size && o.ContentType == other.ContentType && o.CacheControl == other.CacheControl
}
