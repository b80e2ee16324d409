package release_test

import (
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/release"
)

// objects returns the objects of a text such as "a=1 b=2": paths and contents.
func objects(text string) iter.Seq2[release.Object, error] {
	return func(yield func(release.Object, error) bool) {
		for field := range strings.FieldsSeq(text) {
			path, content, _ := strings.Cut(field, "=")
			if content == "broken" {
				yield(release.Object{}, errBroken)
				return
			}
			if !yield(release.Object{Path: path, Size: int64(len(content)), SHA256: content, ETag: content}, nil) {
				return
			}
		}
	}
}

var errBroken = errors.New("broken")

func differences(t *testing.T, before, after iter.Seq2[release.Object, error]) string {
	t.Helper()
	var told []string
	for d, err := range release.Differences(before, after) {
		switch {
		case err != nil:
			told = append(told, err.Error())
		case d.Added():
			told = append(told, "+"+d.Path())
		case d.Removed():
			told = append(told, "-"+d.Path())
		default:
			told = append(told, "~"+d.Path())
		}
	}
	return strings.Join(told, " ")
}

func TestDifferencesAreInTheOrderOfPaths(t *testing.T) {
	for _, c := range []struct{ name, before, after, want string }{
		{"nothing in either", "", "", ""},
		{"the same", "a=1 b=2", "a=1 b=2", ""},
		{"a first release", "", "a=1 b=2", "+a +b"},
		{"everything goes", "a=1 b=2", "", "-a -b"},
		{"one of each", "a=1 b=2 d=4", "a=1 b=3 c=5", "~b +c -d"},
		{"nothing in common", "a=1 c=1 e=1", "b=1 d=1 f=1", "-a +b -c +d -e +f"},
		{"the first is shorter", "a=1", "a=1 b=1 c=1", "+b +c"},
		{"the second is shorter", "a=1 b=1 c=1", "c=1", "-a -b"},
		{"upper case and slashes sort by their bytes", "A=1 a/b=1 a=1", "A=1 a/b=1 a=2", "~a"},
		{"the first can't be read to its end", "a=1 b=broken", "a=1 b=1", "broken"},
		{"the second can't be read to its end", "a=1 b=1", "a=2 b=broken", "~a broken"},
		{"what is broken is told though the other has ended", "", "a=1 b=broken", "+a broken"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := differences(t, objects(c.before), objects(c.after)); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestTheSameIsWhatVisitorsGet(t *testing.T) {
	page := release.Object{Path: "a", Size: 1, SHA256: "1", ETag: "e1", VersionID: "v1", ContentType: "text/html", CacheControl: "no-cache"}
	for name, c := range map[string]struct {
		change func(*release.Object)
		same   bool
	}{
		"another version of the same content":       {func(o *release.Object) { o.VersionID = "v2" }, true},
		"the same content uploaded in other parts":  {func(o *release.Object) { o.ETag = "e2-2" }, true},
		"the same object whose digest nobody knows": {func(o *release.Object) { o.SHA256 = "" }, true},
		"other content":                     {func(o *release.Object) { o.SHA256, o.ETag = "2", "e2" }, false},
		"content of which nothing is known": {func(o *release.Object) { o.SHA256, o.ETag = "", "" }, false},
		"another type":                      {func(o *release.Object) { o.ContentType = "text/plain" }, false},
		"other caching":                     {func(o *release.Object) { o.CacheControl = "max-age=60" }, false},
		"another size, though the digest claims otherwise": {func(o *release.Object) { o.Size = 2 }, false},
	} {
		t.Run(name, func(t *testing.T) {
			other := page
			c.change(&other)
			one := func(o release.Object) iter.Seq2[release.Object, error] {
				return func(yield func(release.Object, error) bool) { yield(o, nil) }
			}
			if got := differences(t, one(page), one(other)) == ""; got != c.same {
				t.Errorf("same: %v", got)
			}
		})
	}
}

func TestDifferencesEndWhenNobodyAsksOn(t *testing.T) {
	read := 0
	counted := func(yield func(release.Object, error) bool) {
		for _, path := range []string{"a", "b", "c", "d"} {
			read++
			if !yield(release.Object{Path: path}, nil) {
				return
			}
		}
	}
	for range release.Differences(objects(""), counted) {
		break
	}
	if read > 2 {
		t.Errorf("%d objects were read for one difference", read)
	}
	if n := len(slices.Collect(func(yield func(string) bool) {
		for d := range release.Differences(objects(""), counted) {
			yield(d.Path())
		}
	})); n != 4 {
		t.Errorf("%d differences", n)
	}
}
