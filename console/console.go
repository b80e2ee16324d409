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
	"io/fs"
	"net/http"
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
	// machine. Pages may send to these and to the API, and nowhere else.
	Uploads []string
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
	err := fs.WalkDir(files, "assets", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := files.ReadFile(name)
		if err != nil {
			return fmt.Errorf("console: %w", err)
		}
		return c.add("/"+strings.TrimPrefix(name, "assets/"), text)
	})
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(map[string]string{"api": options.API})
	if err != nil {
		return nil, fmt.Errorf("console: %w", err)
	}
	return c, c.add("/config.json", config)
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
	text = resolve(name, text)
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

// policy is the content security policy of every page.
func policy(options Options) string {
	connect := append([]string{"'self'"}, options.Uploads...)
	if options.API != "" {
		connect = append(connect, options.API)
	}
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src " + strings.Join(connect, " "),
		"base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
	}, "; ")
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
