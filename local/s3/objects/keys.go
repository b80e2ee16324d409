package objects

import "strings"

// Keys become paths. Each part of a key between slashes is a name in a folder;
// the last one carries leafMark, so that the key "a" (a file named "a" and the
// mark) and the folder of "a/b" (named "a") do not collide, and so that a
// temporary file which a killed process left is known by its missing mark.
// Parts that no file system takes are escaped.
const (
	leafMark   = "\x01"
	escapeMark = "\x02"
)

// encodeKey is the path of a key.
func encodeKey(key string) string {
	parts := strings.Split(key, "/")
	for i, part := range parts {
		if last := i == len(parts)-1; last {
			parts[i] = escapeBytes(part) + leafMark
		} else {
			parts[i] = escapePart(part)
		}
	}
	return strings.Join(parts, "/")
}

// escapePart is the folder name of one part of a key.
func escapePart(part string) string {
	switch part {
	case "":
		return escapeMark + "E"
	case ".", "..", temporaryDir:
		return escapeMark + part
	}
	return escapeBytes(part)
}

func escapeBytes(part string) string {
	if strings.IndexByte(part, leafMark[0]) < 0 && strings.IndexByte(part, escapeMark[0]) < 0 {
		return part
	}
	return strings.NewReplacer(leafMark, escapeMark+"A", escapeMark, escapeMark+"B").Replace(part)
}

// decodeLeaf is the last part of the key of a file, and false for a file that
// is none of ours.
func decodeLeaf(name string) (string, bool) {
	part, marked := strings.CutSuffix(name, leafMark)
	if !marked {
		return "", false
	}
	return decodePart(part), true
}

// decodePart undoes escapePart.
func decodePart(name string) string {
	if strings.IndexByte(name, escapeMark[0]) < 0 {
		return name
	}
	var out strings.Builder
	for i := 0; i < len(name); i++ {
		if name[i] != escapeMark[0] || i+1 == len(name) {
			out.WriteByte(name[i])
			continue
		}
		i++
		switch name[i] {
		case 'A':
			out.WriteString(leafMark)
		case 'B':
			out.WriteString(escapeMark)
		case 'E': // nothing: the part is empty
		default:
			out.WriteByte(name[i])
		}
	}
	return out.String()
}
