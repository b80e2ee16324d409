package e2e_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	registry "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

func (c *cloud) ecr() *ecr.Client { return ecr.NewFromConfig(c.aws()) }

// login returns what a container client needs for the registry, as docker does
// after `aws ecr get-login-password | docker login`.
func (c *cloud) login(t testing.TB) []remote.Option {
	t.Helper()
	options, err := login(t.Context(), c.ecr())
	if err != nil {
		t.Fatal(err)
	}
	return options
}

func login(ctx context.Context, client *ecr.Client) ([]remote.Option, error) {
	out, err := client.GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return nil, err
	}
	token, err := base64.StdEncoding.DecodeString(*out.AuthorizationData[0].AuthorizationToken)
	if err != nil {
		return nil, err
	}
	user, password, _ := strings.Cut(string(token), ":")
	return []remote.Option{
		remote.WithAuth(&authn.Basic{Username: user, Password: password}), remote.WithContext(ctx), remote.WithTransport(&http.Transport{}),
	}, nil
}

// reference returns URI:TAG, or URI@DIGEST.
func reference(t testing.TB, uri, which string) name.Reference {
	t.Helper()
	separator := ":"
	if strings.HasPrefix(which, "sha256:") {
		separator = "@"
	}
	ref, err := name.ParseReference(uri+separator+which, name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

// imageOf returns an image from scratch with a folder's files as its web root,
// as `COPY . /srv` makes it.
func imageOf(t testing.TB, files fs.FS) registry.Image {
	t.Helper()
	image, err := mutate.AppendLayers(empty.Image, layerOf(t, files))
	if err != nil {
		t.Fatal(err)
	}
	if image, err = mutate.Config(image, registry.Config{Labels: map[string]string{"mayfly.web-root": "/srv"}}); err != nil {
		t.Fatal(err)
	}
	return image
}

func layerOf(t testing.TB, files fs.FS) registry.Layer {
	t.Helper()
	var content bytes.Buffer
	out := tar.NewWriter(&content)
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		return errors.Join(out.WriteHeader(&tar.Header{Name: "srv/" + path, Mode: 0o644, Size: int64(len(text))}), write(out, text))
	})
	if err := errors.Join(err, out.Close()); err != nil {
		t.Fatal(err)
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content.Bytes())), nil })
	if err != nil {
		t.Fatal(err)
	}
	return layer
}

func write(to io.Writer, text []byte) error {
	_, err := to.Write(text)
	return err
}

// push pushes an image and returns its digest.
func (c *cloud) push(t testing.TB, uri, tag string, image registry.Image) string {
	t.Helper()
	if err := remote.Write(reference(t, uri, tag), image, c.login(t)...); err != nil {
		t.Fatal(err)
	}
	digest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return digest.String()
}

// becomes waits until a page has a text.
func (c *cloud) becomes(t testing.TB, address, want string) {
	t.Helper()
	eventually(t, address+" shows "+want, func() (bool, error) {
		_, header, body := c.get(t, address)
		return strings.Contains(body, want), fmt.Errorf("%.100q (%s)", body, header.Get("X-Cache"))
	})
}
