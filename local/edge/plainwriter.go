package edge

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
)

// plainWriter is the http.ResponseWriter of one request without a body on a
// connection of our own. A body of unknown length is sent in chunks.
type plainWriter struct {
	out    *bufio.Writer
	header http.Header
	method string
	last   bool // say that the connection closes
	edge   *Edge

	wrote bool
	bare  bool           // no body may follow
	chunk io.WriteCloser // nil: the length is known
}

func newPlainWriter(conn net.Conn, method string, last bool, e *Edge) *plainWriter {
	return &plainWriter{out: bufio.NewWriterSize(conn, 16<<10), header: http.Header{}, method: method, last: last, edge: e}
}

// Header returns the headers to send.
func (w *plainWriter) Header() http.Header { return w.header }

// WriteHeader sends the status and headers; only the first call counts.
func (w *plainWriter) WriteHeader(status int) {
	if w.wrote {
		return
	}
	w.wrote = true
	none := status < 200 || status == http.StatusNoContent || status == http.StatusNotModified
	w.bare = none || w.method == http.MethodHead
	if none {
		w.header.Del("Content-Length")
	}
	if w.header.Get("Date") == "" {
		w.header.Set("Date", w.edge.options.Clock().UTC().Format(http.TimeFormat))
	}
	if w.last {
		w.header.Set("Connection", "close")
	}
	if !w.bare && w.header.Get("Content-Length") == "" {
		w.header.Set("Transfer-Encoding", "chunked")
		w.chunk = httputil.NewChunkedWriter(w.out)
	}
	// errors stay with the bufio.Writer until finish
	_, _ = fmt.Fprintf(w.out, "HTTP/1.1 %03d %s\r\n", status, http.StatusText(status))
	_ = w.header.Write(w.out)
	_, _ = w.out.WriteString("\r\n")
}

// Write sends a part of the body.
func (w *plainWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	switch {
	case w.bare:
		return 0, http.ErrBodyNotAllowed
	case w.chunk != nil:
		return w.chunk.Write(p)
	}
	return w.out.Write(p)
}

// finish sends what is left.
func (w *plainWriter) finish() error {
	w.WriteHeader(http.StatusOK)
	if w.chunk != nil {
		if err := w.chunk.Close(); err != nil {
			return err
		}
		if _, err := w.out.WriteString("\r\n"); err != nil { // no trailers
			return err
		}
	}
	return w.out.Flush()
}
