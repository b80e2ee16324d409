package createdistribution_test

import (
	"testing"

	"github.com/dop251/goja"

	"github.com/mayfly-dev/mayfly/functions/createdistribution"
)

func TestAFoldersURLAsksForItsPage(t *testing.T) {
	vm := goja.New()
	if _, err := vm.RunString(createdistribution.FolderURLs); err != nil {
		t.Fatal(err)
	}
	handler, ok := goja.AssertFunction(vm.Get("handler"))
	if !ok {
		t.Fatal("the code has no function handler")
	}
	for uri, want := range map[string]string{
		"/":             "/",
		"/docs/":        "/docs/index.html",
		"/a/b/c/":       "/a/b/c/index.html",
		"/docs":         "/docs",
		"/docs/a.html":  "/docs/a.html",
		"/a%20b/":       "/a%20b/index.html",
		"/index.html":   "/index.html",
		"/docs/x.html/": "/docs/x.html/index.html",
	} {
		event := map[string]any{"request": map[string]any{"method": "GET", "uri": uri}}
		answer, err := handler(goja.Undefined(), vm.ToValue(event))
		if err != nil {
			t.Fatal(err)
		}
		if got := answer.ToObject(vm).Get("uri").String(); got != want {
			t.Errorf("%s asks for %s, want %s", uri, got, want)
		}
	}
}
