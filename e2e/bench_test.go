package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	registry "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/local"
)

// roomy lets a benchmark make more than an account may have at once. The
// journal is synced, as it is outside of tests.
func roomy(config *local.Config) {
	config.Quotas = local.Quotas{Distributions: 100000, OriginAccessIdentities: 100000, Buckets: 100000}
	config.NoSync = false
	config.Observe = nil
}

// BenchmarkProvision measures from the request to the phase ready, with a
// CloudFront that takes no time to propagate: what is left is Mayfly and the
// local services. A client asks for the phase every look, so a latency is too
// long by up to that.
func BenchmarkProvision(b *testing.B) {
	for _, c := range []struct {
		atOnce int
		look   time.Duration
	}{{1, time.Millisecond}, {16, 10 * time.Millisecond}} {
		b.Run(fmt.Sprint(c.atOnce), func(b *testing.B) { provision(b, c.atOnce, c.look) })
	}
}

func provision(b *testing.B, atOnce int, look time.Duration) {
	c := start(b, roomy)
	c.create(b, events.CreateSandbox{Name: "first"}) // connections, and code that runs the first time
	took := make([]time.Duration, b.N)
	var next atomic.Int64
	var all sync.WaitGroup
	b.ResetTimer()
	for range atOnce {
		all.Go(func() {
			for i := next.Add(1) - 1; i < int64(b.N); i = next.Add(1) - 1 {
				began := time.Now()
				if err := c.ready(b.Context(), fmt.Sprintf("bench-%d", i), look); err != nil {
					b.Error(err)
					return
				}
				took[i] = time.Since(began)
			}
		})
	}
	all.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "provisions/s")
	b.ReportMetric(milliseconds(took[b.N/2]), "p50-ms")
	b.ReportMetric(milliseconds(took[b.N*99/100]), "p99-ms")
}

// ready makes a sandbox and waits until it is ready.
func (c *cloud) ready(ctx context.Context, name string, look time.Duration) error {
	if err := c.api(ctx, http.MethodPost, "/v1/sandboxes", events.CreateSandbox{Name: name}, nil); err != nil {
		return fmt.Errorf("create %s: %w", name, err)
	}
	tick := time.NewTicker(look)
	defer tick.Stop()
	for range tick.C {
		var box events.SandboxState
		if err := c.api(ctx, http.MethodGet, "/v1/sandboxes/"+name, nil, &box); err != nil {
			return fmt.Errorf("look at %s: %w", name, err)
		}
		switch box.Phase {
		case events.PhaseReady:
			return nil
		case events.PhaseFailed:
			return fmt.Errorf("%s: %+v", name, box.Failure)
		}
	}
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// BenchmarkRelease measures a site's first release, from the start of its
// release to live; packing and uploading the archive are not in it.
func BenchmarkRelease(b *testing.B) {
	for _, s := range []struct {
		name        string
		files, size int
	}{{"5000x1KiB", 5000, 1 << 10}, {"400x100KiB", 400, 100 << 10}} {
		b.Run(s.name, func(b *testing.B) {
			c := start(b, roomy)
			dir := noise(s.files, s.size)
			b.StopTimer()
			b.ResetTimer()
			for i := range b.N {
				name := fmt.Sprintf("bench-%d", i)
				c.create(b, events.CreateSandbox{Name: name})
				b.SetBytes(int64(s.files) * int64(s.size))
				c.timedRelease(b, name, dir, s.files)
			}
			b.ReportMetric(float64(s.files*b.N)/b.Elapsed().Seconds(), "files/s")
		})
	}
}

// BenchmarkReleaseOneChange measures a release in which one file of 5,000 has
// changed, and counts the objects that it writes.
func BenchmarkReleaseOneChange(b *testing.B) {
	recorded := &calls{}
	c := start(b, func(config *local.Config) { roomy(config); config.Observe = recorded.add })
	c.calls = recorded
	dir := noise(5000, 1<<10)
	box := c.create(b, events.CreateSandbox{Name: "bench"})
	b.StopTimer()
	c.timedRelease(b, "bench", dir, len(dir))
	b.ResetTimer()
	puts := 0
	for i := range b.N {
		dir["index.html"] = page(fmt.Sprintf("<h1>change %d</h1>", i))
		c.calls.take()
		c.timedRelease(b, "bench", dir, 1)
		puts += c.puts(box.Bucket)
	}
	b.ReportMetric(float64(puts)/float64(b.N), "puts")
	if puts != b.N {
		b.Errorf("%d PUTs for %d changed files", puts, b.N)
	}
}

// BenchmarkPush measures from the end of a push to the moment that its image is
// live: a site of 5,000 files in one layer, and the same with a layer on top in
// which one file has changed. That is the event, the deploy machine, and the
// release machine which reads the layers.
func BenchmarkPush(b *testing.B) {
	c := start(b, roomy)
	login := c.login(b)
	base := imageOf(b, noise(5000, 1<<10))
	b.Run("5000x1KiB", func(b *testing.B) {
		b.StopTimer()
		b.ResetTimer()
		for i := range b.N {
			box := c.create(b, events.CreateSandbox{Name: fmt.Sprintf("whole-%d-%d", b.N, i)})
			c.timedPush(b, box, "v1", base, login)
		}
	})
	b.Run("OneChange", func(b *testing.B) {
		b.StopTimer()
		b.ResetTimer()
		box := c.create(b, events.CreateSandbox{Name: fmt.Sprintf("change-%d", b.N)})
		c.timedPush(b, box, "v0", base, login)
		b.ResetTimer()
		for i := range b.N {
			changed, err := mutate.AppendLayers(base, layerOf(b, fstest.MapFS{"index.html": page(fmt.Sprintf("<h1>change %d of %d</h1>", i, b.N))}))
			if err != nil {
				b.Fatal(err)
			}
			c.timedPush(b, box, fmt.Sprintf("change-%d", i), changed, login)
		}
	})
}

// timedPush pushes an image and, with the timer running, waits until it is
// live.
func (c *cloud) timedPush(b *testing.B, box events.SandboxState, tag string, image registry.Image, login []remote.Option) {
	b.Helper()
	digest, err := image.Digest()
	if err != nil {
		b.Fatal(err)
	}
	if err := remote.Write(reference(b, box.RepositoryURI, tag), image, login...); err != nil {
		b.Fatal(err)
	}
	b.StartTimer()
	defer b.StopTimer()
	eventually(b, tag+" is live", func() (bool, error) {
		var now events.SandboxState
		err := c.api(b.Context(), http.MethodGet, "/v1/sandboxes/"+box.Name, nil, &now)
		return now.LiveImage.Digest == digest.String(), err
	})
}

// timedRelease uploads a folder and, with the timer running, releases it.
func (c *cloud) timedRelease(b *testing.B, name string, dir fstest.MapFS, written int) {
	b.Helper()
	id, err := c.upload(b.Context(), name, dir)
	if err != nil {
		b.Fatal(err)
	}
	b.StartTimer()
	defer b.StopTimer()
	var r events.ReleaseState
	if err := c.api(b.Context(), http.MethodPost, "/v1/sandboxes/"+name+"/releases", events.CreateRelease{Upload: id}, &r); err != nil {
		b.Fatal(err)
	}
	if r = c.released(b, name, r.ID); r.Status != "live" || r.Written != written {
		b.Fatalf("release: %+v", r)
	}
}

// noise is a site whose files are the same in each run and don't compress.
func noise(files, size int) fstest.MapFS {
	from := rand.NewChaCha8([32]byte{})
	dir := make(fstest.MapFS, files)
	for i := range files - 1 {
		content := make([]byte, size)
		_, _ = from.Read(content) // it can't fail
		dir[fmt.Sprintf("assets/%02d/%04d.bin", i%64, i)] = &fstest.MapFile{Data: content}
	}
	dir["index.html"] = page("<h1>first</h1>")
	return dir
}
