package manifest_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/ecr/manifest"
)

var (
	a = "sha256:" + strings.Repeat("a", 64)
	b = "sha256:" + strings.Repeat("b", 64)
)

func descriptor(digest, more string) string {
	return `{"mediaType": "application/x", "digest": "` + digest + `", "size": 1` + more + `}`
}

func TestParse(t *testing.T) {
	image := `{"schemaVersion": 2, "config": ` + descriptor(a, "") + `, "layers": [` + descriptor(b, "") + `, ` + descriptor(b, "") + `, ` + descriptor("sha256:"+strings.Repeat("c", 64), `, "urls": ["https://example.com/layer"]`) + `]}`
	for _, row := range []struct {
		why, mediaType, text string
		kind, artifact       string
		blobs, children      []string
	}{
		{"an image by its request", manifest.DockerManifest, image, manifest.DockerManifest, "application/x", []string{a, b}, nil},
		{"with parameters", manifest.OCIManifest + "; charset=utf-8", image, manifest.OCIManifest, "application/x", []string{a, b}, nil},
		{"by itself", "", strings.Replace(image, "{", `{"mediaType": "`+manifest.DockerManifest+`",`, 1), manifest.DockerManifest, "application/x", []string{a, b}, nil},
		{"by its form", "application/json", image, manifest.OCIManifest, "application/x", []string{a, b}, nil},
		{"an artifact", manifest.OCIManifest, strings.Replace(image, "{", `{"artifactType": "application/sbom",`, 1), manifest.OCIManifest, "application/sbom", []string{a, b}, nil},
		{"an index", manifest.OCIIndex, `{"schemaVersion": 2, "manifests": [` + descriptor(b, "") + `,` + descriptor(a, "") + `,` + descriptor(b, "") + `]}`, manifest.OCIIndex, "", nil, []string{b, a}},
		{"an index by its form", "", `{"schemaVersion": 2, "manifests": []}`, manifest.OCIIndex, "", nil, nil},
		{"a list", manifest.DockerList, `{"schemaVersion": 2, "manifests": []}`, manifest.DockerList, "", nil, nil},
	} {
		m, err := manifest.Parse(row.mediaType, []byte(row.text))
		if err != nil {
			t.Errorf("%s: %v", row.why, err)
			continue
		}
		if m.MediaType != row.kind || m.ArtifactType != row.artifact || !slices.Equal(m.Blobs(), row.blobs) || !slices.Equal(m.Children(), row.children) {
			t.Errorf("%s: %+v, %v, %v", row.why, m, m.Blobs(), m.Children())
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(manifest.OCIManifest, `{"schemaVersion": 2, "config": `+descriptor(a, "")+`, "layers": []}`)
	f.Add("", `{"schemaVersion": 2, "manifests": [`+descriptor(a, "")+`], "subject": `+descriptor(b, "")+`}`)
	f.Fuzz(func(t *testing.T, mediaType, text string) {
		m, err := manifest.Parse(mediaType, []byte(text))
		if err != nil {
			if !errors.Is(err, manifest.ErrSyntax) && !errors.Is(err, manifest.ErrMediaType) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		for _, digest := range append(m.Blobs(), m.Children()...) {
			if len(digest) != len(a) || strings.ContainsAny(digest, "/.") {
				t.Errorf("%q names %q", text, digest)
			}
		}
	})
}
