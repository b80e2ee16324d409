package sandbox_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/sandbox"
)

func TestTagRulesSayWhichTagsDeploy(t *testing.T) {
	for _, c := range []struct {
		name    string
		rules   []string
		deploys string
		not     string
	}{
		{"no rule", nil, "latest v1 2026.03.01 pr-7_x", "mayfly-live"},
		{"one tag", []string{"latest"}, "latest", "latest2 Latest v1"},
		{"two tags", []string{"main", "latest"}, "main latest", "dev"},
		{"a pattern", []string{"v*"}, "v v1 v1.2.3-rc.1", "1 dev"},
		{"a pattern of one character", []string{"pr-?"}, "pr-1", "pr-12 pr-"},
		{"a pattern of a class", []string{"pr-[0-9]*"}, "pr-1 pr-12", "pr-x pr-"},
		{"a caret range", []string{"^1.4"}, "1.4.0 v1.4.0 1.9.3", "2.0.0 1.3.9 1.4 v1 20260301 latest 1.5.0-rc.1"},
		{"a range of two ends", []string{">=2.0 <3"}, "2.0.0 v2.9.9", "3.0.0 1.9.9 3.0.0-rc.1"},
		{"a range with prereleases", []string{">=2.0.0-0 <3"}, "2.0.0-rc.1 2.1.0", "1.9.9"},
		{"a tilde range", []string{"~1.2"}, "1.2.9", "1.3.0"},
		{"one version", []string{"=1.2.3"}, "1.2.3 v1.2.3", "1.2.4"},
		{"ranges of which one is enough", []string{"^1.4 || ^3"}, "1.4.0 3.1.0", "2.0.0"},
		{"an ignored pattern alone", []string{"!*-debug"}, "v1 latest", "v1-debug"},
		{"an ignored tag wins", []string{"v*", "!v1"}, "v2", "v1 dev"},
		{"an ignored range wins", []string{"*", "!<1"}, "1.0.0 dev", "0.9.0 v0.1.0"},
		{"the live tag never", []string{"*", "mayfly-live"}, "v1", "mayfly-live"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rules, err := sandbox.ParseTagRules(c.rules)
			if err != nil {
				t.Fatal(err)
			}
			for tag := range strings.FieldsSeq(c.deploys) {
				if why := rules.Refuses(tag); why != "" {
					t.Errorf("%s does not deploy: %s", tag, why)
				}
			}
			for tag := range strings.FieldsSeq(c.not) {
				if why := rules.Refuses(tag); !strings.Contains(why, tag) {
					t.Errorf("%s: %q", tag, why)
				}
			}
			if why := rules.Refuses(""); why != "it has no tag" {
				t.Errorf("without a tag: %q", why)
			}
		})
	}
}

func TestWrongTagRulesAreRefused(t *testing.T) {
	for _, text := range []string{
		"", "!", "!!v1", "-v", ".v", "v1/v2", "a b", "v[", "v*/x", "v* x", "^", ">=", "^x.y.z", ">=1.0 <", "~>", "ä",
		strings.Repeat("a", 129),
	} {
		_, err := sandbox.ParseTagRule(text)
		var field *sandbox.FieldError
		if !errors.As(err, &field) || field.Field != "deploy.tags" || field.Value != text {
			t.Errorf("%q: %v", text, err)
		}
	}
	_, err := sandbox.ParseTagRules([]string{"ok", "", "a b"})
	var all sandbox.FieldErrors
	if !errors.As(err, &all) || len(all) != 2 {
		t.Errorf("two wrong rules: %v", err)
	}
	if _, err := sandbox.ParseTagRules(make([]string, 21)); err == nil || !strings.Contains(err.Error(), "at most 20") {
		t.Errorf("21 rules: %v", err)
	}
}

// FuzzTagRules: no rule and no tag makes the decision panic, and Mayfly's own
// tag never deploys.
func FuzzTagRules(f *testing.F) {
	for _, rule := range []string{"latest", "v*", "!^1.4", ">=2.0 <3 || 1.x", "[a-", "\\"} {
		f.Add(rule, "v1.4.0")
	}
	f.Fuzz(func(t *testing.T, text, tag string) {
		rules, err := sandbox.ParseTagRules([]string{text})
		if err != nil {
			return
		}
		rules.Refuses(tag)
		if rules.Refuses(sandbox.LiveTag) == "" || rules.Refuses("") == "" {
			t.Errorf("the rule %q deploys what it must not", text)
		}
	})
}
