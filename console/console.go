// Package console is Mayfly's console for browsers: pages that ask the public
// API alone. What is served is what is in assets: plain ES modules and CSS, no
// build, and nothing from elsewhere.
package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
)

//go:embed assets
var files embed.FS

// Options says where the console is.
type Options struct {
	// API is the address of the API, with neither path nor slash at its end;
	// empty when the console is served from the same one.
	API string
	// Uploads are the origins that archives are uploaded to: the AWS port on one
	// machine. Pages may send to these and to the API, to SignIn's issuer, and
	// nowhere else.
	Uploads []string
	// SignIn, when set, is how people sign in; otherwise they paste a token where
	// the API asks for one.
	SignIn *SignIn
}

// Console serves the pages. It is safe for concurrent use.
type Console struct {
	policy string
	assets map[string]asset
}

// asset is a file as it is sent.
type asset struct {
	contentType, etag string
	plain, zipped     []byte
}

// New returns the console, with everything that it serves compressed once.
func New(options Options) (*Console, error) {
	c := &Console{policy: policy(options), assets: map[string]asset{}}
	texts, err := read()
	if err != nil {
		return nil, err
	}
	for name, text := range texts {
		if err := c.add("/"+name, []byte(text)); err != nil {
			return nil, err
		}
	}
	known, err := json.Marshal(config{API: options.API, SignIn: options.SignIn})
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	return c, c.add("/config.json", known)
}

// contentTypes are those of the files that there are; a file of another kind is
// a mistake that New tells.
func contentType(name string) (string, bool) {
	kind, ok := map[string]string{
		".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
		".json": "application/json", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
	}[path.Ext(name)]
	return kind, ok
}

func (c *Console) add(name string, text []byte) error {
	kind, ok := contentType(name)
	if !ok {
		return fmt.Errorf("console: %s is of no kind that is served", name)
	}
	var zipped bytes.Buffer
	w, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("console: compress %s: %w", name, err)
	}
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("console: compress %s: %w", name, err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("console: compress %s: %w", name, err)
	}
	sum := sha256.Sum256(text)
	c.assets[name] = asset{contentType: kind, etag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`, plain: text, zipped: zipped.Bytes()}
	return nil
}

// resolve names the file that a vendored module imports by its package's name,
// which a browser can't look up. The files themselves stay as published.
func resolve(name string, text []byte) []byte {
	if name != "/vendor/hooks.js" {
		return text
	}
	return bytes.ReplaceAll(text, []byte(`from"preact"`), []byte(`from"./preact.js"`))
}

// policy is the content security policy of every page. That nobody may frame it
// counts in a header alone.
func policy(options Options) string {
	return strings.Join(append(rules(options), "frame-ancestors 'none'"), "; ")
}

// rules are those of the policy that a page may have in itself, too.
func rules(options Options) []string {
	connect := append([]string{"'self'"}, options.Uploads...)
	if options.API != "" {
		connect = append(connect, originOf(options.API))
	}
	if options.SignIn != nil {
		connect = append(connect, originOf(options.SignIn.Server.TokenEndpoint))
	}
	return []string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src " + strings.Join(connect, " "),
		"base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
	}
}

// originOf returns the origin of an address; one without is as good as none.
func originOf(address string) string {
	at, err := url.Parse(address)
	if err != nil || at.Host == "" {
		return "'none'"
	}
	return at.Scheme + "://" + at.Host
}

// ServeHTTP answers one request. A browser keeps what it has and asks whether
// it still holds, so that a new Mayfly is never shown with old pages.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", c.policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "The console is read with GET", http.StatusMethodNotAllowed)
		return
	}
	name := r.URL.Path
	if name == "/" {
		name = "/index.html"
	}
	found, ok := c.assets[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	header.Set("Content-Type", found.contentType)
	header.Set("Cache-Control", "no-cache")
	header.Set("ETag", found.etag)
	header.Set("Vary", "Accept-Encoding")
	if matches(r.Header.Get("If-None-Match"), found.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := found.plain
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		header.Set("Content-Encoding", "gzip")
		body = found.zipped
	}
	header.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the client may have left
}

// Has reports whether the console answers at a path, so that others may have
// all the rest.
func (c *Console) Has(path string) bool {
	_, ok := c.assets[path]
	return ok || path == "/"
}

func matches(header, etag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		if one = strings.TrimPrefix(strings.TrimSpace(one), "W/"); one == etag || one == "*" {
			return true
		}
	}
	return false
}

// acceptsGzip reports whether a client takes gzip: it names it, and not with q=0.
func acceptsGzip(header string) bool {
	for one := range strings.SplitSeq(header, ",") {
		name, q, _ := strings.Cut(strings.ReplaceAll(one, " ", ""), ";")
		if name == "gzip" || name == "*" {
			return strings.TrimRight(q, "0.") != "q="
		}
	}
	return false
}
