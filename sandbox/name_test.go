package sandbox_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestNames(t *testing.T) {
	for _, name := range []string{"abc", "a-b", "000", "a1-b2-c3", strings.Repeat("a", 40)} {
		if err := sandbox.CheckName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{
		"", "a", "ab", strings.Repeat("a", 41), "-ab", "ab-", "a--b", "Abc", "a_b", "a.b", "a b", "äöü", "abc\n", "../a", "a/b",
	} {
		wantField(t, name, sandbox.CheckName(name), "name")
	}
}

func TestOwners(t *testing.T) {
	for _, owner := range []string{"a", "Ann", "ann@example.com", "team+web", "a_b-c.d", strings.Repeat("a", 64)} {
		if err := sandbox.CheckOwner(owner); err != nil {
			t.Errorf("%q: %v", owner, err)
		}
	}
	for _, owner := range []string{"", strings.Repeat("a", 65), "@a", "-a", ".a", "a b", "a/b", "a#b", "é", "a\n"} {
		wantField(t, owner, sandbox.CheckOwner(owner), "owner")
	}
}

func wantField(t *testing.T, value string, err error, field string) {
	t.Helper()
	var one *sandbox.FieldError
	if !errors.As(err, &one) || one.Field != field || one.Value != value || one.Rule == "" {
		t.Errorf("%q: got %v, want a FieldError of %s", value, err, field)
	}
}

func TestIDsAreOfTheirAlphabet(t *testing.T) {
	pattern := regexp.MustCompile(`^[a-z2-7]{10}$`)
	seen := map[string]bool{}
	for range 200 {
		id, err := sandbox.NewID(rand.Reader)
		if err != nil || !pattern.MatchString(id) || seen[id] {
			t.Fatalf("id %q, %v, seen before: %v", id, err, seen[id])
		}
		seen[id] = true
	}
	if id, err := sandbox.NewID(strings.NewReader("short")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("without randomness: %q, %v", id, err)
	}
}

func TestReleaseIDsSortByTime(t *testing.T) {
	pattern := regexp.MustCompile(`^r-[0-9a-v]{9}[a-z2-7]{5}$`)
	// Two releases may be a millisecond apart, or a lifetime.
	for _, gap := range []time.Duration{time.Millisecond, 1000*time.Hour + time.Second} {
		last := ""
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for range 600 {
			id, err := sandbox.NewReleaseID(at, bytes.NewReader(make([]byte, 64)))
			if err != nil || !pattern.MatchString(id) {
				t.Fatalf("id %q, %v", id, err)
			}
			if id <= last {
				t.Fatalf("%s of %v does not sort after %s", id, at, last)
			}
			last, at = id, at.Add(gap)
		}
	}
}

func TestDerivedNamesFitAWS(t *testing.T) {
	const id = "abcdefghij"
	seen := map[string]bool{}
	for attempt := range sandbox.MaxBucketAttempts {
		bucket := sandbox.BucketName(strings.Repeat("n", 40), id, attempt)
		if len(bucket) > 63 || seen[bucket] || !strings.Contains(bucket, id) {
			t.Errorf("attempt %d: %q of %d bytes, seen before: %v", attempt, bucket, len(bucket), seen[bucket])
		}
		seen[bucket] = true
	}
	if got := sandbox.CallerReference(id, sandbox.KindOAI); got == sandbox.CallerReference(id, sandbox.KindDistribution) || !strings.Contains(got, id) {
		t.Errorf("caller reference %q", got)
	}
	// CloudFront's comments have at most 128 characters.
	if got := sandbox.Comment(strings.Repeat("n", 40), id); len(got) > 128 || !strings.Contains(got, id) {
		t.Errorf("comment %q", got)
	}
}
