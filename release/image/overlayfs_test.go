//go:build peers && linux

package image_test

import (
	"archive/tar"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"
)

// TestGeneratedImagesShowWhatTheKernelsOverlayShows unpacks layers as Docker
// does, mounts them over one another, and looks.
func TestGeneratedImagesShowWhatTheKernelsOverlayShows(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root may mount an overlay")
	}
	m := mix{kinds: []string{"file", "file", "file", "folder", "whiteout", "opaque", "symlink", "hardlink"}}
	shown, refused := 0, 0
	rapid.Check(t, func(r *rapid.T) {
		for range 5 {
			all := m.drawn(r)
			want, broken, err := mounted(t.TempDir(), all)
			if errors.Is(err, errElsewhere) {
				continue
			}
			if err != nil {
				t.Fatalf("%v\n%s", err, all)
			}
			if shown += len(want); broken {
				refused++
			}
			compare(r, t, all, want, broken)
		}
	})
	t.Logf("%d refused, %d files shown by the others", refused, shown)
}

// errElsewhere is a hard link to a file of another layer, which Docker does not
// unpack.
var errElsewhere = errors.New("a hard link to another layer")

// mounted returns what the web root /srv shows in an overlay, and whether a
// rule refuses it.
func mounted(scratch string, all layers) (shown files, refused bool, err error) {
	var lower []string
	for i, layer := range all {
		to := filepath.Join(scratch, "l"+string(rune('0'+i)))
		if err := unpack(to, layer); err != nil {
			return nil, false, err
		}
		lower = append(lower, to)
	}
	slices.Reverse(lower)
	root := filepath.Join(scratch, "root", "of", "it")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, false, err
	}
	if err := unix.Mount("overlay", root, "overlay", unix.MS_RDONLY, "lowerdir="+strings.Join(lower, ":")); err != nil {
		return nil, false, err
	}
	defer unix.Unmount(root, 0) //nolint:errcheck // the folder could not be removed then
	shown, entries := make(files), 0
	var show func(folder, as string, through []string) bool
	show = func(folder, as string, through []string) bool {
		real, err := filepath.EvalSymlinks(folder)
		if err != nil || slices.Contains(through, real) {
			return false
		}
		through = append(slices.Clone(through), real)
		names, err := os.ReadDir(real)
		if err != nil {
			return false
		}
		for _, name := range names {
			path := filepath.Join(real, name.Name())
			if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
				continue // a whiteout in a folder that one layer alone has is listed, but not there
			}
			entries++
			info, err := os.Stat(path)
			switch {
			case err != nil || entries > 100:
				return false
			case info.IsDir():
				if !show(path, as+name.Name()+"/", through) {
					return false
				}
			default:
				content, err := os.ReadFile(path)
				if err != nil {
					return false
				}
				shown[as+name.Name()] = string(content)
			}
		}
		return true
	}
	return shown, !show(filepath.Join(root, "srv"), "", nil), nil
}

// unpack unpacks a layer into a folder that is to be one of an overlay.
func unpack(to string, layer []entry) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, e := range layer {
		path := filepath.Join(to, e.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		var err error
		base := filepath.Base(path)
		hidden, isWhiteout := strings.CutPrefix(base, ".wh.")
		switch {
		case base == ".wh..wh..opq":
			err = unix.Setxattr(filepath.Dir(path), "trusted.overlay.opaque", []byte("y"), 0)
		case isWhiteout:
			err = unix.Mknod(filepath.Join(filepath.Dir(path), hidden), unix.S_IFCHR, 0)
		case e.Typeflag == tar.TypeDir:
			err = os.MkdirAll(path, 0o755)
		case e.Typeflag == tar.TypeSymlink:
			err = os.Symlink(e.Linkname, path)
		case e.Typeflag == tar.TypeLink:
			if err = os.Link(filepath.Join(to, e.Linkname), path); err != nil {
				return errElsewhere
			}
		default:
			err = os.WriteFile(path, []byte(e.Content), 0o644)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
