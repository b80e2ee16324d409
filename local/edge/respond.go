package edge

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// respond sends a kept answer with a status: whole, a part of it, or word that
// the viewer has it already.
func (x *exchange) respond(e *entry, status int) {
	if status == http.StatusOK && e.status != http.StatusOK {
		status = e.status // a redirect, say
	}
	h := x.w.Header()
	maps.Copy(h, e.header)
	if age := (x.options.Clock().UnixNano() - e.stored) / int64(time.Second); age > 0 || x.xCache == hit {
		h["Age"] = []string{strconv.FormatInt(max(age, 0), 10)}
	}
	v := x.viewer
	plain := status == http.StatusOK && x.xCache != errorResult
	asked, result := byteRange{}, wholeBody
	if plain && v.header.Get("Range") != "" && ifRange(v.header.Get("If-Range"), e) {
		asked, result = parseRange(v.header.Get("Range"), int64(len(e.body)))
	}
	body := e.body
	if result == wholeBody {
		body = x.encoded(e, h)
	}
	x.behavior.headers.apply(h, x.origin, v.method)
	if x.behavior.viewerResponse != "" && status < 400 {
		var done bool
		if status, body, done = x.runViewerResponse(status, body); done {
			return
		}
	}
	switch {
	case plain && notModified(v.header, h.Get("Etag"), e.modified):
		for _, name := range []string{"Content-Type", "Content-Encoding", "Content-Length"} {
			h.Del(name)
		}
		x.head(http.StatusNotModified)
		return
	case result == unsatisfiable:
		for name := range e.header {
			delete(h, name)
		}
		h.Set("Content-Range", "bytes */"+strconv.Itoa(len(e.body)))
		x.refuse(http.StatusRequestedRangeNotSatisfiable, errorResult, "The requested range is not satisfiable.")
		return
	case result == partOfBody:
		h.Set("Content-Range", "bytes "+strconv.FormatInt(asked.from, 10)+"-"+strconv.FormatInt(asked.to-1, 10)+"/"+strconv.Itoa(len(e.body)))
		body, status = body[asked.from:asked.to], http.StatusPartialContent
	}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	x.head(status)
	x.write(body)
}

// encoded returns the body in the best encoding for the viewer, and sets the
// headers that come with it.
func (x *exchange) encoded(e *entry, h http.Header) []byte {
	if !x.behavior.gzip && !x.behavior.brotli || !e.compressible() {
		return e.body
	}
	addVary(h)
	enc := x.behavior.accepted(x.viewer.header.Get("Accept-Encoding"))
	if enc == identity {
		return e.body
	}
	body, ok, err := x.cache.encode(e, enc)
	if err != nil {
		x.options.Logger.Error("edge could not compress", "path", e.path, "error", err)
	}
	if !ok {
		return e.body
	}
	h["Content-Encoding"] = []string{encodingNames[enc]}
	delete(h, "Accept-Ranges")
	if e.etag != "" && !strings.HasPrefix(e.etag, "W/") {
		h["Etag"] = []string{"W/" + e.etag}
	}
	return body
}

func addVary(h http.Header) {
	for _, line := range h["Vary"] {
		if strings.Contains(strings.ToLower(line), "accept-encoding") {
			return
		}
	}
	h["Vary"] = append(append([]string(nil), h["Vary"]...), "Accept-Encoding")
}

// notModified says whether the viewer's copy is good: its ETag is among those
// of If-None-Match (compared weakly), or without that header, nothing changed
// since If-Modified-Since.
func notModified(request http.Header, etag string, modified time.Time) bool {
	if lines := request["If-None-Match"]; len(lines) > 0 {
		for _, line := range lines {
			for tag := range strings.SplitSeq(line, ",") {
				tag = strings.TrimSpace(tag)
				if tag == "*" || etag != "" && strings.TrimPrefix(tag, "W/") == strings.TrimPrefix(etag, "W/") {
					return true
				}
			}
		}
		return false
	}
	since := request.Get("If-Modified-Since")
	if since == "" || modified.IsZero() {
		return false
	}
	at, err := http.ParseTime(since)
	return err == nil && !modified.Truncate(time.Second).After(at)
}

// ifRange says whether a range may be sent: the viewer has the same object, or
// does not ask.
func ifRange(condition string, e *entry) bool {
	if condition == "" || condition == e.etag && !strings.HasPrefix(condition, "W/") {
		return true
	}
	at, err := http.ParseTime(condition)
	return err == nil && !e.modified.IsZero() && e.modified.Truncate(time.Second).Equal(at)
}
