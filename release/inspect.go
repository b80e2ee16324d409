package release

import (
	"context"
	"io"
	"slices"
	"strings"
)

// Inspected is one file of an archive or an image whose every byte was looked
// at.
type Inspected struct {
	Path string
	Digest
	Place
}

// Inspect reads a whole archive and returns its files in the archive's order.
// It returns a *ContentError if the archive breaks a rule, or has no index
// page at its root.
func Inspect(ctx context.Context, archive Archive, limits Limits, index string) ([]Inspected, error) {
	var files []Inspected
	var digester Digester
	err := Walk(ctx, archive, limits, func(f File, content io.Reader) error {
		digest, err := digester.Read(content, f.Size)
		if err != nil {
			return err
		}
		files = append(files, Inspected{Path: f.Path, Digest: digest})
		return nil
	})
	if err != nil {
		return nil, err
	}
	paths := make([]string, len(files))
	for i := range files {
		paths[i] = files[i].Path
	}
	if err := CheckIndex(paths, index); err != nil {
		return nil, err
	}
	return files, nil
}

// CheckIndex returns a *ContentError unless a site with these paths has its
// index page. It names the folder if everything is inside one, because packing
// a folder instead of its content is the usual reason.
func CheckIndex(paths []string, index string) error {
	if slices.Contains(paths, index) {
		return nil
	}
	if len(paths) == 0 {
		return refuse("", "it holds no file, so the index page %q is missing", index)
	}
	top, _, inFolder := strings.Cut(paths[0], "/")
	for _, path := range paths {
		if !inFolder || !strings.HasPrefix(path, top+"/") {
			return refuse("", "the index page %q is missing at its root", index)
		}
	}
	return refuse("", "the index page %q is missing at its root: everything is inside the folder %q; pack what is in that folder", index, top)
}
