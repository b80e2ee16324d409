package imagetest

import (
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// HostileManifest is a manifest, or what is none, that is to be refused.
type HostileManifest struct {
	Name string
	// Put keeps it, with what it names.
	Put func(*Repository) v1.Descriptor
	// Reason is what the refusal says.
	Reason string
}

func site(content string) []byte { return Gzip(Tar(File(webRoot+"index.html", content))) }

// siteManifest keeps what an image of one page is made of, and returns its
// manifest.
func siteManifest(r *Repository) v1.Manifest {
	return v1.Manifest{
		SchemaVersion: 2, MediaType: types.OCIManifestSchema1, Config: r.PutConfig(nil),
		Layers: []v1.Descriptor{r.PutBlob(types.OCILayer, site("home"))},
	}
}

func put(r *Repository, m v1.Manifest) v1.Descriptor { return r.PutManifest(m.MediaType, m) }

func index(r *Repository, manifests ...v1.Descriptor) v1.Descriptor {
	return r.PutManifest(types.OCIImageIndex, v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: manifests})
}

func unknownPlatform(d v1.Descriptor) v1.Descriptor {
	d.Platform = &v1.Platform{OS: "unknown", Architecture: "unknown"}
	return d
}

// HostileManifests are manifests that are damaged, of another kind, or say what
// is not so.
func HostileManifests() []HostileManifest {
	hack := site("hack")
	change := func(change func(r *Repository, m *v1.Manifest)) func(*Repository) v1.Descriptor {
		return func(r *Repository) v1.Descriptor {
			m := siteManifest(r)
			change(r, &m)
			return put(r, m)
		}
	}
	text := func(kind types.MediaType, text string) func(*Repository) v1.Descriptor {
		return func(r *Repository) v1.Descriptor { return r.PutManifest(kind, []byte(text)) }
	}
	return []HostileManifest{
		{"schema 1", text(types.DockerManifestSchema1Signed, `{"schemaVersion":1}`), "schema 1"},
		{"another type", text("application/vnd.example+json", `{}`), `its media type is "application/vnd.example+json"`},
		{"no JSON", text(types.OCIManifestSchema1, `hello`), "is damaged"},
		{"JSON of another form", text(types.OCIManifestSchema1, `{"layers":7,"config":{"mediaType":"x"}}`), "is damaged"},
		{"an index of another form", text(types.OCIImageIndex, `{"manifests":{}}`), "is damaged"},
		{"an empty manifest", text(types.OCIManifestSchema1, `{}`), "not an image that can be run"},
		{"an index of nothing", text(types.OCIImageIndex, `{"schemaVersion":2,"manifests":[]}`), "names no image"},
		{"an index of attestations", func(r *Repository) v1.Descriptor {
			return index(r, unknownPlatform(put(r, siteManifest(r))))
		}, "names no image"},
		{"an image and an index at once", text(types.OCIManifestSchema1, `{"config":{},"layers":[],"manifests":[]}`), "of an image and of an index at once"},
		{"an index with layers", text(types.OCIImageIndex, `{"layers":[],"manifests":[]}`), "of an image and of an index at once"},
		{"another type than the registry says", text(types.OCIManifestSchema1, `{"mediaType":"application/vnd.oci.image.index.v1+json"}`), "says that it is"},
		{"a digest that is none", text(types.OCIManifestSchema1, `{"config":{"digest":"sha256:../../x","mediaType":"application/vnd.oci.image.config.v1+json"}}`), "is damaged"},
		{"indexes in indexes", func(r *Repository) v1.Descriptor {
			d := put(r, siteManifest(r))
			for range 3 {
				d = index(r, d)
			}
			return d
		}, "indexes in indexes"},
		{"a chart", change(func(r *Repository, m *v1.Manifest) {
			m.Config.MediaType = "application/vnd.cncf.helm.config.v1+json"
		}), "not an image that can be run"},
		{"a layer of an unknown type", change(func(r *Repository, m *v1.Manifest) {
			m.Layers[0].MediaType = "application/vnd.oci.image.layer.v1.tar+gzip+encrypted"
		}), `unknown type "application/vnd.oci.image.layer.v1.tar+gzip+encrypted"`},
		{"a foreign layer", change(func(r *Repository, m *v1.Manifest) {
			m.Layers[0].MediaType, m.Layers[0].URLs = types.DockerForeignLayer, []string{"http://169.254.169.254/"}
		}), "is not kept in the registry"},
		{"a layer that may not be distributed", change(func(r *Repository, m *v1.Manifest) { m.Layers[0].MediaType = types.OCIRestrictedLayer }), "is not kept in the registry"},
		{"a layer by SHA-512", change(func(r *Repository, m *v1.Manifest) {
			m.Layers[0].Digest = v1.Hash{Algorithm: "sha512", Hex: strings.Repeat("0", 128)}
		}), "only sha256"},
		{"a layer with a size below 0", change(func(r *Repository, m *v1.Manifest) { m.Layers[0].Size = -1 }), "has the size -1"},
		{"a layer that is larger than it says", change(func(r *Repository, m *v1.Manifest) { m.Layers[0].Size -= 10 }), "another digest"},
		{"a layer that is smaller than it says", change(func(r *Repository, m *v1.Manifest) { m.Layers[0].Size += 10 }), "bytes long, and the manifest says"},
		{"a layer that says to be empty", change(func(r *Repository, m *v1.Manifest) { m.Layers[0].Size = 0 }), "another digest"},
		{"other content under a layer's digest", change(func(r *Repository, m *v1.Manifest) {
			r.Replace(m.Layers[0].Digest.String(), hack)
			m.Layers[0].Size = int64(len(hack))
		}), "another digest"},
		{"128 layers", change(func(r *Repository, m *v1.Manifest) {
			for range 127 {
				m.Layers = append(m.Layers, m.Layers[0])
			}
		}), "has 128 layers"},
		{"a large configuration", change(func(r *Repository, m *v1.Manifest) {
			m.Config = r.PutBlob(types.OCIConfigJSON, make([]byte, 5<<20))
		}), "larger than 4 MiB"},
		{"a configuration that is larger than it says", change(func(r *Repository, m *v1.Manifest) {
			m.Config = r.PutBlob(types.OCIConfigJSON, make([]byte, 5<<20))
			m.Config.Size = 100
		}), "another digest"},
		{"a configuration that is none", change(func(r *Repository, m *v1.Manifest) { m.Config = r.PutBlob(types.OCIConfigJSON, []byte("no")) }), "configuration sha256:"},
		{"labels that are none", change(func(r *Repository, m *v1.Manifest) {
			m.Config = r.PutBlob(types.OCIConfigJSON, []byte(`{"config":{"Labels":["mayfly.web-root"]}}`))
		}), "is damaged"},
		{"a large manifest", change(func(r *Repository, m *v1.Manifest) {
			m.Annotations = map[string]string{"a": strings.Repeat("a", 5<<20)}
		}), "is larger than 4 MiB"},
		{"no layers", change(func(r *Repository, m *v1.Manifest) { m.Layers = nil }), "no web root"},
	}
}
