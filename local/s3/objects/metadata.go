package objects

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/versity/versitygw/backend/meta"
)

// attributes chooses where the backend keeps what it knows about a file: in
// extended attributes, or, where the file system has none (or sidecar is
// asked for), in files beside them. In a sidecar a version and its attributes
// are not replaced in one step; xattrs are what a kill cannot tear.
func (s *Store) attributes(sidecar bool) (meta.MetadataStorer, error) {
	if !sidecar && hasXattrs(s.objects) {
		s.atomic = true
		return meta.XattrMeta{}, nil
	}
	dir := filepath.Join(s.dir, "attributes")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for attributes: %w", err)
	}
	beside, err := meta.NewSideCar(dir)
	if err != nil {
		return nil, fmt.Errorf("keep attributes in %s: %w", dir, err)
	}
	return relocated{SideCar: beside, objects: s.objects, versions: s.view + s.objects}, nil
}

// hasXattrs tries the file system: some accept a read of an attribute and
// refuse to write one.
func hasXattrs(dir string) bool {
	probe, err := os.CreateTemp(dir, ".probe")
	if err != nil {
		return false
	}
	defer func() {
		_ = probe.Close()
		_ = os.Remove(probe.Name())
	}()
	return meta.XattrMeta{}.StoreAttribute(probe, "", "", "probe", []byte{1}) == nil
}

// relocated is a sidecar that names buckets relative to the store, because an
// absolute path in it would not survive a move of the data folder.
type relocated struct {
	meta.SideCar
	objects, versions string
}

func (r relocated) at(bucket string) string {
	if rest, ok := strings.CutPrefix(bucket, r.versions); ok {
		return "versions" + rest
	}
	return "objects" + strings.TrimPrefix(bucket, r.objects)
}

func (r relocated) RetrieveAttribute(f *os.File, bucket, object, attribute string) ([]byte, error) {
	return r.SideCar.RetrieveAttribute(f, r.at(bucket), object, attribute)
}

func (r relocated) StoreAttribute(f *os.File, bucket, object, attribute string, value []byte) error {
	return r.SideCar.StoreAttribute(f, r.at(bucket), object, attribute, value)
}

func (r relocated) DeleteAttribute(bucket, object, attribute string) error {
	return r.SideCar.DeleteAttribute(r.at(bucket), object, attribute)
}

func (r relocated) ListAttributes(bucket, object string) ([]string, error) {
	return r.SideCar.ListAttributes(r.at(bucket), object)
}

func (r relocated) DeleteAttributes(bucket, object string) error {
	return r.SideCar.DeleteAttributes(r.at(bucket), object)
}

func (r relocated) RenameObject(bucket, from, to string) error {
	return r.SideCar.RenameObject(r.at(bucket), from, to)
}
