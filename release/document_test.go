package release_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/release"
)

func object(path, content string) release.Object {
	return release.Object{Path: path, Size: int64(len(content)), SHA256: "sha-" + content, ETag: "etag-" + content, VersionID: "v-" + content}
}

func TestDocumentsAreReadAsTheyWereWritten(t *testing.T) {
	source := events.ReleaseSource{Kind: events.SourceRestore, Path: "a<b>&", VersionID: "v"}
	plan := release.Plan{
		PlanHeader: release.PlanHeader{Format: release.PlanFormat, SandboxID: "s", Release: "r", Source: source, Bucket: "b", Entries: 2, Removals: 2},
		Entries:    []release.PlanEntry{{Object: object("a<b>&", "x"), Write: true, Pass: events.PassPages, From: "v"}, {Object: object("ü", "y")}},
		Remove:     []string{"x", "y/\"z\""},
	}
	var out bytes.Buffer
	if err := release.WritePlan(&out, plan); err != nil {
		t.Fatal(err)
	}
	text := out.Bytes()
	got, err := release.ReadPlan(&out)
	if diff := cmp.Diff(plan, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for at := range len(text) {
		if _, err := release.ReadPlan(bytes.NewReader(text[:at])); err == nil {
			t.Fatalf("a plan cut off at %d of %d is read", at, len(text))
		}
	}
	part := release.Part{PartHeader: release.PartHeader{Format: release.PartFormat, Pass: events.PassAssets, From: 3, Next: 9}, Written: []release.PartEntry{{Index: 4, ETag: "e", VersionID: "v"}}}
	out.Reset()
	if err := release.WritePart(&out, part); err != nil {
		t.Fatal(err)
	}
	read, err := release.ReadPart(&out)
	if diff := cmp.Diff(part, read); err != nil || diff != "" {
		t.Error(err, diff)
	}
	out.Reset()
	if err := release.WriteManifest(&out, release.Manifest{Objects: []release.Object{object("a", "x"), object("b", "yy")}}); err != nil {
		t.Fatal(err)
	}
	text = bytes.Clone(out.Bytes())
	header, objects, err := release.ReadManifest(&out)
	if err != nil || header.Files != 2 || header.Bytes != 3 || header.Format != release.ManifestFormat {
		t.Errorf("header %+v, %v", header, err)
	}
	var paths []string
	for o, err := range objects {
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, o.Path)
	}
	if diff := cmp.Diff([]string{"a", "b"}, paths); diff != "" {
		t.Error(diff)
	}
	if _, err := release.ReadPlan(bytes.NewReader(text)); err == nil || !strings.Contains(err.Error(), "format") {
		t.Errorf("a manifest is read as a plan: %v", err)
	}
}

func TestTwentyThousandEntriesAreAFewMegabytes(t *testing.T) {
	plan := release.Plan{Entries: make([]release.PlanEntry, 20_000)}
	for i := range plan.Entries {
		plan.Entries[i] = release.PlanEntry{Object: release.Object{Path: fmt.Sprintf("assets/folder%03d/file-%05d.png", i/100, i), SHA256: fmt.Sprintf("%064x", i*i), ETag: fmt.Sprintf("%032x", i)}, Write: true, Pass: events.PassAssets}
	}
	var out bytes.Buffer
	if err := release.WritePlan(&out, plan); err != nil {
		t.Fatal(err)
	}
	if out.Len() > 4<<20 {
		t.Errorf("%d bytes", out.Len())
	}
	got, err := release.ReadPlan(&out)
	if err != nil || len(got.Entries) != 20_000 || got.Entries[19_999] != plan.Entries[19_999] {
		t.Errorf("%d entries, %v", len(got.Entries), err)
	}
}

func inspected(path, content string) release.Inspected {
	return release.Inspected{Path: path, Digest: release.Digest{Size: int64(len(content)), SHA256: "sha-" + content, MD5: "md5-" + content, Multipart: "multi-" + content}}
}

func listing(objects ...release.Listed) func(func(release.Listed, error) bool) {
	return func(yield func(release.Listed, error) bool) {
		for _, o := range objects {
			if !yield(o, nil) {
				return
			}
		}
	}
}

func TestOnlyWhatDiffersIsWritten(t *testing.T) {
	headers := func(o release.Object) release.Object {
		o.ContentType, o.CacheControl = release.ContentType(o.Path), release.CacheControl(o.Path)
		return o
	}
	old := headers(object("a.css", "x"))
	old.CacheControl = "no-store"
	for _, c := range []struct {
		name  string
		live  []release.Object
		there []release.Listed
		write bool
		id    string
	}{
		{"is not there", nil, nil, true, ""},
		{"is there by its MD5", nil, []release.Listed{{Key: "a.css", Size: 1, ETag: "md5-x"}}, false, ""},
		{"is there by its MD5, over what the manifest knows", []release.Object{headers(object("a.css", "y"))}, []release.Listed{{Key: "a.css", Size: 1, ETag: "md5-x"}}, false, ""},
		{"is there in parts", nil, []release.Listed{{Key: "a.css", Size: 1, ETag: "multi-x"}}, false, ""},
		{"is there with other content", nil, []release.Listed{{Key: "a.css", Size: 1, ETag: "md5-y"}}, true, ""},
		{"is there with another size", nil, []release.Listed{{Key: "a.css", Size: 2, ETag: "md5-x"}}, true, ""},
		{"is there by an ETag of its own, which the manifest knows", []release.Object{headers(object("a.css", "x"))}, []release.Listed{{Key: "a.css", Size: 1, ETag: "etag-x"}}, false, "v-x"},
		{"was changed since the manifest", []release.Object{headers(object("a.css", "x"))}, []release.Listed{{Key: "a.css", Size: 1, ETag: "etag-z"}}, true, ""},
		{"was other content in the manifest", []release.Object{headers(object("a.css", "y"))}, []release.Listed{{Key: "a.css", Size: 1, ETag: "etag-y"}}, true, ""},
		{"was deleted behind the manifest", []release.Object{headers(object("a.css", "x"))}, nil, true, ""},
		{"has other headers than it would get", []release.Object{old}, []release.Listed{{Key: "a.css", Size: 1, ETag: "etag-x"}}, true, ""},
	} {
		plan, err := release.PlanFiles([]release.Inspected{inspected("a.css", "x")}, release.NewLive(c.live), listing(c.there...))
		if err != nil || len(plan.Entries) != 1 || len(plan.Remove) != 0 {
			t.Fatalf("%s: %+v, %v", c.name, plan, err)
		}
		e := plan.Entries[0]
		if e.Write != c.write || e.VersionID != c.id || c.write != (e.Pass == events.PassAssets) || c.write == (e.ETag != "") {
			t.Errorf("an object that %s: %+v", c.name, e)
		}
	}
}

func TestWhatIsNotInTheArchiveIsRemoved(t *testing.T) {
	plan, err := release.PlanFiles([]release.Inspected{inspected("b", "x")}, nil, listing(
		release.Listed{Key: "a/"}, release.Listed{Key: "b", Size: 1, ETag: "md5-x"}, release.Listed{Key: "c"}))
	if diff := cmp.Diff([]string{"a/", "c"}, plan.Remove); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if changed := plan.Changed(); !cmp.Equal(changed, []string{"a/", "c"}) {
		t.Errorf("changed: %q", changed)
	}
}

func TestAListingThatFailsMakesNoPlan(t *testing.T) {
	broken := func(yield func(release.Listed, error) bool) { yield(release.Listed{}, io.ErrNoProgress) }
	if _, err := release.PlanFiles(nil, nil, broken); !errors.Is(err, io.ErrNoProgress) {
		t.Error(err)
	}
	if _, err := release.PlanRollback(nil, nil, broken); !errors.Is(err, io.ErrNoProgress) {
		t.Error(err)
	}
	if _, err := release.PlanRestore(object("a", "x"), nil, broken); !errors.Is(err, io.ErrNoProgress) {
		t.Error(err)
	}
}

func TestARestoreOfWhatIsThereChangesNothing(t *testing.T) {
	wanted := object("a", "x")
	plan, err := release.PlanRestore(wanted, release.NewLive([]release.Object{wanted}), listing(release.Listed{Key: "a", Size: 1, ETag: "etag-x"}))
	if err != nil || plan.Writes() != 0 || len(plan.Entries) != 1 {
		t.Errorf("%+v, %v", plan, err)
	}
	plan, err = release.PlanRestore(wanted, nil, listing(release.Listed{Key: "0", Size: 9, ETag: "e"}))
	if err != nil || plan.Writes() != 1 || len(plan.Entries) != 2 || plan.Entries[1].From != "v-x" {
		t.Errorf("%+v, %v", plan, err)
	}
}
