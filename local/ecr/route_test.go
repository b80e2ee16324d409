package ecr

import (
	"os"
	"strings"
	"testing"
)

func TestRoutes(t *testing.T) {
	const digest = "sha256:abc"
	for path, want := range map[string]route{
		"/v2/":                             {kind: "base"},
		"/v2":                              {kind: "base"},
		"/v2/_catalog":                     {kind: "catalog"},
		"/v2/a/tags/list":                  {"tags", "a", ""},
		"/v2/a/b/manifests/v1":             {"manifest", "a/b", "v1"},
		"/v2/a/manifests/" + digest:        {"manifest", "a", digest},
		"/v2/a/blobs/" + digest:            {"blob", "a", digest},
		"/v2/a/blobs/uploads/":             {"upload", "a", ""},
		"/v2/a/blobs/uploads":              {"upload", "a", ""},
		"/v2/a/blobs/uploads/1-2":          {"upload", "a", "1-2"},
		"/v2/a/referrers/" + digest:        {"referrers", "a", digest},
		"/v2/manifests/manifests/v1":       {"manifest", "manifests", "v1"},
		"/v2/blobs/uploads/manifests/v1":   {"manifest", "blobs/uploads", "v1"},
		"/v2/a/manifests/v1/blobs/uploads": {"upload", "a/manifests/v1", ""},
	} {
		if got, ok := parseRoute(path); !ok || got != want {
			t.Errorf("%s: %+v, %t, want %+v", path, got, ok, want)
		}
	}
	for _, path := range []string{"", "/", "/v1/", "/v2x", "/v2/a", "/v2/manifests/v1", "/v2/a/manifests/", "/v2/a/blobs/", "/v2//tags", "/v2/tags/list/x", "/v2/a/manifests/v1/x"} {
		if got, ok := parseRoute(path); ok {
			t.Errorf("%s: %+v", path, got)
		}
	}
}

func FuzzRoute(f *testing.F) {
	f.Add("/v2/a/b/blobs/uploads/x")
	f.Fuzz(func(t *testing.T, path string) {
		at, ok := parseRoute(path)
		if ok && (strings.Contains(at.reference, "/") || at.kind == "") {
			t.Errorf("%q: %+v", path, at)
		}
	})
}

// TestThePageNamesEachOperation holds docs/registry.md to what there is.
func TestThePageNamesEachOperation(t *testing.T) {
	page, err := os.ReadFile("../../docs/registry.md")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]bool{}
	for _, word := range strings.FieldsFunc(string(page), func(r rune) bool { return r == ' ' || r == '\n' || r == ',' || r == '.' }) {
		words[word] = true
	}
	for _, operations := range []map[string]operation{privateOperations(), publicOperations()} {
		for name := range operations {
			if !words[name] {
				t.Errorf("docs/registry.md does not name %s", name)
			}
		}
	}
}
