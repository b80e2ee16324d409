package console_test

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/console"
)

func served(t *testing.T) *console.Console {
	t.Helper()
	c, err := console.New(console.Options{Uploads: []string{"http://127.0.0.1:4566"}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ask(c *console.Console, method, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	return w
}

func TestEveryAnswerHasThePolicy(t *testing.T) {
	c := served(t)
	for path, want := range map[string]int{"/": 200, "/app.css": 200, "/config.json": 200, "/nothing": 404, "/assets/app.css": 404, "/../console.go": 404, "/vendor/": 404} {
		w := ask(c, http.MethodGet, path)
		policy := w.Header().Get("Content-Security-Policy")
		if w.Code != want || !strings.Contains(policy, "default-src 'none'; script-src 'self'; style-src 'self'") || strings.Contains(policy, "unsafe") ||
			!strings.Contains(policy, "connect-src 'self' http://127.0.0.1:4566;") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d, %v", path, w.Code, w.Header())
		}
		if got := c.Has(path); got != (want == 200) {
			t.Errorf("Has(%s) is %v", path, got)
		}
	}
	if w := ask(c, http.MethodPost, "/"); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") == "" {
		t.Errorf("POST: %d", w.Code)
	}
}

func TestWhatTheBrowserHasIsNotSentAgain(t *testing.T) {
	c := served(t)
	first := ask(c, http.MethodGet, "/app.css")
	etag := first.Header().Get("ETag")
	for header, want := range map[string]int{etag: 304, `"other", W/` + etag: 304, "*": 304, `"other"`: 200, "": 200} {
		if w := ask(c, http.MethodGet, "/app.css", "If-None-Match", header); w.Code != want || want == 304 && w.Body.Len() > 0 {
			t.Errorf("If-None-Match %s: %d with %d bytes", header, w.Code, w.Body.Len())
		}
	}
	if w := ask(c, http.MethodHead, "/app.css"); w.Code != 200 || w.Body.Len() > 0 || w.Header().Get("ETag") != etag {
		t.Errorf("HEAD: %d with %d bytes", w.Code, w.Body.Len())
	}
}

func TestGzipForThoseWhoTakeIt(t *testing.T) {
	c := served(t)
	plain := ask(c, http.MethodGet, "/app.css")
	for header, want := range map[string]bool{"gzip": true, "br, gzip;q=0.8": true, "*": true, "": false, "br": false, "gzip;q=0": false, "gzip; q=0.0": false, "identity": false} {
		w := ask(c, http.MethodGet, "/app.css", "Accept-Encoding", header)
		if got := w.Header().Get("Content-Encoding") == "gzip"; got != want {
			t.Errorf("Accept-Encoding %q: gzip %v", header, got)
			continue
		}
		text := w.Body.String()
		if want {
			r, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			unzipped, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			text = string(unzipped)
		}
		if text != plain.Body.String() || w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: another text, or Vary %q", header, w.Header().Get("Vary"))
		}
	}
}

// each calls do with each file of assets.
func each(t *testing.T, do func(name, text string)) {
	t.Helper()
	root := os.DirFS("assets")
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(root, name)
		if err == nil {
			do(name, string(text))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

var (
	imported = regexp.MustCompile(`\b(?:from\s*|import\s*\(?\s*)["']([^"'\s()]+)["']`)
	address  = regexp.MustCompile(`(?i)\b(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}`)
	inline   = regexp.MustCompile(`(?i)<script(?:\s[^>]*)?>[^<]|<style|\sstyle=|\son[a-z]+=|javascript:`)
)

// TestNothingComesFromElsewhere: with no internet, all is there.
func TestNothingComesFromElsewhere(t *testing.T) {
	c := served(t)
	each(t, func(name, _ string) {
		text := ask(c, http.MethodGet, "/"+name).Body.String()
		for _, found := range address.FindAllString(text, -1) {
			// A namespace of XML is a name; comments of libraries are no requests.
			if found != "http://www.w3.org" && !strings.HasPrefix(name, "vendor/") {
				t.Errorf("%s names %s", name, found)
			}
		}
		if strings.HasSuffix(name, ".html") && inline.MatchString(text) {
			t.Errorf("%s has an inline script or style: %s", name, inline.FindString(text))
		}
		if !strings.HasSuffix(name, ".js") {
			return
		}
		for _, found := range imported.FindAllStringSubmatch(text, -1) {
			if path := strings.TrimPrefix(found[1], "./"); !strings.HasPrefix(found[1], ".") ||
				!c.Has("/"+path) && !c.Has("/vendor/"+strings.TrimPrefix(path, "vendor/")) {
				t.Errorf("%s imports %s, which is not there", name, found[1])
			}
		}
	})
}

// TestVendoredFilesAreThePublishedOnes by their digests; vendor.sh holds those
// to the registry.
func TestVendoredFilesAreThePublishedOnes(t *testing.T) {
	text, err := os.ReadFile("vendor.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct{ File, SHA256 string }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for _, one := range all {
		known["vendor/"+one.File] = one.SHA256
	}
	each(t, func(name, text string) {
		if !strings.HasPrefix(name, "vendor/") {
			return
		}
		sum := sha256.Sum256([]byte(text))
		if known[name] != hex.EncodeToString(sum[:]) {
			t.Errorf("%s has the digest %x, and vendor.json says %q", name, sum, known[name])
		}
		delete(known, name)
	})
	for name := range known {
		t.Errorf("%s is in vendor.json and not there", name)
	}
}
