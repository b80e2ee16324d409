package image

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/mayfly-dev/mayfly/release"
)

// dockerZstdLayer is what Docker's own media types lack and builders write.
const dockerZstdLayer types.MediaType = "application/vnd.docker.image.rootfs.diff.tar.zstd"

// manifest is what is needed of an image's manifest.
type manifest struct {
	config release.Layer
	// layers are from the top down.
	layers []release.Layer
}

// resolve reads the manifest with a digest, through the indexes before it.
func resolve(ctx context.Context, source Source, digest string) (manifest, error) {
	for range maxNesting {
		kind, body, err := fetch(ctx, source, digest)
		if err != nil {
			return manifest{}, err
		}
		switch {
		case kind.IsImage():
			return parseManifest(digest, body)
		case kind.IsIndex():
			if digest, err = choose(digest, body); err != nil {
				return manifest{}, err
			}
		case kind.IsSchema1():
			return manifest{}, refuse("", "image %s has a manifest of Docker's schema 1; push it again with a client of the last years", short(digest))
		default:
			return manifest{}, refuse("", "%s is not an image: its media type is %q", short(digest), kind)
		}
	}
	return manifest{}, refuse("", "its index names indexes in indexes, more than %d deep", maxNesting)
}

// fetch reads a manifest or an index and compares it with its digest.
func fetch(ctx context.Context, source Source, digest string) (types.MediaType, []byte, error) {
	if _, err := v1.NewHash(digest); err != nil {
		return "", nil, refuse("", "%q is not a digest", digest)
	}
	mediaType, body, err := source.Manifest(ctx, digest)
	if err != nil {
		return "", nil, fmt.Errorf("read manifest %s: %w", digest, err)
	}
	if len(body) > maxManifestBytes {
		return "", nil, refuse("", "the manifest %s is larger than %s", short(digest), showBytes(maxManifestBytes))
	}
	if sum := sha256.Sum256(body); "sha256:"+hex.EncodeToString(sum[:]) != digest {
		return "", nil, refuse("", "the manifest %s has another digest, sha256:%x", short(digest), sum)
	}
	// Two programs may take one text for two things, an index and a manifest;
	// so it may be only one, and what it says of itself must be what the
	// registry says of it.
	var said struct {
		MediaType types.MediaType `json:"mediaType"`
		Layers    json.RawMessage `json:"layers"`
		Config    json.RawMessage `json:"config"`
		Manifests json.RawMessage `json:"manifests"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return "", nil, refuse("", "the manifest %s is damaged: %v", short(digest), err)
	}
	kind := types.MediaType(mediaType)
	if said.MediaType != "" && said.MediaType != kind {
		return "", nil, refuse("", "the manifest %s says that it is %q, and its registry that it is %q", short(digest), said.MediaType, kind)
	}
	if kind.IsIndex() && (said.Layers != nil || said.Config != nil) || kind.IsImage() && said.Manifests != nil {
		return "", nil, refuse("", "the manifest %s is of an image and of an index at once", short(digest))
	}
	return kind, body, nil
}

// choose returns the digest of the manifest that is used of an index: that for
// linux/amd64, or else the first. What is in it for other purposes than to be
// run, as attestations are, is for no platform.
func choose(digest string, body []byte) (string, error) {
	index, err := v1.ParseIndexManifest(bytes.NewReader(body))
	if err != nil {
		return "", refuse("", "the index %s is damaged: %v", short(digest), err)
	}
	usable := slices.DeleteFunc(index.Manifests, func(d v1.Descriptor) bool {
		artifact := d.ArtifactType != "" && !types.MediaType(d.ArtifactType).IsConfig() // some clients name an image's configuration
		return !d.MediaType.IsImage() && !d.MediaType.IsIndex() || artifact ||
			d.Platform != nil && d.Platform.OS == "unknown" && d.Platform.Architecture == "unknown"
	})
	if len(usable) == 0 {
		return "", refuse("", "the index %s names no image", short(digest))
	}
	preferred := slices.IndexFunc(usable, func(d v1.Descriptor) bool {
		return d.Platform != nil && d.Platform.OS == "linux" && d.Platform.Architecture == "amd64"
	})
	return usable[max(preferred, 0)].Digest.String(), nil
}

func parseManifest(digest string, body []byte) (manifest, error) {
	m, err := v1.ParseManifest(bytes.NewReader(body))
	if err != nil {
		return manifest{}, refuse("", "the manifest %s is damaged: %v", short(digest), err)
	}
	if !m.Config.MediaType.IsConfig() {
		return manifest{}, refuse("", "%s is not an image that can be run: its configuration is of the type %q", short(digest), m.Config.MediaType)
	}
	if m.Config.Size < 0 || m.Config.Size > maxConfigBytes {
		return manifest{}, refuse("", "the configuration of image %s is larger than %s", short(digest), showBytes(maxConfigBytes))
	}
	if len(m.Layers) > maxLayers {
		return manifest{}, refuse("", "image %s has %d layers; at most %d can be put over one another", short(digest), len(m.Layers), maxLayers)
	}
	out := manifest{config: layerOf(m.Config)}
	for _, d := range slices.Backward(m.Layers) {
		switch {
		case !d.MediaType.IsLayer() && d.MediaType != dockerZstdLayer:
			return manifest{}, refuse("", "layer %s is of the unknown type %q", short(d.Digest.String()), d.MediaType)
		case !d.MediaType.IsDistributable():
			return manifest{}, refuse("", "layer %s is not kept in the registry (%s)", short(d.Digest.String()), d.MediaType)
		case d.Digest.Algorithm != "sha256":
			return manifest{}, refuse("", "layer %s has a digest by %s; only sha256 is known", short(d.Digest.String()), d.Digest.Algorithm)
		case d.Size < 0:
			return manifest{}, refuse("", "layer %s has the size %d", short(d.Digest.String()), d.Size)
		}
		out.layers = append(out.layers, layerOf(d))
	}
	return out, nil
}

func layerOf(d v1.Descriptor) release.Layer {
	return release.Layer{Digest: d.Digest.String(), Size: d.Size}
}

// labels reads the labels in an image's configuration.
func labels(ctx context.Context, source Source, config release.Layer) (map[string]string, error) {
	blob := newBlob(ctx, source, config)
	defer blob.close()
	body, err := blob.all()
	if err != nil {
		return nil, err
	}
	var file struct {
		Config struct {
			Labels map[string]string
		} `json:"config"`
	}
	if err := json.Unmarshal(body, &file); err != nil {
		return nil, refuse("", "the image's configuration %s is damaged: %v", short(config.Digest), err)
	}
	return file.Config.Labels, nil
}
