package api

import (
	"net/http"
	"net/url"
	"path"
	"strings"
)

// escapeObjectKeys lets an object's key stand in a path with its slashes, as
// in /v1/sandboxes/hello/objects/docs/index.html/versions. The routes take it
// as one segment; API Gateway decodes the path on the way, so that an escaped
// slash may arrive as a plain one.
//
// What is no clean path then is no route: it is not redirected to one.
func (a *API) escapeObjectKeys(next *http.ServeMux) http.Handler {
	unknown := a.unknownRoute(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if escaped, ok := escapedKey(r.URL.EscapedPath()); ok {
			plain, err := url.PathUnescape(escaped)
			if err == nil {
				clone := *r
				clone.URL = new(url.URL)
				*clone.URL = *r.URL
				clone.URL.Path, clone.URL.RawPath = plain, escaped
				r = &clone
			}
		}
		if escaped := r.URL.EscapedPath(); path.Clean(escaped) != strings.TrimSuffix(escaped, "/") && escaped != "/" {
			unknown(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// escapedKey returns a path with its object's key, if it has one, as one segment.
func escapedKey(from string) (string, bool) {
	const before, middle, after = "/v1/sandboxes/", "/objects/", "/versions"
	rest, ok := strings.CutPrefix(from, before)
	if !ok {
		return "", false
	}
	name, rest, ok := strings.Cut(rest, middle)
	if !ok || strings.Contains(name, "/") {
		return "", false
	}
	raw, ok := strings.CutSuffix(rest, after)
	if !ok || raw == "" {
		return "", false
	}
	key, err := url.PathUnescape(raw)
	if err != nil {
		return "", false
	}
	// Dots too: a segment of dots alone would be taken for a folder's.
	segment := strings.ReplaceAll(url.PathEscape(key), ".", "%2E")
	return before + name + middle + segment + after, true
}
