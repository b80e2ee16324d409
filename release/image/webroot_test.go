package image_test

import (
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/release/image"
	"github.com/mayfly-dev/mayfly/release/image/imagetest"
)

func TestTheWebRootIsFound(t *testing.T) {
	home := func(root string) entry { return add(strings.TrimPrefix(root+"/index.html", "/"), "home") }
	for _, root := range []string{
		"/usr/share/nginx/html", "/usr/local/apache2/htdocs", "/usr/share/caddy", "/srv", "/var/www/html", "/app/dist", "/app/build",
		"/public", "/app/public", "/site", "/dist", "/build",
	} {
		run(t, []testcase{{name: root, layers: layers{{add("etc/passwd", "x"), home(root)}}, want: files{"index.html": "home"}}})
	}
	run(t, []testcase{
		{name: "the top of an image from scratch", layers: layers{{home(""), add("css/a.css", "css")}}, want: files{"index.html": "home", "css/a.css": "css"}},
		{name: "the top of an image from scratch in layers", layers: layers{{home("")}, {add("a", "a"), gone("b")}}, want: files{"index.html": "home", "a": "a"}},
		{name: "the top of a system", layers: layers{{add("etc/passwd", "x"), add("bin/sh", "x")}, {home("")}}, refused: "no web root"},
		{name: "the top of a system that was made a site", layers: layers{{add("etc/passwd", "x")}, {opaque(""), home("")}}, want: files{"index.html": "home"}},
		{name: "no folder with an index page", layers: layers{{add("srv/readme.txt", "x"), dir("app/dist")}}, refused: `none of /usr/share/nginx/html, /usr/local/apache2/htdocs, /usr/share/caddy, /srv, /var/www/html, /app/dist, /app/build, /public, /app/public, /site, /dist, /build, / has the index page "index.html"; say where the site is, with LABEL mayfly.web-root=/folder`},
		{name: "an index page that is a folder", layers: layers{{add("srv/index.html/x", "x")}}, refused: "no web root"},
		{name: "an index page that was removed", layers: layers{{home("/srv")}, {gone("srv/index.html")}}, refused: "no web root"},
		{name: "a folder that is a file", layers: layers{{add("srv", "x"), home("/dist")}}, want: files{"index.html": "home"}},
		{name: "two folders", layers: layers{{home("/dist"), home("/srv")}}, refused: `two folders of the image have the index page "index.html", /srv and /dist; say which is the site, with LABEL mayfly.web-root=/srv`},
		{name: "a folder and the top", layers: layers{{home("/dist"), home("")}}, refused: "/dist and /"},
		{name: "two folders of which one is empty now", layers: layers{{home("/usr/share/nginx/html")}, {gone("usr/share/nginx/html"), home("/app/dist")}}, want: files{"index.html": "home"}},

		{name: "a label", label: "/opt/site", layers: layers{{home("/opt/site"), home("/srv"), add("opt/site/a", "a")}}, want: files{"index.html": "home", "a": "a"}},
		{name: "a label with more slashes", label: "/opt//site/", layers: layers{{home("/opt/site")}}, want: files{"index.html": "home"}},
		{name: "a label for the top of a system", label: "/", layers: layers{{home(""), add("etc/passwd", "x")}}, want: files{"index.html": "home", "etc/passwd": "x"}},
		{name: "a label for a link", label: "/now", layers: layers{{home("/v1"), symlink("now", "v1")}}, want: files{"index.html": "home"}},
		{name: "a label that is no path", label: "opt/site", layers: layers{{home("/opt/site")}}, refused: "must be an absolute path"},
		{name: "a label that leads out", label: "/../srv", layers: layers{{home("/srv")}}, refused: "leads out of the image"},
		{name: "a label for nothing", label: "/opt/site", layers: layers{{home("/srv")}}, refused: `label mayfly.web-root is "/opt/site", and the image has no such folder`},
		{name: "a label for a file", label: "/srv/index.html", layers: layers{{home("/srv")}}, refused: "no such folder"},
		{name: "a label for a folder without an index page", label: "/opt", layers: layers{{home("/opt/site")}}, refused: `there is no index page "index.html" in it`},
	})
}

func TestTheIndexPageIsTheSandboxs(t *testing.T) {
	var r imagetest.Repository
	digest := r.Put(nil, packed(page("nginx"), add("srv/home.htm", "home")))
	site, err := image.Inspect(t.Context(), &r, &imagetest.Cache{}, digest, small(), "home.htm")
	if err != nil || site.WebRoot != "/srv" || len(site.Files) != 1 || site.Files[0].Path != "home.htm" {
		t.Errorf("%+v, %v", site, err)
	}
}
