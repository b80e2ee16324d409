package edge

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// prepared is the answer to a hit as bytes, but for the headers that differ
// each time: Age, Date (unless the origin gave one) and X-Amz-Cf-Id.
type prepared struct {
	site     *site
	behavior *behavior
	head     []byte // with a line break at its end
	dated    bool   // the origin's Date is in head
	body     []byte
}

// prepare returns the prepared answer of a kept entry for viewers who accept
// an encoding, made at the first demand.
func (e *Edge) prepare(s *site, b *behavior, kept *entry, enc encoding) *prepared {
	slot := &kept.variants[enc].prepared
	if p := slot.Load(); p != nil && p.behavior == b && p.site == s {
		return p
	}
	viewer := &viewerRequest{method: http.MethodGet, header: http.Header{"Accept-Encoding": {encodingNames[enc]}}}
	x := &exchange{Edge: e, site: s, behavior: b, viewer: viewer}
	h := http.Header{}
	maps.Copy(h, kept.header)
	body := x.encoded(kept, h)
	b.headers.apply(h, "", http.MethodGet)
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	h["Via"], h["X-Cache"], h["X-Amz-Cf-Pop"] = []string{s.via}, []string{hit}, []string{pop}
	var head strings.Builder
	head.WriteString("HTTP/1.1 200 OK\r\n")
	if err := h.Write(&head); err != nil { // a strings.Builder does not fail
		e.options.Logger.Error("edge could not prepare an answer", "path", kept.path, "error", err)
	}
	p := &prepared{site: s, behavior: b, head: []byte(head.String()), dated: h.Get("Date") != "", body: body}
	slot.Store(p)
	return p
}

// dates holds the present Date header line for the second that it is true.
type dates struct{ line atomic.Pointer[dateLine] }

type dateLine struct {
	second int64
	text   string
}

func (d *dates) at(now time.Time) string {
	if l := d.line.Load(); l != nil && l.second == now.Unix() {
		return l.text
	}
	l := &dateLine{now.Unix(), "Date: " + now.UTC().Format(http.TimeFormat) + "\r\n"}
	d.line.Store(l)
	return l.text
}

// fastHit returns the prepared answer to a plain request, or nil when the
// request has to go the long way: it is not a fresh hit, or its answer depends
// on more than the path and the accepted encoding.
func (c *fastConn) fastHit(s *site, r *fastRequest, now time.Time) (*prepared, *entry) {
	if r.slow || s.webACL != "" {
		return nil, nil
	}
	b := s.behaviorFor(r.path)
	if !b.everyVariantOne || b.viewerResponse != "" || b.ttl.most == 0 || b.headers != nil && r.crossOrigin {
		return nil, nil
	}
	path := r.path
	if b.viewerRequest != "" {
		program, err := c.edge.program(b.viewerRequest)
		if err != nil {
			return nil, nil
		}
		var ok bool
		if path, ok = program.Rewrite(r.method, path); !ok {
			return nil, nil
		}
	}
	if path == "/" && s.root != "" {
		path = s.root
	}
	c.key = append(append(append(c.key[:0], s.ID...), ' '), path...)
	kept := c.edge.cache.get(c.key)
	if kept == nil || kept.status != http.StatusOK || kept.large || !kept.isFresh(now.UnixNano()) {
		return nil, nil
	}
	return c.edge.prepare(s, b, kept, c.encodingFor(b, r.acceptEncoding)), kept
}

// encodingFor is behavior.accepted, remembered for the connection.
func (c *fastConn) encodingFor(b *behavior, header []byte) encoding {
	if c.acceptedFor == b && c.acceptHeader == string(header) {
		return c.accepted
	}
	c.acceptedFor, c.acceptHeader = b, string(header)
	c.accepted = b.accepted(c.acceptHeader)
	return c.accepted
}
