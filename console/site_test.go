package console_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/console"
	"github.com/mayfly-dev/mayfly/release"
)

const (
	apiAddress = "https://abc123.execute-api.eu-central-1.amazonaws.com"
	uploads    = "https://uploads-mayfly-dev-111122223333-eu-central-1.s3.eu-central-1.amazonaws.com"
)

func cognito() *console.SignIn {
	return &console.SignIn{ClientID: "4f2", Scope: "openid", Token: "access", Server: console.Server{
		Issuer:                "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc",
		AuthorizationEndpoint: "https://team.auth.eu-central-1.amazoncognito.com/oauth2/authorize",
		TokenEndpoint:         "https://team.auth.eu-central-1.amazoncognito.com/oauth2/token",
	}}
}

// written writes a site, and returns its files.
func written(t *testing.T, options console.Options) (fs.FS, map[string]string) {
	t.Helper()
	dir := t.TempDir()
	if err := console.WriteSite(dir, options); err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	root := os.DirFS(dir)
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			var text []byte
			text, err = fs.ReadFile(root, name)
			texts[name] = string(text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return root, texts
}

func TestASitesPolicyIsInItsPage(t *testing.T) {
	_, texts := written(t, console.Options{API: apiAddress, Uploads: []string{uploads}, SignIn: cognito()})
	index := texts["index.html"]
	policy := `<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; script-src &#39;self&#39;; style-src &#39;self&#39;; img-src &#39;self&#39;; ` +
		`connect-src &#39;self&#39; ` + uploads + ` ` + apiAddress + ` https://team.auth.eu-central-1.amazoncognito.com; ` +
		`base-uri &#39;none&#39;; form-action &#39;none&#39;; require-trusted-types-for &#39;script&#39;; trusted-types &#39;none&#39;">`
	if at := strings.Index(index, policy); at < 0 || at > strings.Index(index, "<link") || at > strings.Index(index, "<script") {
		t.Errorf("the policy is not there, or comes late: %s", index)
	}
	if !strings.Contains(index, `<meta name="referrer" content="no-referrer">`) || strings.Contains(index, "frame-ancestors") {
		t.Errorf("the page's head: %s", index)
	}
	var config map[string]any
	if err := json.Unmarshal([]byte(texts["config.json"]), &config); err != nil || config["api"] != apiAddress {
		t.Errorf("config.json is %s, %v", texts["config.json"], err)
	}
	server, _ := config["signIn"].(map[string]any)["server"].(map[string]any)
	if server["token_endpoint"] != cognito().Server.TokenEndpoint {
		t.Errorf("config.json is %s", texts["config.json"])
	}
}

// TestOneSiteIsNeverMixedWithTheNext: what the page names is in a folder that
// only the same files share.
func TestOneSiteIsNeverMixedWithTheNext(t *testing.T) {
	root, texts := written(t, console.Options{API: apiAddress})
	_, again := written(t, console.Options{API: "https://other.example", SignIn: cognito()})
	named := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(texts["index.html"], -1)
	if len(named) < 10 {
		t.Fatalf("the page names %d files", len(named))
	}
	for _, one := range named {
		if _, err := fs.Stat(root, one[1]); err != nil || !strings.HasPrefix(one[1], "console-") {
			t.Errorf("the page names %s: %v", one[1], err)
		}
	}
	for name := range texts {
		if _, ok := again[name]; !ok {
			t.Errorf("%s is not there with other settings", name)
		}
		if folder, _, _ := strings.Cut(name, "/"); folder != "index.html" && folder != "config.json" && !regexp.MustCompile(`^console-[0-9a-f]{16}$`).MatchString(folder) {
			t.Errorf("%s is beside the folder", name)
		}
	}
}

// TestASiteIsServedAsTheConsoleIs: a release gives each file the type that the
// console's own server gives it, and what must be asked for again is.
func TestASiteIsServedAsTheConsoleIs(t *testing.T) {
	c := served(t)
	_, texts := written(t, console.Options{API: apiAddress})
	for name := range texts {
		local := "/" + name
		if folder, rest, _ := strings.Cut(name, "/"); strings.HasPrefix(folder, "console-") {
			local = "/" + rest
		}
		want := strings.TrimSuffix(ask(c, "GET", local).Header().Get("Content-Type"), "; charset=utf-8")
		if got := release.ContentType(name); strings.TrimSuffix(got, "; charset=utf-8") != want {
			t.Errorf("%s is released as %s and served as %s", name, got, want)
		}
		if cache := release.CacheControl(name); path.Base(name) == "index.html" && cache != release.CachePage || cache == release.CacheFingerprint {
			t.Errorf("%s is kept by %s", name, cache)
		}
	}
}
