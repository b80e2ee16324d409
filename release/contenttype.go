package release

import (
	"path"
	"strings"
)

// ContentType returns the media type under which a path is served. The table
// is Mayfly's own, so that a site is served alike wherever a release runs;
// what it does not know is application/octet-stream.
func ContentType(name string) string {
	if wellKnown, ok := contentTypesByName[path.Base(name)]; ok {
		return wellKnown
	}
	if t, ok := contentTypes[strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))]; ok {
		return t
	}
	return "application/octet-stream"
}

const utf8Text = "; charset=utf-8"

// contentTypesByName are files whose type is not in their extension.
var contentTypesByName = map[string]string{
	"apple-app-site-association": "application/json",
	"CNAME":                      "text/plain" + utf8Text,
	"LICENSE":                    "text/plain" + utf8Text,
	"_headers":                   "text/plain" + utf8Text,
	"_redirects":                 "text/plain" + utf8Text,
}

var contentTypes = map[string]string{
	"html": "text/html" + utf8Text, "htm": "text/html" + utf8Text, "xhtml": "application/xhtml+xml" + utf8Text,
	"css": "text/css" + utf8Text, "js": "text/javascript" + utf8Text, "mjs": "text/javascript" + utf8Text, "cjs": "text/javascript" + utf8Text,
	"json": "application/json", "map": "application/json", "jsonld": "application/ld+json", "geojson": "application/geo+json",
	"ndjson": "application/x-ndjson", "webmanifest": "application/manifest+json", "wasm": "application/wasm",
	"xml": "application/xml" + utf8Text, "xsl": "application/xslt+xml" + utf8Text, "rss": "application/rss+xml" + utf8Text, "atom": "application/atom+xml" + utf8Text,
	"txt": "text/plain" + utf8Text, "text": "text/plain" + utf8Text, "log": "text/plain" + utf8Text, "md": "text/markdown" + utf8Text,
	"csv": "text/csv" + utf8Text, "tsv": "text/tab-separated-values" + utf8Text, "ics": "text/calendar" + utf8Text,
	"vcf": "text/vcard" + utf8Text, "vtt": "text/vtt" + utf8Text, "yaml": "application/yaml", "yml": "application/yaml", "toml": "application/toml",

	"svg": "image/svg+xml" + utf8Text, "png": "image/png", "apng": "image/apng", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
	"webp": "image/webp", "avif": "image/avif", "jxl": "image/jxl", "heic": "image/heic", "bmp": "image/bmp", "tif": "image/tiff", "tiff": "image/tiff",
	"ico": "image/x-icon", "cur": "image/x-icon",

	"woff": "font/woff", "woff2": "font/woff2", "ttf": "font/ttf", "otf": "font/otf", "eot": "application/vnd.ms-fontobject",

	"mp3": "audio/mpeg", "m4a": "audio/mp4", "aac": "audio/aac", "oga": "audio/ogg", "ogg": "audio/ogg", "opus": "audio/ogg", "wav": "audio/wav", "flac": "audio/flac", "weba": "audio/webm",
	"mp4": "video/mp4", "m4v": "video/mp4", "webm": "video/webm", "ogv": "video/ogg", "mov": "video/quicktime", "mpd": "application/dash+xml", "m3u8": "application/vnd.apple.mpegurl", "ts": "video/mp2t",

	"pdf": "application/pdf", "epub": "application/epub+zip", "zip": "application/zip", "gz": "application/gzip", "tgz": "application/gzip",
	"br": "application/x-brotli", "zst": "application/zstd", "xz": "application/x-xz", "bz2": "application/x-bzip2", "7z": "application/x-7z-compressed", "tar": "application/x-tar",
	"doc": "application/msword", "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"xls": "application/vnd.ms-excel", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"ppt": "application/vnd.ms-powerpoint", "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	"odt": "application/vnd.oasis.opendocument.text", "rtf": "application/rtf",
	"glb": "model/gltf-binary", "gltf": "model/gltf+json", "stl": "model/stl",
	"sh": "text/x-shellscript" + utf8Text, "pem": "application/x-pem-file", "apk": "application/vnd.android.package-archive", "dmg": "application/x-apple-diskimage",
}
