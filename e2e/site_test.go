package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release"
)

// create makes a sandbox and waits until it is ready.
func (c *cloud) create(t testing.TB, in events.CreateSandbox) events.SandboxState {
	t.Helper()
	var made events.SandboxState
	if err := c.api(t.Context(), "POST", "/v1/sandboxes", in, &made); err != nil {
		t.Fatal(err)
	}
	return c.await(t, in.Name, "ready")
}

// await waits until a sandbox is in a phase, with no release under way.
func (c *cloud) await(t testing.TB, name string, phase events.Phase) events.SandboxState {
	t.Helper()
	var box events.SandboxState
	eventually(t, "sandbox "+name+" "+string(phase), func() (bool, error) {
		box = events.SandboxState{}
		if err := c.api(context.WithoutCancel(t.Context()), "GET", "/v1/sandboxes/"+name, nil, &box); err != nil {
			return false, err
		}
		return box.Phase == phase && box.ActiveRelease == "", fmt.Errorf("phase %s, step %s, failure %+v", box.Phase, box.Step, box.Failure)
	})
	return box
}

// gone waits until a sandbox is no more.
func (c *cloud) gone(t testing.TB, name string) {
	t.Helper()
	eventually(t, "sandbox "+name+" gone", func() (bool, error) {
		var box events.SandboxState
		err := c.api(context.WithoutCancel(t.Context()), "GET", "/v1/sandboxes/"+name, nil, &box)
		return status(err) == http.StatusNotFound, fmt.Errorf("%w: phase %s, step %s, failure %+v", err, box.Phase, box.Step, box.Failure)
	})
}

// upload packs a folder and uploads it; it returns the upload's id.
func (c *cloud) upload(ctx context.Context, name string, dir fs.FS) (string, error) {
	archive, err := pack(ctx, dir)
	if err != nil {
		return "", err
	}
	return c.uploadArchive(ctx, name, "tar.gz", archive)
}

func pack(ctx context.Context, dir fs.FS) ([]byte, error) {
	var archive bytes.Buffer
	_, err := release.Pack(ctx, dir, "index.html", release.DefaultLimits(), &archive, nil)
	return archive.Bytes(), err
}

func (c *cloud) uploadArchive(ctx context.Context, name, format string, archive []byte) (string, error) {
	var to events.Upload
	if err := c.api(ctx, "POST", "/v1/sandboxes/"+name+"/uploads", events.CreateUpload{Format: format, Size: int64(len(archive))}, &to); err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, to.Method, to.URL, bytes.NewReader(archive))
	if err != nil {
		return "", err
	}
	for name, value := range to.Headers {
		r.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("upload: %s", response.Status)
	}
	return to.ID, nil
}

// release brings a folder to a site, and waits until it is live or failed.
func (c *cloud) release(t testing.TB, name string, dir fs.FS) events.ReleaseState {
	t.Helper()
	id, err := c.upload(t.Context(), name, dir)
	if err != nil {
		t.Fatal(err)
	}
	var started events.ReleaseState
	if err := c.api(t.Context(), "POST", "/v1/sandboxes/"+name+"/releases", events.CreateRelease{Upload: id}, &started); err != nil {
		t.Fatal(err)
	}
	return c.released(t, name, started.ID)
}

// released waits until a release is live or failed.
func (c *cloud) released(t testing.TB, name, id string) events.ReleaseState {
	t.Helper()
	var r events.ReleaseState
	eventually(t, "release "+id, func() (bool, error) {
		r = events.ReleaseState{}
		if err := c.api(context.WithoutCancel(t.Context()), "GET", "/v1/sandboxes/"+name+"/releases/"+id, nil, &r); err != nil {
			return false, err
		}
		return r.Status != "running", errors.New("it is still running")
	})
	return r
}

// wouldChange checks which files would change if a release were live instead of
// the live one, such as "added a, removed b".
func (c *cloud) wouldChange(t testing.TB, name, release, want string) {
	t.Helper()
	var found events.ReleaseChanges
	if err := c.api(t.Context(), "GET", "/v1/sandboxes/"+name+"/releases/"+release+"/changes", nil, &found); err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, f := range found.Changes {
		told = append(told, string(f.Kind)+" "+f.Path)
	}
	if got := strings.Join(told, ", "); got != want {
		t.Errorf("release %s instead of %s: %q, want %q", found.Release.ID, found.From.ID, got, want)
	}
}
