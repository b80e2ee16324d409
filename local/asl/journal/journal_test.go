package journal_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mayfly-dev/mayfly/local/asl/journal"
)

func open(t *testing.T, folder string) (*journal.Journal, []string) {
	t.Helper()
	j, err := journal.Open(folder, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var records []string
	if err := j.Replay(func(record []byte) error { records = append(records, string(record)); return nil }); err != nil {
		t.Fatal(err)
	}
	return j, records
}

func add(t *testing.T, j *journal.Journal, records ...string) {
	t.Helper()
	var all [][]byte
	for _, record := range records {
		all = append(all, []byte(record))
	}
	if err := j.Append(all); err != nil {
		t.Fatal(err)
	}
}

func shut(t *testing.T, j *journal.Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestRecordsComeBack(t *testing.T) {
	folder := t.TempDir()
	j, _ := open(t, folder)
	add(t, j, "a", "")
	add(t, j, "ccc")
	if _, err := journal.Open(folder, journal.Options{}); !errors.Is(err, journal.ErrLocked) {
		t.Errorf("opened twice: %v", err)
	}
	shut(t, j)
	j, records := open(t, folder)
	if !slices.Equal(records, []string{"a", "", "ccc"}) {
		t.Errorf("%q", records)
	}
	add(t, j, "d")
	shut(t, j)
	j, records = open(t, folder)
	defer shut(t, j)
	if !slices.Equal(records, []string{"a", "", "ccc", "d"}) {
		t.Errorf("%q", records)
	}
}

func TestATornEndIsCutOffWhereverItIs(t *testing.T) {
	folder := t.TempDir()
	j, _ := open(t, folder)
	want := []string{"first", "second", "third"}
	for _, record := range want {
		add(t, j, record)
	}
	shut(t, j)
	whole, err := os.ReadFile(filepath.Join(folder, "00000001.log"))
	if err != nil {
		t.Fatal(err)
	}
	for cut := range whole {
		for _, tail := range []string{"", "\x00\x00\x00\x00garbage"} {
			part := t.TempDir()
			if err := os.WriteFile(filepath.Join(part, "00000001.log"), append(slices.Clone(whole[:cut]), tail...), 0o600); err != nil {
				t.Fatal(err)
			}
			j, before := open(t, part)
			if len(before) > len(want) || !slices.Equal(before, want[:len(before)]) {
				t.Fatalf("cut at %d: %q", cut, before)
			}
			add(t, j, "more")
			shut(t, j)
			j, after := open(t, part)
			shut(t, j)
			if !slices.Equal(after, append(before, "more")) {
				t.Fatalf("cut at %d: %q", cut, after)
			}
		}
	}
}

func TestCompactReplacesWhatWasThere(t *testing.T) {
	folder := t.TempDir()
	j, _ := open(t, folder)
	for i := range 100 {
		add(t, j, fmt.Sprint("old", i))
	}
	before := j.Size()
	for _, kept := range []string{"kept", "kept again"} {
		if err := j.Compact(func(write func([]byte) error) error { return write([]byte(kept)) }); err != nil {
			t.Fatal(err)
		}
		add(t, j, "new")
	}
	if j.Size() >= before {
		t.Errorf("%d bytes before, %d after", before, j.Size())
	}
	failed := errors.New("no")
	if err := j.Compact(func(func([]byte) error) error { return failed }); !errors.Is(err, failed) {
		t.Error(err)
	}
	shut(t, j)
	j, records := open(t, folder)
	defer shut(t, j)
	if !slices.Equal(records, []string{"kept again", "new"}) {
		t.Errorf("%q", records)
	}
}

func TestDamageInTheMiddleIsAnError(t *testing.T) {
	folder := t.TempDir()
	j, _ := open(t, folder)
	add(t, j, "one")
	if err := j.Compact(func(write func([]byte) error) error { return write([]byte("snapshot")) }); err != nil {
		t.Fatal(err)
	}
	shut(t, j)
	name := filepath.Join(folder, "00000001.snap")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)-1] ^= 1
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if j, err = journal.Open(folder, journal.Options{}); err != nil {
		t.Fatal(err)
	}
	defer shut(t, j)
	if err := j.Replay(func([]byte) error { return nil }); err == nil {
		t.Error("a damaged snapshot was read")
	}
}
