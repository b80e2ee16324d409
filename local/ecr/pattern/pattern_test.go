package pattern_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/mayfly-dev/mayfly/local/ecr/pattern"
)

func TestMatch(t *testing.T) {
	for _, row := range []struct {
		pattern, text string
		want          bool
	}{
		{"v1", "v1", true}, {"v1", "v10", false}, {"", "", true}, {"", "a", false},
		{"*", "", true}, {"*", "anything", true}, {"**", "x", true},
		{"v*", "v", true}, {"v*", "v1", true}, {"v*", "xv", false},
		{"*v", "v", true}, {"*v", "1v", true}, {"*v", "v1", false},
		{"a*b", "ab", true}, {"a*b", "axxb", true}, {"a*b", "a", false}, {"a*a", "a", false},
		{"*test*1*2*3", "my-test-1-2-3", true}, {"*test*1*2*3", "my-test-1-3-2", false},
		{"a*bc*c", "abcc", true}, {"a*bc*c", "abc", false},
		{"a.b", "axb", false}, {"a?b", "axb", false},
	} {
		if got := pattern.Match(row.pattern, row.text); got != row.want {
			t.Errorf("Match(%q, %q) = %t", row.pattern, row.text, got)
		}
	}
}

// A regular expression says the same.
func TestMatchIsARegularExpression(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.StringMatching(`[ab*]{0,8}`).Draw(t, "pattern")
		text := rapid.StringMatching(`[ab]{0,10}`).Draw(t, "text")
		same := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(p), `\*`, ".*") + "$")
		if got := pattern.Match(p, text); got != same.MatchString(text) {
			t.Fatalf("Match(%q, %q) = %t", p, text, got)
		}
	})
}
