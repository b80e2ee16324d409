package lifecycle_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/ecr/lifecycle"
)

// rule is a rule of a policy text.
func rule(priority int, selection, action string) string {
	return fmt.Sprintf(`{"rulePriority": %d, "description": "a rule that a test has", "selection": %s, "action": %s}`, priority, selection, action)
}

func policy(rules ...string) string { return `{"rules": [` + strings.Join(rules, ", ") + `]}` }

const (
	expire     = `{"type": "expire"}`
	transition = `{"type": "transition", "targetStorageClass": "archive"}`
)

func TestPoliciesThatECRTakes(t *testing.T) {
	for _, selection := range []string{
		`{"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14}`,
		`{"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1}`,
		`{"tagStatus": "tagged", "tagPrefixList": ["prod", "v"], "countType": "imageCountMoreThan", "countNumber": 1}`,
		`{"tagStatus": "tagged", "tagPatternList": ["*test*1*2*3", "v*"], "countType": "imageCountMoreThan", "countNumber": 999999}`,
		`{"tagStatus": "any", "storageClass": "standard", "countType": "imageCountMoreThan", "countNumber": 1}`,
		`{"tagStatus": "any", "storageClass": "archive", "countType": "sinceImageTransitioned", "countUnit": "days", "countNumber": 90}`,
	} {
		if _, err := lifecycle.Parse(policy(rule(1, selection, expire))); err != nil {
			t.Errorf("%s: %v", selection, err)
		}
	}
	if _, err := lifecycle.Parse(policy(rule(999, `{"tagStatus": "any", "countType": "sinceImagePulled", "countUnit": "days", "countNumber": 5}`, transition))); err != nil {
		t.Error(err)
	}
	both := policy(
		rule(2, `{"tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 30}`, expire),
		rule(1, `{"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 1}`, expire),
		rule(3, `{"tagStatus": "any", "storageClass": "archive", "countType": "sinceImageTransitioned", "countUnit": "days", "countNumber": 365}`, expire))
	p, err := lifecycle.Parse(both)
	if err != nil || p.Rules[0].Priority != 1 || p.Rules[2].Priority != 3 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestPoliciesThatECRRefuses(t *testing.T) {
	count := `"countType": "imageCountMoreThan", "countNumber": 1`
	age := `"countType": "sinceImagePushed", "countUnit": "days", "countNumber": 1`
	selected := func(selection string) string { return policy(rule(1, selection, expire)) }
	for _, row := range []struct{ why, text, want string }{
		{"not JSON", strings.Repeat("x", 200), "Could not map policyString into LifecyclePolicy."},
		{"too short", `{"rules": []}`, "between 100 and 30720"},
		{"too long", policy(rule(1, `{"tagStatus": "any", `+count+`}`, expire)) + strings.Repeat(" ", 31000), "between 100 and 30720"},
		{"a list", "[" + strings.Repeat(" ", 100) + "]", `allowed: ["object"]`},
		{"no rules at all", `{"policy": "` + strings.Repeat("x", 100) + `"}`, `missing required properties (["rules"])`},
		{"rules that are none", `{"rules": {"x": "` + strings.Repeat("x", 100) + `"}}`, `allowed: ["array"]`},
		{"no rule", `{"rules": []` + strings.Repeat(" ", 100) + `}`, "between 1 and 50 rules"},
		{"a rule that is a word", `{"rules": ["` + strings.Repeat("x", 100) + `"]}`, `allowed: ["object"]`},
		{"no action", policy(`{"rulePriority": 1, "selection": {"tagStatus": "any", ` + count + `}, "description": "something long"}`), `missing required properties (["action"])`},
		{"an unknown property", policy(`{"rulePriority": 1, "Selection": {}, "selection": {"tagStatus": "any", ` + count + `}, "action": ` + expire + `}`), `not allowed by the schema: (["Selection"])`},
		{"an unknown selection", selected(`{"tagStatus": "any", "size": 1, ` + count + `}`), `not allowed by the schema: (["size"])`},
		{"no count", selected(`{"tagStatus": "any", "countType": "imageCountMoreThan"}`), `missing required properties (["countNumber"])`},
		{"a count of zero", selected(`{"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 0}`), "minimum: 1, found: 0"},
		{"priority zero", policy(rule(0, `{"tagStatus": "any", `+count+`}`, expire)), "minimum: 1, found: 0"},
		{"priority 1000", policy(rule(1000, `{"tagStatus": "any", `+count+`}`, expire)), "maximum: 999, found: 1000"},
		{"a count in words", selected(`{"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": "one"}`), "Could not map"},
		{"no such status", selected(`{"tagStatus": "sometimes", ` + count + `}`), "not found in enum"},
		{"no such count", selected(`{"tagStatus": "any", "countType": "sinceEver", "countUnit": "days", "countNumber": 1}`), "not found in enum"},
		{"no such action", policy(rule(1, `{"tagStatus": "any", `+count+`}`, `{"type": "keep"}`)), "not found in enum"},
		{"no such class", selected(`{"tagStatus": "any", "storageClass": "glacier", ` + count + `}`), "not found in enum"},
		{"a count with a unit", selected(`{"tagStatus": "any", "countUnit": "days", ` + count + `}`), "matched 0 out of"},
		{"an age without one", selected(`{"tagStatus": "any", "countType": "sinceImagePushed", "countNumber": 1}`), "matched 0 out of"},
		{"an age in hours", selected(`{"tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "hours", "countNumber": 1}`), "matched 0 out of"},
		{"tagged with what", selected(`{"tagStatus": "tagged", ` + age + `}`), "Must specify tagPrefixList or tagPatternList when tagStatus=TAGGED."},
		{"tagged with nothing", selected(`{"tagStatus": "tagged", "tagPrefixList": [], ` + age + `}`), "Must specify tagPrefixList or tagPatternList when tagStatus=TAGGED."},
		{"both lists", selected(`{"tagStatus": "tagged", "tagPrefixList": ["a"], "tagPatternList": ["b*"], ` + age + `}`), "not both"},
		{"untagged with a prefix", selected(`{"tagStatus": "untagged", "tagPrefixList": ["a"], ` + age + `}`), "only when tagStatus=TAGGED"},
		{"any with a pattern", selected(`{"tagStatus": "any", "tagPatternList": ["a"], ` + age + `}`), "only when tagStatus=TAGGED"},
		{"five wildcards", selected(`{"tagStatus": "tagged", "tagPatternList": ["test*1*2*3*4*5*6"], ` + age + `}`), "more than 4 wildcards"},
		{"an empty prefix", selected(`{"tagStatus": "tagged", "tagPrefixList": [""], ` + age + `}`), "between 1 and 128"},
		{"one priority twice", policy(rule(1, `{"tagStatus": "untagged", `+age+`}`, expire), rule(1, `{"tagStatus": "any", `+age+`}`, expire)), "must be unique"},
		{"any before others", policy(rule(1, `{"tagStatus": "any", `+age+`}`, expire), rule(2, `{"tagStatus": "untagged", `+age+`}`, expire)), "Rule for tagStatus=ANY must have the lowest priority per storage class"},
		{"untagged twice", policy(rule(1, `{"tagStatus": "untagged", `+age+`}`, expire), rule(2, `{"tagStatus": "untagged", `+count+`}`, expire)), "Only one rule can select Untagged images per storage class"},
		{"the same prefixes twice", policy(rule(1, `{"tagStatus": "tagged", "tagPrefixList": ["a", "b"], `+age+`}`, expire), rule(2, `{"tagStatus": "tagged", "tagPrefixList": ["b", "a"], `+count+`}`, expire)), "must be unique among the rules"},
		{"expired by pulls", selected(`{"tagStatus": "any", "countType": "sinceImagePulled", "countUnit": "days", "countNumber": 1}`), "transition alone"},
		{"transitioned to nowhere", policy(rule(1, `{"tagStatus": "any", `+age+`}`, `{"type": "transition"}`)), "targetStorageClass archive"},
		{"expired to somewhere", policy(rule(1, `{"tagStatus": "any", `+age+`}`, `{"type": "expire", "targetStorageClass": "archive"}`)), "no targetStorageClass"},
		{"archived by age", selected(`{"tagStatus": "any", "storageClass": "archive", ` + age + `}`), "sinceImageTransitioned, and it alone"},
		{"transitioned, in standard", selected(`{"tagStatus": "any", "countType": "sinceImageTransitioned", "countUnit": "days", "countNumber": 90}`), "sinceImageTransitioned, and it alone"},
		{"archived for 89 days", selected(`{"tagStatus": "any", "storageClass": "archive", "countType": "sinceImageTransitioned", "countUnit": "days", "countNumber": 89}`), "at least 90 days"},
		{"archived twice", policy(rule(1, `{"tagStatus": "any", "storageClass": "archive", "countType": "sinceImageTransitioned", "countUnit": "days", "countNumber": 90}`, transition)), "can only expire"},
	} {
		_, err := lifecycle.Parse(row.text)
		var refused *lifecycle.Invalid
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v, want %q", row.why, err, row.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(policy(rule(1, `{"tagStatus": "tagged", "tagPatternList": ["a*"], "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 1}`, expire)))
	f.Add(policy(rule(1, `{"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 1}`, transition)))
	f.Fuzz(func(t *testing.T, text string) {
		p, err := lifecycle.Parse(text)
		var refused *lifecycle.Invalid
		if (p == nil) != errors.As(err, &refused) {
			t.Errorf("%q: %v, %v", text, p, err)
		}
	})
}
