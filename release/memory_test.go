package release_test

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"runtime/metrics"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/mayfly-dev/mayfly/release"
)

// gigabytes is a .tar.gz of index.html and of one file of zeros, made without
// holding it: its zeros are one gzip member, again and again.
func gigabytes(members int) release.Archive {
	const member = 16 << 20
	var head bytes.Buffer
	w := gzip.NewWriter(&head)
	archive := tar.NewWriter(w)
	must(archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "index.html", Mode: 0o644}))
	must(archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "zeros.bin", Size: int64(members) * member, Mode: 0o644, Format: tar.FormatGNU}))
	must(w.Close())
	zeros, end := packed(make([]byte, member)), packed(make([]byte, 1024))
	open := func(context.Context) (io.ReadCloser, error) {
		readers := []io.Reader{bytes.NewReader(head.Bytes())}
		for range members {
			readers = append(readers, bytes.NewReader(zeros))
		}
		return io.NopCloser(io.MultiReader(append(readers, bytes.NewReader(end))...)), nil
	}
	return release.Archive{Size: int64(head.Len() + members*len(zeros) + len(end)), Stream: open}
}

// heap returns the bytes of heap that are in use or not yet swept.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64() + sample[1].Value.Uint64()
}

func TestTwoGigabytesStreamThroughALittleMemory(t *testing.T) {
	const members = 128
	limits := release.DefaultLimits()
	limits.Ratio = 2000
	archive := gigabytes(members)
	runtime.GC()
	before, most := heap(), uint64(0)
	var total int64
	buffer := make([]byte, 64<<10)
	err := release.Walk(t.Context(), archive, limits, func(_ release.File, content io.Reader) error {
		for {
			n, err := content.Read(buffer)
			if total += int64(n); total%(16<<20) < int64(n) {
				most = max(most, heap())
			}
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
		}
	})
	if err != nil || total != int64(members)*(16<<20) {
		t.Fatalf("%d bytes, %v", total, err)
	}
	const bound = 16 << 20
	t.Logf("%d MiB streamed, heap grew by %d KiB at most", total>>20, (most-min(most, before))>>10)
	if most > before+bound {
		t.Errorf("heap grew from %d to %d KiB", before>>10, most>>10)
	}
}

func TestABombIsStoppedBeforeItUnpacks(t *testing.T) {
	read := 0
	archive := gigabytes(128)
	open := archive.Stream
	archive.Stream = func(ctx context.Context) (io.ReadCloser, error) {
		body, err := open(ctx)
		return io.NopCloser(io.TeeReader(body, counter{&read})), err
	}
	runtime.GC()
	before := heap()
	_, err := release.Inspect(t.Context(), archive, release.DefaultLimits(), "index.html")
	var refused *release.ContentError
	if !errors.As(err, &refused) || refused.Entry != "zeros.bin" {
		t.Fatal(err)
	}
	if int64(read) > archive.Size/10 {
		t.Errorf("%d of %d bytes were read", read, archive.Size)
	}
	if after := heap(); after > before+16<<20 {
		t.Errorf("heap grew from %d to %d KiB", before>>10, after>>10)
	}
}

type counter struct{ n *int }

func (c counter) Write(p []byte) (int, error) { *c.n += len(p); return len(p), nil }

func BenchmarkInspect(b *testing.B) {
	for name, data := range map[string][]byte{"1 MiB files": noise(32), "1 KiB files": func() []byte {
		headers := []tar.Header{index()}
		for _, h := range many(5000) {
			h.Size = 1 << 10
			headers = append(headers, h)
		}
		return tarOf(headers...)
	}()} {
		b.Run(name, func(b *testing.B) {
			limits := release.DefaultLimits()
			limits.Ratio = 10_000
			var total int64
			var d release.Digester
			for b.Loop() {
				err := release.Walk(b.Context(), archiveOf(data), limits, func(f release.File, content io.Reader) error {
					total += f.Size
					_, err := d.Read(content, f.Size)
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(total / int64(b.N))
		})
	}
}
