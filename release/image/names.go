package image

import "strings"

// What a layer marks by names.
const (
	whiteoutPrefix = ".wh."
	opaqueName     = ".wh..wh..opq"
	// reservedPrefix is of what AUFS kept for itself; it is no content.
	reservedPrefix = ".wh..wh."
)

// cleanPath returns the path in the image of an entry with a name: without
// "./" and doubled slashes. The root is "". A name that could leave the image,
// or that programs read differently, is refused wherever in the image it is.
func cleanPath(name string) (string, error) {
	switch {
	case len(name) > maxPathBytes:
		return "", refuse(name, "has a name of %d bytes; Linux allows %d", len(name), maxPathBytes)
	case strings.HasPrefix(name, "/"):
		return "", refuse(name, "has an absolute name")
	}
	if path := strings.TrimSuffix(name, "/"); plain(path) {
		return path, nil
	}
	var segments []string
	for segment := range strings.SplitSeq(name, "/") {
		switch segment {
		case "", ".":
			continue
		case "..":
			return "", refuse(name, `has a ".." segment in its name`)
		}
		if n := len(segments); n > 0 && strings.HasPrefix(segments[n-1], whiteoutPrefix) {
			return "", refuse(name, "is below a whiteout")
		}
		segments = append(segments, segment)
	}
	return strings.Join(segments, "/"), nil
}

// plain reports whether a path has nothing to be cleaned of. Most have not,
// and then nothing is allocated.
func plain(path string) bool {
	if path == "" || strings.Contains(path, whiteoutPrefix) {
		return false
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "" || segment == "." || segment == ".." {
			return false
		}
	}
	return true
}

// split returns the folder that a path is in, and its name there.
func split(path string) (in, name string) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)], path[i+1:]
}

// join returns the path of a name in a folder.
func join(in, name string) string {
	if in == "" {
		return name
	}
	return in + "/" + name
}
