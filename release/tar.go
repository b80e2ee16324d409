package release

import (
	"archive/tar"
	"errors"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// tarGzip reads a .tar.gz.
func (w *walk) tarGzip(packed io.Reader) error {
	unzip, err := gzip.NewReader(packed)
	if err != nil {
		return w.fault("", err)
	}
	metered := &meter{walk: w, reader: unzip}
	reader := tar.NewReader(metered)
	for {
		header, err := reader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return w.fault("", err)
		}
		if err := w.tarEntry(header, reader); err != nil {
			return err
		}
	}
	w.current = ""
	if err := w.tail(metered); err != nil {
		return err
	}
	return w.finish()
}

func (w *walk) tarEntry(header *tar.Header, content io.Reader) error {
	if header.Typeflag == tar.TypeXGlobalHeader {
		return w.count() // git archive writes one; it holds no content
	}
	path, err := w.admit(header.Name, header.Typeflag == tar.TypeDir, tarKind(header))
	if err != nil || path == "" {
		// What is skipped is unpacked all the same, and counts.
		if err == nil {
			err = w.measure(header.Name, header.Size)
		}
		return err
	}
	return w.file(header.Name, path, header.Size, content)
}

// tail reads what follows the end of the tar: padding, and the gzip checksum.
// Programs disagree about anything else there, so it is refused.
func (w *walk) tail(rest io.Reader) error {
	buffer := make([]byte, 32<<10)
	for {
		n, err := rest.Read(buffer)
		for _, b := range buffer[:n] {
			if b != 0 {
				return refuse("", "the archive goes on after its end")
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return w.fault("", err)
		}
	}
}

// tarKind names an entry that is neither a file nor a folder.
func tarKind(header *tar.Header) string {
	for key := range header.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return "a sparse file"
		}
	}
	switch header.Typeflag {
	case tar.TypeReg, tar.TypeDir:
		return ""
	case tar.TypeSymlink:
		return "a symbolic link"
	case tar.TypeLink:
		return "a hard link"
	case tar.TypeChar, tar.TypeBlock:
		return "a device"
	case tar.TypeFifo:
		return "a named pipe"
	case tar.TypeGNUSparse:
		return "a sparse file"
	default:
		return "of an unknown kind"
	}
}
