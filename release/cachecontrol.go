package release

import (
	"path"
	"strings"

	"github.com/mayfly-dev/mayfly/events"
)

// The cache headers. Pages are asked for again each time, which costs a 304;
// what has its digest in its name never changes; anything else may be stale in
// a browser for five minutes. Edges are not left to these times: a release
// invalidates what it changed.
const (
	CachePage        = "public, max-age=0, must-revalidate"
	CacheFingerprint = "public, max-age=31536000, immutable"
	CacheOther       = "public, max-age=300"
)

// PassOf returns the pass in which a path is written: pages are what a browser
// asks for by a lasting name and what then names other files, so they go when
// everything that they name is there.
func PassOf(name string) events.Pass {
	if isPage(name) {
		return events.PassPages
	}
	return events.PassAssets
}

// CacheControl returns the Cache-Control header for a path.
func CacheControl(name string) string {
	switch {
	case isPage(name):
		return CachePage
	case Fingerprinted(name):
		return CacheFingerprint
	default:
		return CacheOther
	}
}

// isPage reports whether a path is a page or another entry point: a service
// worker, a web app's manifest, a feed or a list of the site's own files.
func isPage(name string) bool {
	base := strings.ToLower(path.Base(name))
	switch path.Ext(base) {
	case ".html", ".htm", ".xhtml", ".webmanifest", ".rss", ".atom":
		return true
	}
	switch base {
	case "sw.js", "sw.mjs", "service-worker.js", "serviceworker.js", "firebase-messaging-sw.js", "ngsw-worker.js", "registersw.js",
		"ngsw.json", "manifest.json", "asset-manifest.json", "remoteentry.js", "importmap.json", "version.json",
		"sitemap.xml", "sitemap_index.xml", "feed.xml", "rss.xml", "atom.xml", "index.xml", "feed.json":
		return true
	}
	return false
}

// Fingerprinted reports whether a file's name holds a digest of its content,
// as bundlers write it: after the first part of the name and before the
// extension, a part between dots, hyphens, underscores or tildes that is
//
//   - 8 or more hexadecimal characters with a digit and a letter among them, or
//   - 8 to 32 letters and digits with a digit, an upper and a lower case letter
//     among them, at the end of the name also when a hyphen or an underscore of
//     base64 splits it, or
//   - 8 of base 32 (A-Z, 2-7), as esbuild writes them, with a letter after a
//     digit.
//
// A name that is nothing but 16 or more hexadecimal characters counts as well.
// A word, a date or a version does not: what is taken for fingerprinted by
// mistake would be stale for a year, the other mistake costs a 304.
func Fingerprinted(name string) bool {
	base := path.Base(name)
	stem := strings.TrimSuffix(base, ".map")
	stem = strings.TrimSuffix(stem, path.Ext(stem))
	for _, suffix := range []string{".min", ".module", ".chunk", ".bundle"} {
		stem = strings.TrimSuffix(stem, suffix)
	}
	if stem == base || stem == "" {
		return false
	}
	first := strings.IndexAny(stem, ".-_~")
	if first < 0 {
		return len(stem) >= 16 && digest(stem, 16)
	}
	for part := range strings.FieldsFuncSeq(stem[first+1:], func(r rune) bool { return strings.ContainsRune(".-_~", r) }) {
		if digest(part, 8) {
			return true
		}
	}
	// Vite and Rollup write eight characters of base64url at the very end.
	const viteDigest = 8
	if len(stem) > viteDigest+1 {
		at := len(stem) - viteDigest
		if c := stem[at-1]; (c == '-' || c == '.') && mixed(strings.NewReplacer("-", "", "_", "").Replace(stem[at:])) {
			return true
		}
	}
	return false
}

// digest reports whether a part of a name is written as digests are.
func digest(part string, shortest int) bool {
	if len(part) < shortest {
		return false
	}
	hex, digits, letters := true, 0, 0
	for _, c := range []byte(part) {
		switch {
		case '0' <= c && c <= '9':
			digits++
		case 'a' <= c && c <= 'f':
			letters++
		default:
			hex = false
		}
	}
	if hex {
		return digits > 0 && letters > 0
	}
	const longest = 32
	return len(part) <= longest && mixed(part) || base32(part)
}

// base32 reports whether a part is eight characters of base 32 in which a
// letter follows a digit: a word with a number behind it is none.
func base32(part string) bool {
	if len(part) != 8 {
		return false
	}
	digit, after := false, false
	for _, c := range []byte(part) {
		switch {
		case '2' <= c && c <= '7':
			digit = true
		case 'A' <= c && c <= 'Z':
			after = after || digit
		default:
			return false
		}
	}
	return after
}

// mixed reports whether a part has a digit, an upper and a lower case letter,
// and nothing else.
func mixed(part string) bool {
	var digit, upper, lower bool
	for _, c := range []byte(part) {
		switch {
		case '0' <= c && c <= '9':
			digit = true
		case 'A' <= c && c <= 'Z':
			upper = true
		case 'a' <= c && c <= 'z':
			lower = true
		default:
			return false
		}
	}
	return digit && upper && lower
}
