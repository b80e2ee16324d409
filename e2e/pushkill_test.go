package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/fstest"
	"time"

	registry "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/mayfly-dev/mayfly/events"
)

// pushKills is how many pushes are followed by a kill.
const pushKills = 15

// TestKilledWhilePushesDeploy kills the whole process at random moments between
// a push and its going live: no push is lost, none is deployed twice, and the
// last one is live at the end.
func TestKilledWhilePushesDeploy(t *testing.T) {
	p := newProcess(t)
	p.start(t)
	before := p.cloud.inventory(t)
	box := p.cloud.create(t, events.CreateSandbox{Name: "pushed"})
	image := func(n int) registry.Image {
		return imageOf(t, fstest.MapFS{"index.html": page(fmt.Sprintf("<h1>push %d</h1>", n))})
	}
	began := time.Now()
	p.cloud.push(t, box.RepositoryURI, "v0", image(0))
	p.cloud.becomes(t, box.URL, "<h1>push 0</h1>")
	whole := time.Since(began)

	random := rand.New(rand.NewPCG(2, 2))
	for n := 1; n <= pushKills; n++ {
		done := make(chan error, 1)
		next := image(n)
		go func() {
			done <- persist(t.Context(), func() error { return p.pushOnce(t, box.RepositoryURI, fmt.Sprintf("v%d", n), next) })
		}()
		time.Sleep(time.Duration(random.Int64N(int64(whole))))
		p.kill(t)
		p.start(t)
		if err := <-done; err != nil {
			t.Fatalf("push %d: %v", n, err)
		}
	}
	p.cloud.becomes(t, box.URL, fmt.Sprintf("<h1>push %d</h1>", pushKills))
	p.cloud.await(t, "pushed", events.PhaseReady)
	p.cloud.deployedOnce(t, "pushed")
	if err := p.cloud.api(t.Context(), "DELETE", "/v1/sandboxes/pushed", nil, nil); err != nil {
		t.Fatal(err)
	}
	p.cloud.gone(t, "pushed")
	p.cloud.idle(t)
	if after := p.cloud.inventory(t); fmt.Sprint(before) != fmt.Sprint(after) {
		t.Errorf("left over: before %v, after %v", before, after)
	}
	// A provision, a deploy of each push and a teardown; a push that waited may
	// have been superseded, and became no release.
	p.allSucceeded(t, 1+pushKills+1)
}

// pushOnce logs in and pushes, and fails when nobody answers.
func (p *process) pushOnce(t *testing.T, uri, tag string, image registry.Image) error {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	options, err := login(ctx, p.cloud.ecr())
	if err != nil {
		return err
	}
	return remote.Write(reference(t, uri, tag), image, options...)
}
