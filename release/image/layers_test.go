package image_test

import (
	"archive/tar"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/release/image/imagetest"
)

var (
	add      = imagetest.File
	dir      = imagetest.Dir
	symlink  = imagetest.Symlink
	hardlink = imagetest.Hardlink
	node     = imagetest.Node
)

// gone is the mark that a layer has nothing at a path.
func gone(path string) entry {
	i := strings.LastIndexByte(path, '/') + 1
	return add(path[:i]+".wh."+path[i:], "")
}

// opaque is the mark that a folder hides what is below.
func opaque(folder string) entry { return add(folder+".wh..wh..opq", "") }

func TestLayersShowWhatAnOverlayShows(t *testing.T) {
	long := strings.Repeat("long/", 40) + "name.txt"
	run(t, []testcase{
		{name: "one layer", layers: layers{{page("home"), add(at+"a/b.css", "css")}}, want: files{"index.html": "home", "a/b.css": "css"}},
		{name: "an upper file hides a lower one", layers: layers{{page("old"), add(at+"a", "a")}, {page("new")}}, want: files{"index.html": "new", "a": "a"}},
		{name: "a whiteout hides a file", layers: layers{{page("home"), add(at+"a", "a")}, {gone(at + "a")}}, want: files{"index.html": "home"}},
		{name: "a whiteout hides a folder", layers: layers{{page("home"), add(at+"a/b/c", "c")}, {gone(at + "a")}}, want: files{"index.html": "home"}},
		{name: "a whiteout of nothing", layers: layers{{page("home"), gone(at + "b")}, {gone(at + "a"), gone("none/at/all")}}, want: files{"index.html": "home"}},
		{name: "a whiteout and the name again in one layer", layers: layers{{page("home"), add(at+"a/old", "old")}, {gone(at + "a"), add(at+"a/new", "new")}}, want: files{"index.html": "home", "a/new": "new"}},
		{name: "the name again and then its whiteout", layers: layers{{page("home"), add(at+"a", "old")}, {add(at+"a", "new"), gone(at + "a")}}, want: files{"index.html": "home", "a": "new"}},
		{name: "a whiteout is lifted by a layer above", layers: layers{{page("home"), add(at+"a", "1")}, {gone(at + "a")}, {add(at+"a", "3")}}, want: files{"index.html": "home", "a": "3"}},
		{name: "an opaque folder", layers: layers{{page("home"), add(at+"a/old", "old")}, {dir(at + "a"), opaque(at + "a/"), add(at+"a/new", "new")}}, want: files{"index.html": "home", "a/new": "new"}},
		{name: "an opaque folder without an entry", layers: layers{{page("home"), add(at+"a/old", "old")}, {opaque(at + "a/")}}, want: files{"index.html": "home"}},
		{name: "an opaque mark behind the folder's files", layers: layers{{page("home"), add(at+"a/old", "old")}, {add(at+"a/new", "new"), opaque(at + "a/")}}, want: files{"index.html": "home", "a/new": "new"}},
		{name: "an opaque folder far above", layers: layers{{page("old"), add(at+"old", "old")}, {opaque("usr/"), page("new")}}, want: files{"index.html": "new"}},
		{name: "an opaque root", layers: layers{{add("etc/passwd", "root"), page("old")}, {opaque(""), page("new")}}, want: files{"index.html": "new"}},
		{name: "an opaque mark hides nothing of its own layer", layers: layers{{opaque(at), page("home"), add(at+"a", "a")}}, want: files{"index.html": "home", "a": "a"}},
		{name: "a file over a folder", layers: layers{{page("home"), add(at+"a/b", "b")}, {add(at+"a", "file")}}, want: files{"index.html": "home", "a": "file"}},
		{name: "a folder over a file", layers: layers{{page("home"), add(at+"a", "file")}, {add(at+"a/b", "b")}}, want: files{"index.html": "home", "a/b": "b"}},
		{name: "a folder over a file over a folder", layers: layers{{page("home"), add(at+"a/x", "x")}, {add(at+"a", "file")}, {add(at+"a/y", "y")}}, want: files{"index.html": "home", "a/y": "y"}},
		{name: "a folder over a link over a folder", layers: layers{{page("home"), add(at+"a/x", "x")}, {symlink(at+"a", "b")}, {dir(at + "a"), add(at+"a/y", "y")}}, want: files{"index.html": "home", "a/y": "y"}},
		{name: "a deep file under what is a file below", layers: layers{{page("home"), add(at+"a/b/old", "old")}, {add(at+"a", "file")}, {add(at+"a/b/new", "new")}}, want: files{"index.html": "home", "a/b/new": "new"}},
		{name: "names that sort around a slash", layers: layers{{page("home"), add(at+"a-b", "1"), add(at+"a/b", "2"), add(at+"a.b", "3"), add(at+"a0", "4")}, {gone(at + "a")}}, want: files{"index.html": "home", "a-b": "1", "a.b": "3", "a0": "4"}},
		{name: "an empty layer", layers: layers{{page("home")}, {}}, want: files{"index.html": "home"}},
		{name: "the same layer twice", layers: layers{{page("home"), add(at+"a", "a")}, {gone(at + "a")}, {page("home"), add(at+"a", "a")}}, want: files{"index.html": "home", "a": "a"}},
		{name: "an empty file", layers: layers{{page("home"), add(at+"empty", "")}}, want: files{"index.html": "home", "empty": ""}},
		{name: "empty folders", layers: layers{{page("home"), dir(at + "a"), dir(at + "a/b")}}, want: files{"index.html": "home"}},
		{name: "a dot before each name", layers: layers{{dir("."), dir("./usr"), add("./"+at+"index.html", "home"), add("./"+at+".wh.x", "")}}, want: files{"index.html": "home"}},
		{name: "doubled slashes", layers: layers{{add("usr//share/./nginx/html//index.html", "home")}}, want: files{"index.html": "home"}},
		{name: "a folder twice", layers: layers{{dir(at + "a"), dir(at + "a"), page("home")}}, want: files{"index.html": "home"}},
		{name: "a long name", layers: layers{{page("home"), add(at+long, "long")}, {}}, want: files{"index.html": "home", long: "long"}},
		{name: "what systems leave behind", layers: layers{{page("home"), add(at+".git/HEAD", "x"), add(at+".DS_Store", "x"), add(at+"a/._b", "x"), add(at+".well-known/x", "x")}}, want: files{"index.html": "home", ".well-known/x": "x"}},
		{name: "what AUFS kept for itself", layers: layers{{page("home"), add(at+".wh..wh.plnk", ""), add(".wh..wh.aufs", ""), add(at+"a", "a")}}, want: files{"index.html": "home", "a": "a"}},
		{name: "odd things elsewhere in the image", layers: layers{{page("home"), node(tar.TypeChar, "dev/null"), node(tar.TypeBlock, "dev/sda"), node(tar.TypeFifo, "run/fifo"),
			symlink("loop", "loop"), symlink("out", "../../.."), hardlink("nothing", "none"), add("twice", "1"), add("twice", "2"), add("a\\b", ""), add("\xff", ""), add("x", ""), add("x/y", "")}}, want: files{"index.html": "home"}},
		{name: "odd things hidden by layers above", layers: layers{{page("home"), node(tar.TypeFifo, at+"fifo"), symlink(at+"link", "/none"), add(at+"x", "1"), add(at+"x", "2")}, {gone(at + "fifo"), gone(at + "link"), add(at+"x", "3")}}, want: files{"index.html": "home", "x": "3"}},
		{name: "a header for the whole tar", layers: layers{{{Header: tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": "x"}}}, page("home")}}, want: files{"index.html": "home"}},
	})
}

func TestLinksAreFollowedWithinTheImage(t *testing.T) {
	run(t, []testcase{
		{name: "to a file beside", layers: layers{{page("home"), symlink(at+"a.html", "index.html")}}, want: files{"index.html": "home", "a.html": "home"}},
		{name: "to a file outside of the web root", layers: layers{{page("home"), add("data/x", "x")}, {symlink(at+"x", "/data/x")}}, want: files{"index.html": "home", "x": "x"}},
		{name: "up and down again", layers: layers{{page("home"), add("data/x", "x"), symlink(at+"x", "../../../../data/x")}}, want: files{"index.html": "home", "x": "x"}},
		{name: "to a file of a layer above", layers: layers{{page("home"), symlink(at+"x", "y")}, {add(at+"y", "y")}}, want: files{"index.html": "home", "x": "y", "y": "y"}},
		{name: "to a folder", layers: layers{{page("home"), add("data/a/b", "b"), symlink(at+"d", "/data")}}, want: files{"index.html": "home", "d/a/b": "b"}},
		{name: "to a folder of several layers", layers: layers{{page("home"), add("data/a", "a"), symlink(at+"d", "/data")}, {add("data/b", "b"), gone("data/a")}}, want: files{"index.html": "home", "d/b": "b"}},
		{name: "over a link in the middle", layers: layers{{page("home"), symlink("d", "data/now"), symlink("data/now", "v2"), add("data/v2/x", "x"), symlink(at+"x", "/d/x")}}, want: files{"index.html": "home", "x": "x"}},
		{name: "the index page is one", layers: layers{{symlink(at+"index.html", "/home.html"), add("home.html", "home")}}, want: files{"index.html": "home"}},
		{name: "the web root is one", layers: layers{{add("app/x/index.html", "home"), symlink("usr/share/nginx/html", "/app/x")}}, want: files{"index.html": "home"}},
		{name: "a folder above the web root is one", layers: layers{{add("web/nginx/html/index.html", "home"), symlink("usr/share", "../web")}}, want: files{"index.html": "home"}},
		{name: "two web roots are one", layers: layers{{add("srv/index.html", "home"), symlink("var/www/html", "/srv")}}, want: files{"index.html": "home"}},
		{name: "a hard link", layers: layers{{page("home"), add(at+"a", "a"), hardlink(at+"b", at+"a"), hardlink(at+"c", "./"+at+"b")}}, want: files{"index.html": "home", "a": "a", "b": "a", "c": "a"}},
		{name: "a hard link to a file outside of the web root", layers: layers{{page("home"), add("data/x", "x"), hardlink(at+"x", "data/x")}}, want: files{"index.html": "home", "x": "x"}},
		{name: "a hard link keeps what a layer above replaced", layers: layers{{page("home"), add(at+"a", "old"), hardlink(at+"b", at+"a")}, {add(at+"a", "new")}}, want: files{"index.html": "home", "a": "new", "b": "old"}},
		{name: "a hard link keeps what a layer above removed", layers: layers{{page("home"), add(at+"a", "old"), hardlink(at+"b", at+"a")}, {gone(at + "a")}}, want: files{"index.html": "home", "b": "old"}},
		{name: "a hard link to a file of a layer below", layers: layers{{page("home"), add(at+"a", "a")}, {hardlink(at+"b", at+"a")}}, want: files{"index.html": "home", "a": "a", "b": "a"}},
		{name: "a hard link to a symbolic one", layers: layers{{page("home"), add(at+"x", "up"), add(at+"d/x", "down"), symlink(at+"l", "x"), hardlink(at+"d/l", at+"l")}}, want: files{"index.html": "home", "x": "up", "d/x": "down", "l": "up", "d/l": "down"}},
		{name: "a symbolic link to a hard one", layers: layers{{page("home"), add("x", "x"), hardlink("y", "x"), symlink(at+"z", "/y")}}, want: files{"index.html": "home", "z": "x"}},
	})
}
