package imagetest

import (
	"archive/tar"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/mayfly-dev/mayfly/release"
)

// webRoot is where the hostile images have their site: where nginx has it.
const webRoot = "usr/share/nginx/html/"

func page() Entry { return File(webRoot+"index.html", "home") }

// HostileLimits are limits that the hostile images reach quickly.
func HostileLimits() release.Limits {
	limits := release.DefaultLimits()
	limits.Entries, limits.FileBytes, limits.TotalBytes, limits.RatioFrom = 100, 1<<20, 3<<20, 1<<20
	return limits
}

// Hostile is an image that is to be refused.
type Hostile struct {
	Name string
	// Layers are those of the image, the lowest first.
	Layers [][]Entry
	// Reason is what the refusal says.
	Reason string
}

// Put keeps the image, and returns the digest of its manifest.
func (h Hostile) Put(r *Repository) string {
	var packed [][]byte
	for _, entries := range h.Layers {
		packed = append(packed, Gzip(Tar(entries...)))
	}
	return r.Put(nil, packed...)
}

// HostileEntries are images whose entries break a rule, under HostileLimits.
func HostileEntries() []Hostile {
	var many []Entry
	for i := range 150 {
		many = append(many, File(fmt.Sprintf("%sf%d", webRoot, i), ""))
	}
	return []Hostile{
		{"a way out of the image", [][]Entry{{page(), File("../x", "")}}, `entry "../x" of layer sha256:`},
		{"a way out in the middle", [][]Entry{{page(), File("a/../../x", "")}}, `".." segment`},
		{"a way out that stays within", [][]Entry{{page(), File("a/../x", "")}}, `".." segment`},
		{"a folder that is the way out", [][]Entry{{page(), Dir("..")}}, `".." segment`},
		{"a whiteout of the way out", [][]Entry{{page(), File("a/.wh...", "")}}, "a whiteout without a name"},
		{"a whiteout of the folder itself", [][]Entry{{page(), File("a/.wh..", "")}}, "a whiteout without a name"},
		{"a whiteout of no name", [][]Entry{{page(), File("a/.wh.", "")}}, "a whiteout without a name"},
		{"something below a whiteout", [][]Entry{{page(), File(".wh.a/b", "")}}, "below a whiteout"},
		{"an absolute name", [][]Entry{{page(), File("/etc/passwd", "")}}, "absolute name"},
		{"an absolute name in the web root", [][]Entry{{File("/"+webRoot+"index.html", "home")}}, "absolute name"},
		{"an absolute whiteout", [][]Entry{{page(), File("/.wh.etc", "")}}, "absolute name"},
		{"a root that is a file", [][]Entry{{page(), File(".", "x")}}, "empty name"},
		{"a root that is a link", [][]Entry{{page(), Symlink(".", "/usr")}}, "empty name"},
		{"a name of 5,000 bytes", [][]Entry{{page(), File(strings.Repeat("n", 5000), "")}}, "Linux allows 4096"},
		{"a link of 5,000 bytes", [][]Entry{{page(), Symlink("l", strings.Repeat("n", 5000))}}, "Linux allows 4096"},

		{"a character device in the web root", [][]Entry{{page(), Node(tar.TypeChar, webRoot+"null")}}, `entry "null" is a device`},
		{"a block device in the web root", [][]Entry{{page(), Node(tar.TypeBlock, webRoot+"a/sda")}}, `entry "a/sda" is a device`},
		{"a named pipe in the web root", [][]Entry{{page(), Node(tar.TypeFifo, webRoot+"pipe")}}, `entry "pipe" is a named pipe`},
		{"an unknown kind in the web root", [][]Entry{{page(), Node('Z', webRoot+"z")}}, `entry "z" is of an unknown kind`},
		{"a device over the index page", [][]Entry{{page()}, {Node(tar.TypeChar, webRoot+"index.html")}}, "is a device"},
		{"a file twice", [][]Entry{{page(), File(webRoot+"a", "1"), File(webRoot+"a", "2")}}, `entry "usr/share/nginx/html/a" is more than once in layer`},
		{"a file and a link of one name", [][]Entry{{page(), File(webRoot+"a", "1"), Symlink(webRoot+"a", "index.html")}}, "more than once"},
		{"a link and a file of one name", [][]Entry{{page(), Symlink(webRoot+"a", "index.html"), File(webRoot+"a", "1")}}, "more than once"},
		{"a link to what is there twice", [][]Entry{{page(), File("x", "1"), File("x", "2"), Symlink(webRoot+"a", "/x")}}, "more than once"},
		{"a file and a folder", [][]Entry{{page(), File(webRoot+"a", "1"), File(webRoot+"a/b", "2")}}, "both a file and a folder"},
		{"a folder and a file", [][]Entry{{page(), File(webRoot+"a/b", "2"), File(webRoot+"a", "1")}}, "both a file and a folder"},
		{"a backslash in the web root", [][]Entry{{page(), File(webRoot+"a\\b", "")}}, "backslash"},
		{"a control character in the web root", [][]Entry{{page(), File(webRoot+"a\nb", "")}}, "control character"},
		{"a name in the web root that is not UTF-8", [][]Entry{{page(), File(webRoot+"a\xff", "")}}, "not UTF-8"},
		{"a name in the web root that is too long for S3", [][]Entry{{page(), File(webRoot+strings.Repeat("n", 1100), "")}}, "S3 allows 1024"},
		{"a folder in the web root that is too deep for S3", [][]Entry{{page(), Dir(webRoot + strings.Repeat("dddddddddddddd/", 80) + "d")}}, "S3 allows 1024"},
		{"too many entries in the web root", [][]Entry{append(many, page())}, "the web root has more than 100 entries"},
		{"a file that is too large", [][]Entry{{page(), File(webRoot+"a", Noise(1200<<10))}}, "larger than 1 MiB"},
		{"content that is too large", [][]Entry{{page(), File(webRoot+"a", Noise(900<<10)), File(webRoot+"b", Noise(900<<10))}, {File(webRoot+"c", Noise(900<<10)), File(webRoot+"d", Noise(900<<10))}}, "more than 3 MiB"},
		{"links that make the content too large", [][]Entry{{page(), File(webRoot+"a", Noise(900<<10)), Hardlink(webRoot+"b", webRoot+"a"), Hardlink(webRoot+"c", webRoot+"a"), Hardlink(webRoot+"d", webRoot+"a")}}, "larger than 3 MiB"},
		{"zeros that unpack to hundreds of times their size", [][]Entry{{page(), File("zeros", strings.Repeat("\x00", 4<<20))}}, "times its size"},
	}
}

// Noise is content that does not pack, the same each time.
func Noise(n int) string {
	data := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(data)
	return string(data)
}
