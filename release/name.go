package release

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxKeyBytes is S3's limit for the length of a key, in bytes.
const MaxKeyBytes = 1024

// CleanName returns the key under which the entry with a name is kept: the
// name without a leading "./" and without the slash at the end of a folder's.
// The root itself is "". It returns a *ContentError for a name that could
// leave the site's root, that S3 refuses or changes on the way, or that no two
// programs read alike.
func CleanName(name string, folder bool) (string, error) {
	clean := name
	for strings.HasPrefix(clean, "./") {
		clean = clean[2:]
	}
	if folder {
		clean = strings.TrimSuffix(clean, "/")
		if name != "" && (clean == "" || clean == ".") && !strings.HasPrefix(name, "/") {
			return "", nil
		}
	}
	switch {
	case clean == "":
		return "", refuse(name, "has an empty name")
	case !utf8.ValidString(clean):
		return "", refuse(name, "has a name that is not UTF-8")
	case len(clean) > MaxKeyBytes:
		return "", refuse(name, "has a name of %d bytes; S3 allows %d", len(clean), MaxKeyBytes)
	case clean[0] == '/':
		return "", refuse(name, "has an absolute name")
	case strings.ContainsRune(clean, '\\'):
		return "", refuse(name, "has a backslash in its name; use slashes")
	case len(clean) > 2 && clean[1] == ':' && clean[2] == '/' && isLetter(clean[0]):
		return "", refuse(name, "has an absolute name")
	}
	for _, r := range clean {
		if unicode.IsControl(r) || r == '\uFFFE' || r == '\uFFFF' {
			return "", refuse(name, "has the control character %U in its name", r)
		}
	}
	for segment := range strings.SplitSeq(clean, "/") {
		switch segment {
		case "":
			return "", refuse(name, "has an empty segment in its name")
		case ".":
			return "", refuse(name, `has a "." segment in its name`)
		case "..":
			return "", refuse(name, `has a ".." segment in its name`)
		}
	}
	return clean, nil
}

// Ignored reports whether a path is something that version control or an
// operating system left in a folder, and that never belongs to a site.
func Ignored(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		switch segment {
		case ".git", ".hg", ".svn", "__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini":
			return true
		}
		if strings.HasPrefix(segment, "._") { // what macOS keeps beside a file
			return true
		}
	}
	return false
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
