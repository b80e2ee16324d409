package release_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release"
)

func TestAPathHasItsTypeItsCachingAndItsPass(t *testing.T) {
	const utf8 = "; charset=utf-8"
	for _, c := range []struct {
		path, contentType, cache string
		pass                     events.Pass
	}{
		{"index.html", "text/html" + utf8, release.CachePage, events.PassPages},
		{"a/b/INDEX.HTM", "text/html" + utf8, release.CachePage, events.PassPages},
		{"page.3f2a91bc.html", "text/html" + utf8, release.CachePage, events.PassPages},
		{"sw.js", "text/javascript" + utf8, release.CachePage, events.PassPages},
		{"site.webmanifest", "application/manifest+json", release.CachePage, events.PassPages},
		{"sitemap.xml", "application/xml" + utf8, release.CachePage, events.PassPages},
		{"feed.atom", "application/atom+xml" + utf8, release.CachePage, events.PassPages},
		{"data.json", "application/json", release.CacheOther, events.PassAssets},
		{"style.css", "text/css" + utf8, release.CacheOther, events.PassAssets},
		{"robots.txt", "text/plain" + utf8, release.CacheOther, events.PassAssets},
		{"logo.svg", "image/svg+xml" + utf8, release.CacheOther, events.PassAssets},
		{"photo.AVIF", "image/avif", release.CacheOther, events.PassAssets},
		{"lib.mjs", "text/javascript" + utf8, release.CacheOther, events.PassAssets},
		{"go.wasm", "application/wasm", release.CacheOther, events.PassAssets},
		{"f.woff2", "font/woff2", release.CacheOther, events.PassAssets},
		{"unknown.qqq", "application/octet-stream", release.CacheOther, events.PassAssets},
		{"noextension", "application/octet-stream", release.CacheOther, events.PassAssets},
		{".well-known/apple-app-site-association", "application/json", release.CacheOther, events.PassAssets},
		{"app.3f2a91bc.js", "text/javascript" + utf8, release.CacheFingerprint, events.PassAssets},
	} {
		if got := release.ContentType(c.path); got != c.contentType {
			t.Errorf("type of %s: %s", c.path, got)
		}
		if got := release.CacheControl(c.path); got != c.cache {
			t.Errorf("caching of %s: %s", c.path, got)
		}
		if got := release.PassOf(c.path); got != c.pass {
			t.Errorf("pass of %s: %s", c.path, got)
		}
	}
}

func TestANameIsFingerprintedIfABundlerWroteADigestIntoIt(t *testing.T) {
	yes := []string{
		"app.3f2a91bc.js", "main-5f3a9c1e.css", "index-DiwrgTda8k.js", "assets/index-B7xK2m9Q.js", "chunk-2Q4FZJ7Kab.js", "runtime.0a1b2c3d4e5f6789.js",
		"main.8e7d6c5b4a.chunk.js", "main.8e7d6c5b4a.min.js", "app.3f2a91bc.js.map", "chunk-2Q4FZJ7K.js", "logo.d41d8cd98f00b204e9800998ecf8427e.png", "image_3f2a91bc.webp",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.js", "vendor~main.1a2b3c4d.js", "polyfills-LZBJRJJE9a.js", "index-C3d_8-kL.js",
	}
	no := []string{
		"app.js", "style.min.css", "jquery-3.7.1.min.js", "photo-20261101.jpg", "report-2026-11-01.pdf", "index.html", "deadbeef.txt", "facade-decade.css", "article-understanding.js",
		"IMG_20250102.jpg", "feedface-effaced.png", "1234567890.png", "a.b.c.d", ".htaccess", "", "v1.2.3", "3f2a91bc", "some-LongWordsInCamelCase.js", "abcdefgh-effectedcafe.js",
		"book-CHAPTER2.pdf", "lib.es2015module.js", "font-weight700.woff",
	}
	for _, name := range yes {
		if !release.Fingerprinted(name) {
			t.Errorf("%q is not taken for fingerprinted", name)
		}
	}
	for _, name := range no {
		if release.Fingerprinted(name) {
			t.Errorf("%q is taken for fingerprinted", name)
		}
	}
}

func TestOnlyWhatChangedIsInvalidated(t *testing.T) {
	spec := events.Spec{IndexDocument: "index.html", ErrorDocument: "404.html"}
	app := events.Spec{IndexDocument: "index.html", SinglePageApp: true}
	var forty, sixty []string
	for i := range 60 {
		sixty = append(sixty, fmt.Sprintf("a/%d/index.html", i))
	}
	forty = sixty[:40]
	for _, c := range []struct {
		name    string
		changed []string
		spec    events.Spec
		want    []string
	}{
		{"nothing", nil, spec, nil},
		{"a file", []string{"a.css"}, spec, []string{"/a.css"}},
		{"the index page", []string{"index.html"}, spec, []string{"/", "/index.html"}},
		{"a folder's index page", []string{"docs/index.html"}, spec, []string{"/docs/", "/docs/index.html"}},
		{"names that URLs escape", []string{"ü b+c%?#*~.txt", "a*"}, spec, []string{"/%C3%BC%20b%2Bc%25%3F%23%2A~.txt", "/a%2A"}},
		{"the error page, shown anywhere", []string{"404.html"}, spec, []string{"/*"}},
		{"an app's page, shown anywhere", []string{"index.html"}, app, []string{"/*"}},
		{"an app's other file", []string{"a.js"}, app, []string{"/a.js"}},
		{"a folder's page of an app", []string{"docs/index.html"}, app, []string{"/docs/", "/docs/index.html"}},
		{"many", sixty, spec, []string{"/*"}},
		{"many by their folders", forty, spec, []string{"/*"}},
	} {
		if got := release.InvalidationPaths(c.changed, c.spec); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

func TestTheWaitForAnInvalidationIsLearnt(t *testing.T) {
	const s = time.Second
	for _, c := range []struct {
		past  []time.Duration
		taken time.Duration
		want  int
	}{
		{nil, 0, 10}, {nil, 4 * s, 6}, {nil, 60 * s, 10}, {nil, 900 * s, 30},
		{[]time.Duration{0, 0, 0}, 0, 1}, {[]time.Duration{5 * s, 90 * s, 6 * s}, 0, 6}, {[]time.Duration{100 * s}, 0, 30}, {[]time.Duration{3 * s}, 3 * s, 1},
	} {
		if got := release.InvalidationWait(c.past, c.taken, 10*time.Second); got != c.want {
			t.Errorf("after %v with past %v: %d s", c.taken, c.past, got)
		}
	}
}

func TestLimitsAreReadFromText(t *testing.T) {
	got, err := release.ParseLimits(" entries=5 file=10 total=100  ratio=7 ")
	want := release.DefaultLimits()
	want.Entries, want.FileBytes, want.TotalBytes, want.Ratio = 5, 10, 100, 7
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	for _, text := range []string{"entries", "entries=", "entries=0", "entries=-1", "files=3", "total=1GiB"} {
		if _, err := release.ParseLimits(text); err == nil {
			t.Errorf("%q is read", text)
		}
	}
	if got, err := release.ParseLimits("file=99999999999999"); err != nil || got.FileBytes != 5<<30 {
		t.Errorf("a file may be larger than a copy: %d, %v", got.FileBytes, err)
	}
}
