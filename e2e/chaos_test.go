package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local"
	"github.com/mayfly-dev/mayfly/local/bus"
)

// pushes is how many images are pushed to each of 20 repositories; with 50 it
// is a thousand in all.
var pushes = flag.Int("pushes", 5, "images that are pushed to each of 20 repositories")

// TestManyPushesWhoseEventsGoAstray: events come twice, late, in another order
// or never. Each repository ends on its last pushed image all the same, and
// none is deployed twice.
func TestManyPushesWhoseEventsGoAstray(t *testing.T) {
	const repositories = 20
	c := start(t, func(config *local.Config) { config.Reconcile = 2 * time.Second })
	c.events.SetChaos(bus.Chaos{Seed: 1, Duplicate: 0.2, Lose: 0.2, Reorder: 0.2, Delay: 2 * time.Second})
	login := c.login(t)
	last := make([]string, repositories)
	var all sync.WaitGroup
	for i := range repositories {
		name := fmt.Sprintf("site-%d", i)
		all.Go(func() {
			if err := c.api(t.Context(), "POST", "/v1/sandboxes", events.CreateSandbox{Name: name}, nil); err != nil {
				t.Error(err)
				return
			}
			uri := c.await(t, name, events.PhaseReady).RepositoryURI
			for n := range *pushes {
				image := imageOf(t, fstest.MapFS{"index.html": page(fmt.Sprintf("<h1>%s %d</h1>", name, n))})
				tag := "latest"
				if n%3 == 0 {
					tag = fmt.Sprintf("v%d", n)
				}
				if err := remote.Write(reference(t, uri, tag), image, login...); err != nil {
					t.Error(err)
					return
				}
				if digest, err := image.Digest(); err == nil {
					last[i] = digest.String()
				}
			}
		})
	}
	all.Wait()
	deploys := 0
	for i := range repositories {
		name := fmt.Sprintf("site-%d", i)
		var box events.SandboxState
		eventually(t, name+" shows its last image", func() (bool, error) {
			box = events.SandboxState{}
			err := c.api(context.WithoutCancel(t.Context()), "GET", "/v1/sandboxes/"+name, nil, &box)
			return box.LiveImage.Digest == last[i] && box.ActiveRelease == "", fmt.Errorf("%w: live is %+v, under way %q, want %s", err, box.LiveImage, box.ActiveRelease, last[i])
		})
		c.becomes(t, box.URL, fmt.Sprintf("<h1>%s %d</h1>", name, *pushes-1))
		deploys += c.deployedOnce(t, name)
	}
	t.Logf("%d pushes, %d deploys", repositories**pushes, deploys)
}

// deployedOnce fails the test if a release runs, or an image was deployed
// twice. It returns how many were.
func (c *cloud) deployedOnce(t *testing.T, name string) int {
	t.Helper()
	var page events.ReleasePage
	if err := c.api(t.Context(), "GET", "/v1/sandboxes/"+name+"/releases?limit=1000", nil, &page); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, r := range page.Releases {
		switch {
		case r.Status == "live":
			seen[r.Image.Digest]++
		case r.Failure.Error != "ReleaseRefused": // which never began
			t.Errorf("%s: release %s of %s is %s: %+v", name, r.ID, r.Image.Digest, r.Status, r.Failure)
		}
		if seen[r.Image.Digest] > 1 {
			t.Errorf("%s: %s was deployed %d times", name, r.Image.Digest, seen[r.Image.Digest])
		}
	}
	return len(seen)
}
