package docs_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// covered are the rows that the page must have, each once.
func covered() (rows []string) {
	for letter, last := range map[string]int{"A": 11, "B": 11, "T": 3} {
		for i := range last {
			rows = append(rows, fmt.Sprint(letter, i+1))
		}
	}
	slices.Sort(rows)
	return rows
}

// TestEveryCapabilityHasATest follows each row to tests and scripts that are
// there; a row without any says "not yet".
func TestEveryCapabilityHasATest(t *testing.T) {
	page, err := os.ReadFile("capabilities.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := allTests(t)
	row := regexp.MustCompile(`(?m)^\| ([ABT]\d+) \| (.+) \| (.+) \|(?: (.*) \|| \|)$`)
	named, linked := regexp.MustCompile("`(Test\\w+)`"), regexp.MustCompile(`\]\((\.\./[^)]+)\)`)
	var found []string
	for _, cells := range row.FindAllStringSubmatch(string(page), -1) {
		found = append(found, cells[1])
		names, links := named.FindAllStringSubmatch(cells[4], -1), linked.FindAllStringSubmatch(cells[4], -1)
		if notYet := strings.TrimSpace(cells[3]) == "not yet"; notYet != (len(names) == 0) {
			t.Errorf("%s: %d tests for %q", cells[1], len(names), cells[3])
		}
		for _, name := range names {
			if !tests[name[1]] {
				t.Errorf("%s: there is no test %s", cells[1], name[1])
			}
		}
		for _, link := range links {
			if _, err := os.Stat(filepath.FromSlash(link[1])); err != nil {
				t.Errorf("%s: %v", cells[1], err)
			}
		}
	}
	slices.Sort(found)
	if want := covered(); !slices.Equal(found, want) {
		t.Errorf("the page has the rows %v, want %v", found, want)
	}
}

// allTests returns the names of all tests of the module.
func allTests(t *testing.T) map[string]bool {
	t.Helper()
	found, name := map[string]bool{}, regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && len(entry.Name()) > 2 && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir // tools, data, git
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		text, err := os.ReadFile(path) //nolint:gosec // of this module
		for _, test := range name.FindAllSubmatch(text, -1) {
			found[string(test[1])] = true
		}
		return err
	})
	if err != nil || len(found) < 100 {
		t.Fatalf("%d tests, %v", len(found), err)
	}
	return found
}
