package image_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/image"
	"github.com/mayfly-dev/mayfly/release/image/imagetest"
)

// siteOf is a layer whose index page says who it is for.
func siteOf(who string) []byte { return imagetest.Gzip(imagetest.Tar(page(who))) }

// manifestOf keeps what an image is made of, and returns its manifest.
func manifestOf(r *imagetest.Repository, layers ...[]byte) v1.Manifest {
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1, Config: r.PutConfig(nil)}
	for _, layer := range layers {
		m.Layers = append(m.Layers, r.PutBlob(types.OCILayer, layer))
	}
	return m
}

// on is a descriptor for a platform.
func on(d v1.Descriptor, os, arch string) v1.Descriptor {
	d.Platform = &v1.Platform{OS: os, Architecture: arch}
	return d
}

func put(r *imagetest.Repository, m v1.Manifest) v1.Descriptor { return r.PutManifest(m.MediaType, m) }

func index(r *imagetest.Repository, manifests ...v1.Descriptor) v1.Descriptor {
	return r.PutManifest(types.OCIImageIndex, v1.IndexManifest{SchemaVersion: 2, MediaType: types.OCIImageIndex, Manifests: manifests})
}

func TestOfAnIndexTheImageForLinuxIsTaken(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(r *imagetest.Repository) v1.Descriptor
	}{
		{"a manifest alone", func(r *imagetest.Repository) v1.Descriptor { return put(r, manifestOf(r, siteOf("right"))) }},
		{"linux/amd64 behind others", func(r *imagetest.Repository) v1.Descriptor {
			return index(r, on(put(r, manifestOf(r, siteOf("arm"))), "linux", "arm64"), on(put(r, manifestOf(r, siteOf("windows"))), "windows", "amd64"), on(put(r, manifestOf(r, siteOf("right"))), "linux", "amd64"))
		}},
		{"the first, without linux/amd64", func(r *imagetest.Repository) v1.Descriptor {
			return index(r, on(put(r, manifestOf(r, siteOf("right"))), "linux", "arm64"), on(put(r, manifestOf(r, siteOf("riscv"))), "linux", "riscv64"))
		}},
		{"the first, without platforms", func(r *imagetest.Repository) v1.Descriptor {
			return index(r, put(r, manifestOf(r, siteOf("right"))), put(r, manifestOf(r, siteOf("second"))))
		}},
		{"beside an attestation", func(r *imagetest.Repository) v1.Descriptor {
			return index(r, on(put(r, manifestOf(r, []byte("{}"))), "unknown", "unknown"), on(put(r, manifestOf(r, siteOf("right"))), "linux", "arm64"))
		}},
		{"beside an artifact", func(r *imagetest.Repository) v1.Descriptor {
			sbom := put(r, manifestOf(r, []byte("{}")))
			sbom.ArtifactType = "application/spdx+json"
			return index(r, sbom, put(r, manifestOf(r, siteOf("right"))))
		}},
		{"an image whose kind of artifact is an image", func(r *imagetest.Repository) v1.Descriptor {
			d := put(r, manifestOf(r, siteOf("right")))
			d.ArtifactType = string(types.OCIConfigJSON)
			return index(r, d)
		}},
		{"beside what is no manifest", func(r *imagetest.Repository) v1.Descriptor {
			return index(r, r.PutBlob("text/plain", []byte("hello")), put(r, manifestOf(r, siteOf("right"))))
		}},
		{"an index in an index", func(r *imagetest.Repository) v1.Descriptor {
			return index(r, index(r, on(put(r, manifestOf(r, siteOf("right"))), "linux", "amd64")))
		}},
		{"Docker's list and manifest", func(r *imagetest.Repository) v1.Descriptor {
			m := manifestOf(r, siteOf("right"))
			m.MediaType, m.Config.MediaType, m.Layers[0].MediaType = types.DockerManifestSchema2, types.DockerConfigJSON, types.DockerLayer
			list := v1.IndexManifest{SchemaVersion: 2, MediaType: types.DockerManifestList, Manifests: []v1.Descriptor{on(put(r, m), "linux", "amd64")}}
			return r.PutManifest(types.DockerManifestList, list)
		}},
		{"a manifest that does not say its type", func(r *imagetest.Repository) v1.Descriptor {
			m := manifestOf(r, siteOf("right"))
			m.MediaType = ""
			return r.PutManifest(types.OCIManifestSchema1, m)
		}},
		{"layers of every type", func(r *imagetest.Repository) v1.Descriptor {
			m := manifestOf(r)
			m.Layers = append(m.Layers, r.PutBlob(types.OCIUncompressedLayer, imagetest.Tar(page("1"))), r.PutBlob(types.OCILayer, imagetest.Gzip(imagetest.Tar(page("2")))),
				r.PutBlob(types.OCILayerZStd, imagetest.Zstd(imagetest.Tar(page("3")))), r.PutBlob(types.DockerLayer, imagetest.Gzip(imagetest.Tar(page("4")))),
				r.PutBlob("application/vnd.docker.image.rootfs.diff.tar.zstd", imagetest.Zstd(imagetest.Tar(page("5")))), r.PutBlob(types.DockerUncompressedLayer, imagetest.Tar(page("right"))))
			return put(r, m)
		}},
		{"a layer that is packed otherwise than it says", func(r *imagetest.Repository) v1.Descriptor {
			m := manifestOf(r)
			m.Layers = append(m.Layers, r.PutBlob(types.OCILayer, imagetest.Zstd(imagetest.Tar(page("right")))), r.PutBlob(types.OCILayerZStd, imagetest.Gzip(imagetest.Tar())), r.PutBlob(types.OCILayer, imagetest.Tar()))
			return put(r, m)
		}},
		{"127 layers", func(r *imagetest.Repository) v1.Descriptor {
			m := manifestOf(r)
			for range 126 {
				m.Layers = append(m.Layers, r.PutBlob(types.OCILayer, siteOf("wrong")))
			}
			m.Layers = append(m.Layers, r.PutBlob(types.OCILayer, siteOf("right")))
			return put(r, m)
		}},
	} {
		var r imagetest.Repository
		got, _, err := show(t, &r, &imagetest.Cache{}, c.make(&r).Digest.String(), small())
		if err != nil || got["index.html"] != "right" || len(got) != 1 {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}

func TestWhatIsNoImageIsRefused(t *testing.T) {
	for _, c := range imagetest.HostileManifests() {
		var r imagetest.Repository
		_, _, err := show(t, &r, &imagetest.Cache{}, c.Put(&r).Digest.String(), small())
		var refused *release.ContentError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.Reason) {
			t.Errorf("%s: %v, not %q", c.Name, err, c.Reason)
		}
	}
}

// forged answers with one manifest whatever is asked for.
type forged struct {
	*imagetest.Repository
	body []byte
}

func (f forged) Manifest(_ context.Context, _ string) (string, []byte, error) {
	return string(types.OCIManifestSchema1), f.body, nil
}

func TestAManifestUnderAForgedDigestIsRefused(t *testing.T) {
	var r imagetest.Repository
	digest := r.Put(nil, siteOf("home"))
	for _, asked := range []string{digest[:len(digest)-1] + "x", "latest", "", "sha256:", "md5:00", imagetest.Digest([]byte("other"))} {
		_, body, err := r.Manifest(t.Context(), digest)
		if err != nil {
			t.Fatal(err)
		}
		_, err = image.Inspect(t.Context(), forged{&r, body}, &imagetest.Cache{}, asked, small(), "index.html")
		var refused *release.ContentError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), "digest") {
			t.Errorf("%q: %v", asked, err)
		}
	}
	if opened := r.Opened(); len(opened) != 0 {
		t.Errorf("opened %q", opened)
	}
}

func TestWhatTheRepositoryDoesNotHaveIsNamed(t *testing.T) {
	var r imagetest.Repository
	digest := r.Put(nil, siteOf("home"))
	r.Replace(imagetest.Digest(siteOf("home")), nil)
	for _, asked := range []string{digest, imagetest.Digest([]byte("none"))} {
		_, err := image.Inspect(t.Context(), &r, &imagetest.Cache{}, asked, small(), "index.html")
		var missing *image.NotFoundError
		if !errors.As(err, &missing) || !strings.Contains(err.Error(), "push the image again") {
			t.Errorf("%q: %v", asked, err)
		}
	}
}
