package image

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/mayfly-dev/mayfly/release"
)

// layerReader reads one layer.
type layerReader struct {
	layer  release.Layer
	blob   *blob
	meter  *meter
	stream *ahead
}

// walkLayer reads a layer and calls visit for each entry of its tar, with its
// index. At most bytes may come out of it. What visit leaves of an entry is
// skipped, but still read.
//
// It returns nil only if the layer was read to its end and is what its digest
// says; nothing that visit has seen may be believed before. It returns the
// size of the tar. An error of visit ends the walk and is returned as it is, but
// for the layer's name in the reason why an entry is refused.
func walkLayer(ctx context.Context, source Source, layer release.Layer, limits release.Limits, bytes int64, visit func(int, *tar.Header, io.Reader) error) (unpacked int64, err error) {
	ctx, cancel := context.WithCancel(ctx)
	r := &layerReader{layer: layer, blob: newBlob(ctx, source, layer)}
	defer r.blob.close()
	packed := bufio.NewReaderSize(r.blob, 64<<10)
	r.meter = &meter{blob: r.blob, limits: limits}
	tarball, err := unpack(packed)
	if err != nil {
		cancel()
		return 0, r.fault("", r.meter.fault(err))
	}
	defer tarball.Close()  //nolint:errcheck // only read
	const header = 4 << 10 // what an entry may take beside its content
	r.meter.reader, r.meter.most = tarball, bytes+int64(limits.Entries)*entriesPerSite*header
	r.stream = newAhead(r.meter, layer.Size)
	defer r.stream.close()
	defer cancel() // first of all: what is read ahead waits no longer
	if err := r.entries(visit); err != nil {
		return 0, inLayer(err, layer)
	}
	// Behind the end of a tar may be anything; programs that run images do not
	// look at it. But the digest is over all of it.
	if _, err := io.Copy(io.Discard, r.stream); err != nil {
		return 0, r.fault("", err)
	}
	r.stream.done.Wait()
	if _, err := io.Copy(io.Discard, packed); err != nil {
		return 0, r.fault("", r.meter.fault(err))
	}
	return r.meter.out, nil
}

func (r *layerReader) entries(visit func(int, *tar.Header, io.Reader) error) error {
	reader := tar.NewReader(r.stream)
	for at := 0; ; at++ {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return r.fault("", err)
		}
		if err := visit(at, header, &entryReader{layer: r, name: header.Name, reader: reader}); err != nil {
			return err
		}
	}
}

// fault names an error of reading: one that came with the layer's bytes, or
// else a tar that is damaged.
func (r *layerReader) fault(name string, err error) error {
	var content *release.ContentError
	var origin *originError
	switch {
	case errors.As(err, &content):
		return err
	case errors.As(err, &origin):
		return origin.error
	case name == "":
		return refuse("", "layer %s is damaged: %v", short(r.layer.Digest), err)
	default:
		return refuse(name, "is damaged: %v", err)
	}
}

// entryReader is one entry's content; its errors name the entry.
type entryReader struct {
	layer  *layerReader
	name   string
	reader io.Reader
}

func (r *entryReader) Read(p []byte) (int, error) {
	n, err := r.reader.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // a reader's end is io.EOF itself
		err = r.layer.fault(r.name, err)
	}
	return n, err
}

// inLayer says in which layer a name was refused.
func inLayer(err error, layer release.Layer) error {
	var content *release.ContentError
	if errors.As(err, &content) && content.Entry != "" {
		return &release.ContentError{Entry: content.Entry, Rule: fmt.Sprintf("of layer %s %s", short(layer.Digest), content.Rule)}
	}
	return err
}
