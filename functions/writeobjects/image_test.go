package writeobjects_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/writeobjects"
	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/image"
	"github.com/mayfly-dev/mayfly/release/image/imagetest"
	"github.com/mayfly-dev/mayfly/release/releasetest"
	"github.com/mayfly-dev/mayfly/release/s3store"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// images has one repository.
type images struct{ kept imagetest.Repository }

func (i *images) Repository(string, string) image.Source { return &i.kept }

// pushed inspects an image and keeps the plan that writes all of it, as the
// step before does.
func pushed(t testing.TB, client *sink, all *images, digest string) (*releasetest.Store, events.ReleaseFlow) {
	t.Helper()
	site, err := image.Inspect(t.Context(), &all.kept, s3store.Layers{Client: client, Bucket: uploads}, digest, release.DefaultLimits(), "index.html")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := release.PlanFiles(site.Files, nil, func(func(release.Listed, error) bool) {})
	if err != nil {
		t.Fatal(err)
	}
	source := events.ReleaseSource{Kind: events.SourceImage, Repository: "shop", Digest: digest}
	plan.PlanHeader = release.PlanHeader{SandboxID: "id", Release: "r", Source: source, Bucket: "site", Layers: site.Layers}
	if err := s3store.PutPlan(t.Context(), client, uploads, plan); err != nil {
		t.Fatal(err)
	}
	store := releasetest.NewStore(sandbox.Sandbox{ID: "id", Name: "shop", Phase: sandbox.PhaseUpdating, ActiveRelease: "r"})
	return store, events.ReleaseFlow{
		Sandbox: events.Sandbox{ID: "id", Name: "shop"}, Release: events.Release{ID: "r", Source: source},
		Plan: &events.ReleasePlan{Bucket: uploads, Key: release.PlanKey("id", "r"), Changed: true},
	}
}

// writeAll inspects an image, and writes both passes of an image's site to nowhere.
func writeAll(t testing.TB, all *images, digest string) (written int64) {
	t.Helper()
	client := &sink{S3: &releasetest.S3{}}
	client.CreateBucket(uploads)
	client.CreateBucket(site)
	store, flow := pushed(t, client, all, digest)
	step := writeobjects.New(client, all, store, release.DefaultLimits(), time.Now)
	for _, pass := range []events.Pass{events.PassAssets, events.PassPages} {
		out, err := step.Handle(t.Context(), events.Write{Pass: pass, Flow: flow})
		if err != nil || !out.Done {
			t.Fatalf("%+v, %v", out, err)
		}
		written += out.Bytes
	}
	return written
}

// BenchmarkImagePeakMemory inspects and writes images that could take much
// memory, and reports how much the process had at most.
func BenchmarkImagePeakMemory(b *testing.B) {
	for name, push := range map[string]func(*images) string{"1GiB": pushLarge, "200kEntries": pushMany} {
		b.Run(name, func(b *testing.B) {
			var all images
			digest := push(&all)
			for b.Loop() {
				debug.FreeOSMemory()
				if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
					b.Skip("no peak to be had: ", err)
				}
				b.SetBytes(writeAll(b, &all, digest))
				b.ReportMetric(peak(b), "MiB-peak")
			}
		})
	}
}

// pushLarge makes an image of 1 GiB, packed, which is made as it is read.
func pushLarge(all *images) string {
	const root = "usr/share/nginx/html/"
	content := make([]byte, 1<<20)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(content)
	packed := imagetest.Gzip(content)
	m := v1.Manifest{SchemaVersion: 2, MediaType: types.OCIManifestSchema1, Config: all.kept.PutConfig(nil)}
	for layer := range 2 {
		segments := imagetest.LargeFile("var/large.bin", content, packed, 200)
		segments = append(segments, imagetest.LargeFile(fmt.Sprintf("%slarge%d.bin", root, layer), content, packed, 112)...)
		for i := range 200 {
			segments = append(segments, imagetest.LargeFile(fmt.Sprintf("%s%d/%03d.bin", root, layer, i), content, packed, 1)...)
		}
		end := imagetest.Tar(imagetest.File(root+"index.html", "home"))
		m.Layers = append(m.Layers, all.kept.PutLarge(types.OCILayer, append(segments, imagetest.Segment{Data: imagetest.Gzip(end), Times: 1})...))
	}
	return all.kept.PutManifest(m.MediaType, m).Digest.String()
}

// pushMany makes an image of almost as many entries as one may have.
func pushMany(all *images) string {
	entries := []imagetest.Entry{imagetest.File("srv/index.html", "home")}
	for i := range 199_000 {
		entries = append(entries, imagetest.File(fmt.Sprintf("usr/lib/node_modules/package-%d/dist/long/name/file-%d.js", i/50, i), fmt.Sprint(i)))
	}
	return all.kept.Put(nil, imagetest.Gzip(imagetest.Tar(entries...)))
}

// peak is the most memory that the process had, in MiB.
func peak(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	var kib float64
	for line := range strings.Lines(string(status)) {
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kib); err == nil {
			return kib / 1024
		}
	}
	b.Fatal("no VmHWM")
	return 0
}

// BenchmarkLayerThroughput brings a layer of text from the registry to writes,
// which goes through it three times, and unpacks the same layer by tar, which
// goes through it once, by turns.
func BenchmarkLayerThroughput(b *testing.B) {
	layer := imagetest.Gzip(imagetest.Tar(text(5000, 50<<10)...))
	var all images
	digest := all.kept.Put(nil, layer)
	name := b.TempDir() + "/layer.tar.gz"
	if err := os.WriteFile(name, layer, 0o600); err != nil {
		b.Fatal(err)
	}
	var ours, tars time.Duration
	var bytes int64
	for b.Loop() {
		start := time.Now()
		bytes = writeAll(b, &all, digest)
		ours += time.Since(start)
		to := b.TempDir()
		start = time.Now()
		if out, err := exec.CommandContext(b.Context(), "tar", "xzf", name, "-C", to).CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		tars += time.Since(start)
		if err := os.RemoveAll(to); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(bytes)
	b.ReportMetric(float64(bytes)*float64(b.N)/tars.Seconds()/1e6, "tar-MB/s")
	b.ReportMetric(float64(bytes)*float64(b.N)/ours.Seconds()/1e6, "own-MB/s")
	b.ReportMetric(tars.Seconds()/ours.Seconds(), "own/tar")
}

// text is a site of files of words, a tenth of them pages.
func text(files, size int) []imagetest.Entry {
	random := rand.New(rand.NewPCG(1, 2))
	var words []string
	for range 5000 {
		word := make([]byte, 2+random.IntN(9))
		for i := range word {
			word[i] = 'a' + byte(random.IntN(26))
		}
		words = append(words, string(word))
	}
	entries := []imagetest.Entry{imagetest.File("srv/index.html", "home")}
	for i := range files {
		var content bytes.Buffer
		for content.Len() < size {
			content.WriteString(words[int(random.ExpFloat64()*600)%len(words)])
			content.WriteByte(' ')
		}
		name := fmt.Sprintf("srv/%02d/%04d.js", i%50, i)
		if i%10 == 0 {
			name = fmt.Sprintf("srv/%02d/%04d.html", i%50, i)
		}
		entries = append(entries, imagetest.File(name, content.String()))
	}
	return entries
}
