package inventory_test

import (
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/inventory"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestMarksAreReadAsTheyAreWritten(t *testing.T) {
	longest := strings.Repeat("a", 40)
	for _, name := range []string{"abc", "a-b", "my-site-2", longest, "ends-with-idaaaaaaaa"} {
		const id = "abcdefg234"
		want := inventory.Mark{Name: name, ID: id}
		if got, ok := inventory.OfComment(sandbox.Comment(name, id)); !ok || got != want {
			t.Errorf("comment of %s: %+v", name, got)
		}
		for attempt := range sandbox.MaxBucketAttempts {
			if got, ok := inventory.OfBucketName(sandbox.BucketName(name, id, attempt)); !ok || got != want {
				t.Errorf("bucket %d of %s: %+v", attempt, name, got)
			}
		}
		if got := inventory.OfReference(sandbox.CallerReference(id, sandbox.KindOAC), sandbox.KindOAC); got != id {
			t.Errorf("reference: %q", got)
		}
	}
}

func TestWhatIsNoMark(t *testing.T) {
	for _, name := range []string{
		"mayfly-uploads-000000000000", "mayfly-site", "mayfly--abcdefg234", "mayfly-a-abcdefg234", "mayfly-site-abcdefg234-5", "mayfly-site-abcdefg234-0",
		"mayfly-site-abcdefg2345", "mayfly-site-ABCDEFG234", "x-mayfly-site-abcdefg234", "mayfly-si--te-abcdefg234", "mayfly-site-abcdefg234 ", "",
	} {
		if got, ok := inventory.OfBucketName(name); ok {
			t.Errorf("%q is %+v", name, got)
		}
	}
	for _, comment := range []string{"", "mayfly", "mayfly site", "mayfly site abcdefg234 2", "Mayfly site abcdefg234", "mayfly s!te abcdefg234", "mayfly site abcdefg23\n", "copy of mayfly site abcdefg234"} {
		if got, ok := inventory.OfComment(comment); ok {
			t.Errorf("%q is %+v", comment, got)
		}
	}
	for _, reference := range []string{"", "mayfly-abcdefg234", "mayfly-abcdefg234-originAccessIdentity", "mayfly-abcdefg23-distribution", "1764280000"} {
		if got := inventory.OfReference(reference, sandbox.KindDistribution); got != "" {
			t.Errorf("%q is of %s", reference, got)
		}
	}
}

func FuzzMarks(f *testing.F) {
	f.Add("mayfly-site-abcdefg234-1")
	f.Add("mayfly site abcdefg234")
	f.Fuzz(func(t *testing.T, text string) {
		if mark, ok := inventory.OfBucketName(text); ok {
			written := false
			for attempt := range sandbox.MaxBucketAttempts {
				written = written || sandbox.BucketName(mark.Name, mark.ID, attempt) == text
			}
			if !written || sandbox.CheckName(mark.Name) != nil {
				t.Errorf("%q is taken for %+v", text, mark)
			}
		}
		if mark, ok := inventory.OfComment(text); ok && sandbox.Comment(mark.Name, mark.ID) != text {
			t.Errorf("%q is taken for %+v", text, mark)
		}
	})
}
