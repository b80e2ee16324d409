package lifecycle_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/mayfly-dev/mayfly/local/ecr/lifecycle"
)

var now = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

func ago(days float64) time.Time { return now.Add(-time.Duration(days * 24 * float64(time.Hour))) }

// image is one that was pushed some days ago; its digest is its name.
func image(name string, days float64, tags ...string) lifecycle.Image {
	return lifecycle.Image{Digest: name, Tags: tags, PushedAt: ago(days)}
}

// marked is what a policy does, as text: "A expire by 1".
func marked(t *testing.T, text string, images []lifecycle.Image) []string {
	t.Helper()
	p, err := lifecycle.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	did := []string{}
	for _, mark := range p.Evaluate(images, now) {
		did = append(did, fmt.Sprintf("%s %s by %d", mark.Image.Digest, mark.Action.Type, mark.Rule.Priority))
	}
	return did
}

func more(status string, n int) string {
	return fmt.Sprintf(`{%s, "countType": "imageCountMoreThan", "countNumber": %d}`, status, n)
}

func older(status string, days int) string {
	return fmt.Sprintf(`{%s, "countType": "sinceImagePushed", "countUnit": "days", "countNumber": %d}`, status, days)
}

const (
	anyImage = `"tagStatus": "any"`
	untagged = `"tagStatus": "untagged"`
	prod     = `"tagStatus": "tagged", "tagPatternList": ["prod*"]`
	beta     = `"tagStatus": "tagged", "tagPatternList": ["beta*"]`
	alpha    = `"tagStatus": "tagged", "tagPrefixList": ["alpha"]`
)

// The first two rows are examples of the ECR user guide.
func TestEvaluate(t *testing.T) {
	guide := []lifecycle.Image{image("A", 10, "beta-1", "prod-1"), image("B", 9, "beta-2", "prod-2"), image("C", 8, "beta-3")}
	for _, row := range []struct {
		why    string
		policy string
		images []lifecycle.Image
		want   []string
	}{
		{"guide, multiple rules A", policy(rule(1, more(prod, 1), expire), rule(2, more(beta, 1), expire)), guide, []string{"A expire by 1"}},
		{"guide, multiple rules B", policy(rule(1, more(beta, 1), expire), rule(2, more(prod, 1), expire)), guide, []string{"A expire by 1", "B expire by 1"}},
		{"guide, multiple tags in one rule, prefixes", policy(rule(1, more(`"tagStatus": "tagged", "tagPrefixList": ["alpha", "beta"]`, 1), expire)),
			[]lifecycle.Image{image("A", 12, "alpha-1"), image("B", 11, "beta-1"), image("C", 10, "alpha-2", "beta-2"), image("D", 4, "alpha-3"), image("E", 3, "alpha-4", "beta-3")},
			[]string{"C expire by 1"}},
		{"all images", policy(rule(1, more(prod, 1), expire), rule(2, more(beta, 1), expire), rule(3, more(anyImage, 1), expire)),
			[]lifecycle.Image{image("A", 15, "alpha-1", "beta-1", "prod-1"), image("B", 14, "alpha-2", "beta-2", "prod-2"), image("C", 13, "beta-3"), image("D", 12), image("E", 11, "alpha-3")},
			[]string{"A expire by 1", "D expire by 3"}},
		{"by age", policy(rule(1, older(anyImage, 14), expire)),
			[]lifecycle.Image{image("young", 13.9), image("just", 14), image("old", 14.1), image("older", 30, "v1")}, []string{"older expire by 1", "old expire by 1"}},
		{"by count, the youngest stay", policy(rule(1, more(untagged, 2), expire)),
			[]lifecycle.Image{image("a", 4), image("b", 1), image("c", 3), image("d", 2), image("v", 9, "v1")}, []string{"a expire by 1", "c expire by 1"}},
		{"pushed in one moment", policy(rule(1, more(anyImage, 1), expire)),
			[]lifecycle.Image{image("b", 1), image("a", 1), image("c", 1)}, []string{"c expire by 1", "b expire by 1"}},
		{"what meets a rule's tags is safe from lower ones", policy(rule(1, older(untagged, 30), expire), rule(2, more(anyImage, 1), expire)),
			[]lifecycle.Image{image("untagged", 5), image("v1", 4, "v1"), image("v2", 3, "v2")}, []string{"v1 expire by 2"}},
		{"what is marked is counted by lower rules", policy(rule(1, more(alpha, 1), expire), rule(2, more(anyImage, 3), expire)),
			[]lifecycle.Image{image("a1", 9, "alpha1"), image("a2", 8, "alpha2"), image("x", 7, "x"), image("y", 1, "y")}, []string{"a1 expire by 1"}},
		{"an index's images stay", policy(rule(1, older(anyImage, 1), expire)),
			[]lifecycle.Image{image("index", 5, "v1"), {Digest: "amd64", PushedAt: ago(5), Held: true}}, []string{"index expire by 1"}},
		{"never pulled", policy(rule(1, `{"tagStatus": "any", "countType": "sinceImagePulled", "countUnit": "days", "countNumber": 7}`, transition)),
			[]lifecycle.Image{image("old", 8), image("new", 6)}, []string{"old transition by 1"}},
		{"pulled", policy(rule(1, `{"tagStatus": "any", "countType": "sinceImagePulled", "countUnit": "days", "countNumber": 7}`, transition)),
			[]lifecycle.Image{{Digest: "used", PushedAt: ago(90), PulledAt: ago(2)}, {Digest: "unused", PushedAt: ago(90), PulledAt: ago(8)}}, []string{"unused transition by 1"}},
		{"restored", policy(rule(1, `{"tagStatus": "any", "countType": "sinceImagePulled", "countUnit": "days", "countNumber": 7}`, transition)),
			[]lifecycle.Image{{Digest: "restored", PushedAt: ago(90), PulledAt: ago(60), ArchivedAt: ago(50), ActivatedAt: ago(3)}}, []string{}},
		{"each storage class by itself", policy(rule(1, older(anyImage, 10), transition),
			rule(2, `{"tagStatus": "any", "storageClass": "archive", "countType": "sinceImageTransitioned", "countUnit": "days", "countNumber": 100}`, expire)),
			[]lifecycle.Image{image("old", 11), {Digest: "archived", PushedAt: ago(200), ArchivedAt: ago(99), Archived: true}, {Digest: "forgotten", PushedAt: ago(200), ArchivedAt: ago(101), Archived: true}},
			[]string{"old transition by 1", "forgotten expire by 2"}},
		{"nothing", policy(rule(1, older(anyImage, 1), expire)), nil, []string{}},
	} {
		if got := marked(t, row.policy, row.images); !slices.Equal(got, row.want) {
			t.Errorf("%s: %v, want %v", row.why, got, row.want)
		}
	}
}

// Whatever the images and rules: no image is marked twice, what an index names
// is not, and what meets the tags of a rule is marked by no later one.
func TestEvaluateKeepsItsPromises(t *testing.T) {
	selections := []string{
		more(prod, 2), older(beta, 3), more(alpha, 1), older(untagged, 2),
	}
	rapid.Check(t, func(rt *rapid.T) {
		order := rapid.Permutation(selections).Draw(rt, "order")
		var rules []string
		for i, selection := range order {
			rules = append(rules, rule(i+1, selection, expire))
		}
		rules = append(rules, rule(9, more(anyImage, rapid.IntRange(1, 5).Draw(rt, "keep")), expire))
		p, err := lifecycle.Parse(policy(rules...))
		if err != nil {
			rt.Fatal(err)
		}
		images := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) lifecycle.Image {
			i := image("", float64(rapid.IntRange(0, 9).Draw(rt, "days")), rapid.SliceOfN(rapid.SampledFrom([]string{"prod-1", "beta-1", "alpha-1", "x"}), 0, 3).Draw(rt, "tags")...)
			i.Held = rapid.Bool().Draw(rt, "held")
			return i
		}), 0, 12).Draw(rt, "images")
		for i := range images {
			images[i].Digest = fmt.Sprint("image", i)
		}
		seen := map[string]bool{}
		for _, mark := range p.Evaluate(images, now) {
			if seen[mark.Image.Digest] || mark.Image.Held {
				rt.Fatalf("%+v by %d", mark.Image, mark.Rule.Priority)
			}
			seen[mark.Image.Digest] = true
			for _, before := range p.Rules {
				if before.Priority >= mark.Rule.Priority {
					break
				}
				meets := before.Selection.TagStatus == "untagged" && len(mark.Image.Tags) == 0
				for _, start := range slices.Concat(before.Selection.TagPrefixList, before.Selection.TagPatternList) {
					meets = meets || slices.ContainsFunc(mark.Image.Tags, func(tag string) bool { return strings.HasPrefix(tag, strings.TrimSuffix(start, "*")) })
				}
				if meets {
					rt.Fatalf("%+v meets rule %d and was marked by %d", mark.Image, before.Priority, mark.Rule.Priority)
				}
			}
		}
	})
}
