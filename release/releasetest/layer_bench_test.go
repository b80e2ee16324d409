package releasetest_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release/image/imagetest"
)

// BenchmarkLayerToBucket releases an image of one layer: from the registry of
// one machine to the bucket of one machine, each over HTTP, with its digests,
// versions and headers. By turns tar unpacks the same layer to the same disk.
// The layer's files are noise, which does not pack. The first ratio is by the
// clock, the second by the processor's time, which other work on the machine
// changes little.
func BenchmarkLayerToBucket(b *testing.B) {
	for _, s := range []struct{ files, size int }{{5000, 1 << 10}, {1000, 50 << 10}, {100, 1 << 20}} {
		b.Run(fmt.Sprintf("%dx%dKiB", s.files, s.size>>10), func(b *testing.B) { layerToBucket(b, s.files, s.size) })
	}
}

func layerToBucket(b *testing.B, files, size int) {
	noise := imagetest.Noise(size + files)
	entries := []imagetest.Entry{imagetest.File("srv/index.html", "home")}
	for i := range files {
		entries = append(entries, imagetest.File(fmt.Sprintf("srv/%02d/%04d.bin", i%50, i), noise[i:i+size]))
	}
	layer := imagetest.Gzip(imagetest.Tar(entries...))
	var ours, tars spent
	for b.Loop() {
		b.StopTimer()
		w, client, _ := newLocal(b)
		r := w.withRegistry()
		digest := r.publish("v1", imageOf(b, static.NewLayer(layer, types.OCILayer)), imageOf(b))
		w.begin(w.nextID(), events.ReleaseSource{Kind: events.SourceImage, Repository: "shop", Digest: digest})
		b.StartTimer()
		before, start := processor(b), time.Now()
		w.mustRun()
		b.StopTimer()
		ours.add(time.Since(start), processor(b)-before)
		if got := len(read(b, client)); got != files+1 {
			b.Fatalf("%d files, want %d", got, files+1)
		}
		tars.add(untar(b, layer))
		b.StartTimer()
	}
	b.SetBytes(int64(files) * int64(size))
	b.ReportMetric(float64(files)*float64(size)*float64(b.N)/tars.clock.Seconds()/1e6, "tar-MB/s")
	b.ReportMetric(tars.clock.Seconds()/ours.clock.Seconds(), "own/tar")
	b.ReportMetric(tars.processor.Seconds()/ours.processor.Seconds(), "own/tar-cpu")
}

// spent is how long something took, by the clock and by the processor.
type spent struct{ clock, processor time.Duration }

func (s *spent) add(clock, processor time.Duration) {
	s.clock += clock
	s.processor += processor
}

// processor returns how long this process was at work on all cores: the client's
// side, and both services'.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// untar returns how long tar takes to unpack a layer to a new folder.
func untar(b *testing.B, layer []byte) (clock, processor time.Duration) {
	b.Helper()
	dir := b.TempDir()
	name, to := filepath.Join(dir, "layer.tar.gz"), filepath.Join(dir, "to")
	must(b, os.WriteFile(name, layer, 0o600))
	must(b, os.Mkdir(to, 0o700))
	start := time.Now()
	cmd := exec.CommandContext(b.Context(), "tar", "xzf", name, "-C", to)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	// With those that it started: gzip.
	return time.Since(start), cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}
