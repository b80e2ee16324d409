package edge

import (
	"io"
	"maps"
	"net/http"
	"time"
)

// conditional are the viewer's headers that an origin gets when its answer is
// passed on and not kept.
var conditional = []string{"Range", "If-Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"}

// pass asks the origin and streams its answer: for methods and behaviors
// without a cache, and for objects too large for it.
func (x *exchange) pass() {
	extra := http.Header{}
	for _, name := range conditional {
		if values := x.viewer.header[name]; len(values) > 0 {
			extra[name] = values
		}
	}
	answer, err := x.fetch(x.ctx, x.site, x.behavior, x.viewer, extra)
	if err != nil {
		x.fail(x.unreachable(x.site, x.viewer.path, err))
		return
	}
	defer func() { _ = answer.Body.Close() }() // what was read of it was sent already
	if answer.StatusCode >= 400 {
		bad, err := x.keepable(answer)
		if err != nil {
			bad = x.unreachable(x.site, x.viewer.path, err)
		}
		x.fail(bad)
		return
	}
	h := x.w.Header()
	maps.Copy(h, passedOn(answer.Header))
	if length := answer.Header.Get("Content-Length"); length != "" {
		h.Set("Content-Length", length)
	}
	x.xCache = miss
	x.behavior.headers.apply(h, x.origin, x.viewer.method)
	status := answer.StatusCode
	if x.behavior.viewerResponse != "" {
		changed, body, done := x.runViewerResponse(status, nil)
		if done {
			return
		}
		if status = changed; body != nil {
			h.Del("Content-Length")
			x.head(status)
			x.write(body)
			return
		}
	}
	x.head(status)
	if x.viewer.method == http.MethodHead {
		return
	}
	n, err := io.Copy(x.w, answer.Body)
	x.bytes += n
	if err != nil {
		// the status is sent: only a broken connection tells the viewer
		x.options.Logger.Debug("edge answer ended early", "path", x.viewer.path, "error", err)
		panic(http.ErrAbortHandler)
	}
}

// keepable reads an answer of limited size whole. An answer that is larger
// comes back with large set.
func (e *Edge) keepable(answer *http.Response) (*entry, error) {
	made := &entry{status: answer.StatusCode, header: passedOn(answer.Header), etag: answer.Header.Get("Etag")}
	if at, err := http.ParseTime(answer.Header.Get("Last-Modified")); err == nil {
		made.modified = at
	}
	made.stored = e.options.Clock().UnixNano()
	if answer.ContentLength > e.largest {
		made.large = true
		return made, nil
	}
	var err error
	if made.body, err = readAtMost(answer.Body, answer.ContentLength, e.largest); err != nil {
		return nil, err
	}
	if made.body == nil {
		made.large = true
	}
	return made, nil
}

// readAtMost reads a body of length bytes (-1: not known). It returns nil, and
// no error, when there are more than most.
func readAtMost(r io.Reader, length, most int64) ([]byte, error) {
	if length >= 0 {
		body := make([]byte, length)
		_, err := io.ReadFull(r, body)
		return body, err
	}
	body, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil || int64(len(body)) > most {
		return nil, err
	}
	if body == nil {
		body = []byte{}
	}
	return body, nil
}

// unreachable makes the answer for an origin that has none.
func (e *Edge) unreachable(s *site, path string, err error) *entry {
	e.options.Logger.Warn("edge got no answer from the origin", "distribution", s.ID, "path", path, "error", err)
	id := e.ids.next()
	return &entry{
		status: http.StatusBadGateway, stored: e.options.Clock().UnixNano(),
		header: http.Header{"Content-Type": {"text/html"}, "Server": {"CloudFront"}, "Date": {e.options.Clock().UTC().Format(http.TimeFormat)}},
		body:   errorPage(http.StatusBadGateway, "The edge can't connect to the origin of this site.", id),
	}
}

const errorTTL = 10 * time.Second

// lifetime returns how long an answer is kept; zero means not at all.
func (s *site) lifetime(b *behavior, e *entry, now time.Time) time.Duration {
	if e.status < 400 {
		return b.ttl.of(e.header, now)
	}
	switch e.status {
	case 400, 403, 404, 405, 410, 414, 416, 500, 501, 502, 503, 504:
	default:
		return 0
	}
	keep := errorTTL
	if rule, ok := s.errors[e.status]; ok {
		keep = rule.keep
	}
	if asked, forbidden, said := originTTL(e.header, now); said && !forbidden {
		keep = max(keep, min(asked, b.ttl.most))
	}
	return keep
}
