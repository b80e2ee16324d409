package image_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/mayfly-dev/mayfly/release"
	"github.com/mayfly-dev/mayfly/release/image/imagetest"
)

func TestWhatBreaksARuleIsRefused(t *testing.T) {
	var many []entry
	for i := range 150 {
		many = append(many, add(fmt.Sprintf("%sf%d", at, i), ""))
	}
	run(t, []testcase{
		{name: "a way out of the image", layers: layers{{page("home"), add("../x", "")}}, refused: `entry "../x" of layer sha256:`},
		{name: "a way out in the middle", layers: layers{{page("home"), add("a/../../x", "")}}, refused: `".." segment`},
		{name: "a way out that stays within", layers: layers{{page("home"), add("a/../x", "")}}, refused: `".." segment`},
		{name: "a folder that is the way out", layers: layers{{page("home"), dir("..")}}, refused: `".." segment`},
		{name: "a whiteout of the way out", layers: layers{{page("home"), add("a/.wh...", "")}}, refused: "a whiteout without a name"},
		{name: "a whiteout of the folder itself", layers: layers{{page("home"), add("a/.wh..", "")}}, refused: "a whiteout without a name"},
		{name: "a whiteout of no name", layers: layers{{page("home"), add("a/.wh.", "")}}, refused: "a whiteout without a name"},
		{name: "something below a whiteout", layers: layers{{page("home"), add(".wh.a/b", "")}}, refused: "below a whiteout"},
		{name: "an absolute name", layers: layers{{page("home"), add("/etc/passwd", "")}}, refused: "absolute name"},
		{name: "an absolute name in the web root", layers: layers{{add("/"+at+"index.html", "home")}}, refused: "absolute name"},
		{name: "an absolute whiteout", layers: layers{{page("home"), add("/.wh.etc", "")}}, refused: "absolute name"},
		{name: "a root that is a file", layers: layers{{page("home"), add(".", "x")}}, refused: "empty name"},
		{name: "a root that is a link", layers: layers{{page("home"), symlink(".", "/usr")}}, refused: "empty name"},
		{name: "a name of 5,000 bytes", layers: layers{{page("home"), add(strings.Repeat("n", 5000), "")}}, refused: "Linux allows 4096"},
		{name: "a link of 5,000 bytes", layers: layers{{page("home"), symlink("l", strings.Repeat("n", 5000))}}, refused: "Linux allows 4096"},

		{name: "a character device in the web root", layers: layers{{page("home"), node(tar.TypeChar, at+"null")}}, refused: `entry "null" is a device`},
		{name: "a block device in the web root", layers: layers{{page("home"), node(tar.TypeBlock, at+"a/sda")}}, refused: `entry "a/sda" is a device`},
		{name: "a named pipe in the web root", layers: layers{{page("home"), node(tar.TypeFifo, at+"pipe")}}, refused: `entry "pipe" is a named pipe`},
		{name: "an unknown kind in the web root", layers: layers{{page("home"), node('Z', at+"z")}}, refused: `entry "z" is of an unknown kind`},
		{name: "a device over the index page", layers: layers{{page("home")}, {node(tar.TypeChar, at+"index.html")}}, refused: "is a device"},
		{name: "a file twice", layers: layers{{page("home"), add(at+"a", "1"), add(at+"a", "2")}}, refused: `entry "usr/share/nginx/html/a" is more than once in layer`},
		{name: "a file and a link of one name", layers: layers{{page("home"), add(at+"a", "1"), symlink(at+"a", "index.html")}}, refused: "more than once"},
		{name: "a link and a file of one name", layers: layers{{page("home"), symlink(at+"a", "index.html"), add(at+"a", "1")}}, refused: "more than once"},
		{name: "a link to what is there twice", layers: layers{{page("home"), add("x", "1"), add("x", "2"), symlink(at+"a", "/x")}}, refused: "more than once"},
		{name: "a file and a folder", layers: layers{{page("home"), add(at+"a", "1"), add(at+"a/b", "2")}}, refused: "both a file and a folder"},
		{name: "a folder and a file", layers: layers{{page("home"), add(at+"a/b", "2"), add(at+"a", "1")}}, refused: "both a file and a folder"},
		{name: "a backslash in the web root", layers: layers{{page("home"), add(at+"a\\b", "")}}, refused: "backslash"},
		{name: "a control character in the web root", layers: layers{{page("home"), add(at+"a\nb", "")}}, refused: "control character"},
		{name: "a name in the web root that is not UTF-8", layers: layers{{page("home"), add(at+"a\xff", "")}}, refused: "not UTF-8"},
		{name: "a name in the web root that is too long for S3", layers: layers{{page("home"), add(at+strings.Repeat("n", 1100), "")}}, refused: "S3 allows 1024"},
		{name: "a folder in the web root that is too deep for S3", layers: layers{{page("home"), dir(at + strings.Repeat("dddddddddddddd/", 80) + "d")}}, refused: "S3 allows 1024"},
		{name: "too many entries in the web root", layers: layers{append(many, page("home"))}, refused: "the web root has more than 100 entries"},
		{name: "a file that is too large", layers: layers{{page("home"), add(at+"a", noise(1200<<10))}}, refused: "larger than 1 MiB"},
		{name: "content that is too large", layers: layers{{page("home"), add(at+"a", noise(900<<10)), add(at+"b", noise(900<<10))}, {add(at+"c", noise(900<<10)), add(at+"d", noise(900<<10))}}, refused: "more than 3 MiB"},
		{name: "links that make the content too large", layers: layers{{page("home"), add(at+"a", noise(900<<10)), hardlink(at+"b", at+"a"), hardlink(at+"c", at+"a"), hardlink(at+"d", at+"a")}}, refused: "larger than 3 MiB"},
		{name: "zeros that unpack to hundreds of times their size", layers: layers{{page("home"), add("zeros", strings.Repeat("\x00", 4<<20))}}, refused: "times its size"},
	})
}

// noise is content that does not pack, the same each time.
func noise(n int) string {
	data := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(data)
	return string(data)
}

func TestALayerThatCannotBeReadIsRefused(t *testing.T) {
	good := imagetest.Tar(page("home"), add(at+"a", noise(2000)))
	damaged := func(data []byte, at int) []byte {
		data = bytes.Clone(data)
		data[at] ^= 0x55
		return data
	}
	sparse := imagetest.Tar(page("home"), add(at+"s", ""))
	sparse[1024+156] = tar.TypeGNUSparse
	copy(sparse[1024+257:], "ustar  \x00")
	checksum(sparse[1024:])
	for _, c := range []struct {
		name  string
		layer []byte
		want  string
	}{
		{"no tar", []byte(strings.Repeat("this is not a tar ", 100)), "is damaged"},
		{"no tar, packed", imagetest.Gzip([]byte(strings.Repeat("this is not a tar ", 100))), "is damaged"},
		{"a tar cut off in a header", good[:1300], "is damaged"},
		{"a tar cut off in a file", good[:2000], "is damaged"},
		{"gzip cut off", imagetest.Gzip(good)[:1000], "is damaged"},
		{"gzip cut off in its header", imagetest.Gzip(good)[:5], "is damaged"},
		{"gzip with other content", damaged(imagetest.Gzip(good), 500), "is damaged"},
		{"gzip with another checksum", damaged(imagetest.Gzip(good), len(imagetest.Gzip(good))-6), "is damaged"},
		{"gzip with something behind it", append(imagetest.Gzip(good), "behind"...), "is damaged"},
		{"zstd cut off", imagetest.Zstd(good)[:1000], "is damaged"},
		{"zstd with other content", damaged(imagetest.Zstd(good), 500), "is damaged"},
		{"zstd with a window of 64 MiB", imagetest.Zstd(make([]byte, 65<<20), zstd.WithWindowSize(64<<20), zstd.WithSingleSegment(false)), "window"},
		{"a header with another checksum", damaged(good, 10), "is damaged"},
		{"a header with a size below 0", size(good, []byte("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")), "is damaged"},
		{"a header with a size beyond all", size(good, []byte("\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff")), "is damaged"},
		{"a sparse file", sparse, `entry "s" is a sparse file`},
		{"bzip2", []byte("BZh91AY&SY" + strings.Repeat("x", 600)), "is damaged"},
		{"nothing", nil, "no web root"},
		{"nothing, packed", imagetest.Gzip(nil), "no web root"},
	} {
		var repository imagetest.Repository
		_, _, err := show(t, &repository, &imagetest.Cache{}, repository.Put(nil, c.layer), small())
		var refused *release.ContentError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, not %q", c.name, err, c.want)
		}
	}
}

// size is a tar whose first header says another size.
func size(layer, size []byte) []byte {
	layer = bytes.Clone(layer)
	copy(layer[124:136], size)
	checksum(layer)
	return layer
}

// checksum makes a header's checksum right again.
func checksum(header []byte) {
	copy(header[148:], "        ")
	sum := 0
	for _, b := range header[:512] {
		sum += int(b)
	}
	copy(header[148:], fmt.Sprintf("%06o\x00 ", sum))
}
