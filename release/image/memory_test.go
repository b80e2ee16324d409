package image_test

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"

	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/image"
	"github.com/mayfly-dev/mayfly/release/image/imagetest"
)

// peak looks at the heap while something is read, and returns by how much it
// grew at most.
func peak(read func(look func())) int64 {
	runtime.GC()
	runtime.GC()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
	var most atomic.Int64
	look := func() {
		metrics.Read(sample)
		most.Store(max(most.Load(), int64(sample[0].Value.Uint64()+sample[1].Value.Uint64())))
	}
	look()
	before := most.Load()
	read(look)
	return most.Load() - before
}

func TestAnImageOfHundredsOfMegabytesStreamsThroughALittleMemory(t *testing.T) {
	content := []byte(noise(1 << 20))
	packed := imagetest.Gzip(content)
	var r imagetest.Repository
	m := manifestOf(&r)
	for layer := range 2 {
		segments := imagetest.LargeFile("var/large.bin", content, packed, 32)
		for i := range 32 {
			segments = append(segments, imagetest.LargeFile(fmt.Sprintf("%s%d/%02d.bin", at, layer, i), content, packed, 1)...)
		}
		segments = append(segments, imagetest.Segment{Data: imagetest.Gzip(imagetest.Tar(page("home"))), Times: 1})
		m.Layers = append(m.Layers, r.PutLarge(types.OCILayer, segments...))
	}
	digest := put(&r, m).Digest.String()
	var looks int
	grown := peak(func(look func()) {
		r.Wrap = func(_ string, body io.Reader) io.Reader {
			return readerFunc(func(p []byte) (int, error) {
				if looks++; looks%64 == 0 {
					look()
				}
				return body.Read(p)
			})
		}
		site, err := image.Inspect(t.Context(), &r, &imagetest.Cache{}, digest, release.DefaultLimits(), "index.html")
		if err != nil || len(site.Files) != 65 {
			t.Fatalf("%d files, %v", len(site.Files), err)
		}
	})
	t.Logf("%d MiB of layers, heap grew by %d KiB at most", (m.Layers[0].Size+m.Layers[1].Size)>>20, grown>>10)
	if grown > 16<<20 {
		t.Errorf("heap grew by %d KiB", grown>>10)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// endless is a layer of more entries than any may have, made as it is read.
type endless struct {
	*imagetest.Repository
	layer string
	entry func(i int) entry
	look  func()
	done  sync.WaitGroup
}

func (e *endless) Blob(ctx context.Context, digest string, offset int64) (io.ReadCloser, error) {
	if digest != e.layer {
		return e.Repository.Blob(ctx, digest, offset)
	}
	reader, writer := io.Pipe()
	e.done.Go(func() {
		packed, _ := gzip.NewWriterLevel(writer, gzip.BestSpeed)
		entries := tar.NewWriter(packed)
		for i := range 1_000_000 {
			header := e.entry(i)
			if err := entries.WriteHeader(&header.Header); err != nil {
				break
			}
			if i%10_000 == 0 {
				e.look()
			}
		}
		_ = writer.CloseWithError(io.ErrUnexpectedEOF)
	})
	return reader, nil
}

func TestAMillionEntriesAreRefusedInALittleMemory(t *testing.T) {
	for _, c := range []struct {
		name, want string
		entry      func(i int) entry
	}{
		{"files", "more than 200000 entries", func(i int) entry {
			return add(fmt.Sprintf("usr/lib/node_modules/package-%d/dist/file-%d.js", i/50, i), "")
		}},
		{"long names", "names in the image's layers are longer than 16 MiB", func(i int) entry { return add(fmt.Sprintf("%d/", i)+strings.Repeat("n", 4000), "") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			var r imagetest.Repository
			m := manifestOf(&r, siteOf("home"))
			m.Layers = append(m.Layers, v1.Descriptor{MediaType: types.OCILayer, Size: 1 << 40, Digest: v1.Hash{Algorithm: "sha256", Hex: strings.Repeat("1", 64)}})
			source := &endless{Repository: &r, layer: m.Layers[1].Digest.String(), entry: c.entry}
			grown := peak(func(look func()) {
				source.look = look
				_, err := image.Inspect(t.Context(), source, &imagetest.Cache{}, put(&r, m).Digest.String(), release.DefaultLimits(), "index.html")
				var refused *release.ContentError
				if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v", err)
				}
			})
			source.done.Wait()
			t.Logf("heap grew by %d MiB at most", grown>>20)
			if grown > 96<<20 {
				t.Errorf("heap grew by %d MiB", grown>>20)
			}
		})
	}
}
