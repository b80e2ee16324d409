package image_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/image"
	"github.com/mayfly-dev/mayfly/release/image/imagetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type entry = imagetest.Entry

// files is what a site consists of: contents by path.
type files = map[string]string

// at is the web root of the tests, which is where nginx has it.
const at = "usr/share/nginx/html/"

func page(content string) entry { return imagetest.File(at+"index.html", content) }

// labelled names a web root.
func labelled(root string) map[string]string { return map[string]string{image.Label: root} }

// layers are those of an image, the lowest first.
type layers [][]entry

func (l layers) put(repository *imagetest.Repository, labels map[string]string) string {
	var packed [][]byte
	for _, entries := range l {
		packed = append(packed, imagetest.Gzip(imagetest.Tar(entries...)))
	}
	return repository.Put(labels, packed...)
}

func small() release.Limits { return imagetest.HostileLimits() }

// show inspects an image, and then reads the files that it found, as the two
// steps of a release do.
func show(t testing.TB, repository image.Source, cache image.Cache, digest string, limits release.Limits) (files, image.Site, error) {
	t.Helper()
	site, err := image.Inspect(t.Context(), repository, cache, digest, limits, "index.html")
	if err != nil {
		return nil, site, err
	}
	shown, err := read(t, repository, site, limits, func(int) bool { return true })
	return shown, site, err
}

// read reads the wanted files of a site.
func read(t testing.TB, repository image.Source, site image.Site, limits release.Limits, wanted func(int) bool) (files, error) {
	t.Helper()
	plan, err := release.PlanFiles(site.Files, nil, func(func(release.Listed, error) bool) {})
	if err != nil {
		t.Fatal(err)
	}
	plan.Layers = site.Layers
	shown, last := make(files), -1
	content := image.Content{Source: repository, Plan: &plan, Limits: limits}
	err = content.Walk(t.Context(), wanted, func(f release.File, content io.Reader) error {
		data, err := io.ReadAll(content)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		if want := site.Files[f.Index]; f.Index <= last || f.Path != want.Path || int64(len(data)) != want.Size || f.Size != want.Size || hex.EncodeToString(sum[:]) != want.SHA256 {
			return fmt.Errorf("file %+v after %d, of %d bytes, %x; inspected was %+v", f, last, len(data), sum, want)
		}
		last = f.Index
		shown[f.Path] = string(data)
		return nil
	})
	return shown, err
}

// testcase is an image, and what it shows or why it is refused.
type testcase struct {
	name   string
	layers layers
	label  string
	want   files
	// refused is what the reason says.
	refused string
}

func run(t *testing.T, cases []testcase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var repository imagetest.Repository
			var cache imagetest.Cache
			var labels map[string]string
			if c.label != "" {
				labels = labelled(c.label)
			}
			digest := c.layers.put(&repository, labels)
			for _, tables := range []string{"made", "kept"} {
				got, site, err := show(t, &repository, &cache, digest, small())
				if c.refused != "" {
					var refused *release.ContentError
					if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.refused) {
						t.Errorf("tables %s: %v, not %q", tables, err, c.refused)
					}
					continue
				}
				if err != nil {
					t.Fatalf("tables %s: %v", tables, err)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("tables %s: %s", tables, diff)
				}
				if len(site.Files) != len(got) {
					t.Errorf("tables %s: %d files, %d read", tables, len(site.Files), len(got))
				}
			}
		})
	}
}
