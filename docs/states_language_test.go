package docs_test

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
)

// row is a row of a table on the page about the States Language.
type row struct{ what, answer, tests, note string }

func rows(t *testing.T) (all []row, page string) {
	t.Helper()
	text, err := os.ReadFile("states-language.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) != 4 || strings.HasPrefix(line, "| ---") || strings.HasPrefix(line, "|  |") {
			if strings.HasPrefix(line, "| `") {
				t.Errorf("not a row of four cells: %s", line)
			}
			continue
		}
		for i := range cells {
			cells[i] = strings.Trim(cells[i], "| ")
		}
		all = append(all, row{cells[0], cells[1], cells[2], cells[3]})
	}
	return all, string(text)
}

// sources returns the contents of Go files by their names.
func sources(t *testing.T, tests bool, folders ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, folder := range folders {
		names, err := filepath.Glob(filepath.Join("..", folder, "*.go"))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %d files, %v", folder, len(names), err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") != tests {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			found[name] = string(text)
		}
	}
	return found
}

// TestEveryYesHasATest follows each "yes" to its tests, and asks each "no" why.
func TestEveryYesHasATest(t *testing.T) {
	files := sources(t, true, "local/asl", "local/asl/jsonata", "local/asl/jsonpath", "local/asl/intrinsic", "local/asl/journal", "local/sfn", "local/sfn/awssdk", "cmd/mayfly", "e2e")
	all, _ := rows(t)
	if len(all) < 150 {
		t.Fatalf("%d rows", len(all))
	}
	named := regexp.MustCompile("`(Test\\w+)(?:/([^`]+))?`")
	for _, r := range all {
		switch r.answer {
		case "no":
			if r.note == "" {
				t.Errorf("%s: no, without a reason", r.what)
			}
			continue
		case "yes":
		default:
			t.Errorf("%s: neither yes nor no", r.what)
		}
		references := named.FindAllStringSubmatch(r.tests, -1)
		if len(references) == 0 {
			t.Errorf("%s: yes, without a test", r.what)
		}
		for _, reference := range references {
			if !there(files, reference[1], reference[2]) {
				t.Errorf("%s: there is no test %s", r.what, reference[0])
			}
		}
	}
}

// there says whether a file has a test and, in it, what names a case of it.
func there(files map[string]string, test, part string) bool {
	for _, text := range files {
		_, body, found := strings.Cut(text, "\nfunc "+test+"(")
		if !found {
			continue
		}
		if end := strings.Index(body, "\n}\n"); end >= 0 {
			body = body[:end]
		}
		return strings.Contains(strings.ReplaceAll(body, `\"`, `"`), part)
	}
	return false
}

// TestThePageIsWhole looks for everything that the parser, the functions and the
// API have.
func TestThePageIsWhole(t *testing.T) {
	_, page := rows(t)
	var names []string
	for _, text := range sources(t, false, "local/asl") {
		for _, field := range regexp.MustCompile(`\.(?:get|text|flag|whole|number|quantity|words|path|optionalPath)\("([A-Z]\w+)"`).FindAllStringSubmatch(text, -1) {
			names = append(names, field[1])
		}
	}
	for _, text := range sources(t, false, "local/asl/intrinsic") {
		for _, function := range regexp.MustCompile(`case "(States\.\w+)":`).FindAllStringSubmatch(text, -1) {
			names = append(names, function[1])
		}
	}
	for _, typ := range []string{"String", "Numeric", "Timestamp"} {
		for _, how := range []string{"Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals"} {
			names = append(names, typ+how, typ+how+"Path")
		}
	}
	client := reflect.TypeFor[*sfn.Client]()
	for i := range client.NumMethod() {
		if name := client.Method(i).Name; name != "Options" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) < 140 {
		t.Fatalf("%d names", len(names))
	}
	for _, name := range names {
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("the page does not tell of %s", name)
		}
	}
}
