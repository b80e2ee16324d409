package sandbox

import (
	"fmt"
	"path"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/mayfly-dev/mayfly/pattern"
)

// LiveTag is the tag that Mayfly puts on the image that is deployed, so that
// no lifecycle rule expires it. A push of it deploys nothing.
const LiveTag = "mayfly-live"

// tagPattern is what the registries take as a tag.
var tagPattern = pattern.Of(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`)

// The limits of tag rules.
const (
	MaxTagRules      = 20
	maxTagRuleLength = 128
)

const tagRule = "a tag (latest), a pattern (v*, pr-[0-9]*), a range of semantic versions that begins with one of < > = ^ ~ (^1.4, >=2.0 <3), or ! before any of these"

// TagRule says which tags it is about, and whether they deploy.
type TagRule struct {
	text   string
	ignore bool
	match  func(tag string) bool
}

// ParseTagRule reads one rule, or returns a *FieldError:
//
//	latest        this tag
//	v*            what the pattern matches, as path.Match does
//	^1.4          semantic versions in a range, with or without a leading v;
//	>=2.0 <3      prereleases only where the range names one
//	!*-debug      never deploys, whatever other rules say
func ParseTagRule(text string) (TagRule, error) {
	wrong := &FieldError{Field: "deploy.tags", Rule: tagRule, Value: text}
	rule := TagRule{text: text}
	body, ignore := strings.CutPrefix(text, "!")
	if rule.ignore = ignore; body == "" || len(text) > maxTagRuleLength {
		return rule, wrong
	}
	switch {
	case strings.ContainsRune("<>=^~", rune(body[0])):
		versions, err := semver.NewConstraint(body)
		if err != nil {
			return rule, wrong
		}
		rule.match = func(tag string) bool { return inRange(versions, tag) }
	case strings.ContainsAny(body, "*?[\\"):
		if _, err := path.Match(body, ""); err != nil || strings.ContainsAny(body, "/ ") {
			return rule, wrong
		}
		rule.match = func(tag string) bool {
			matched, err := path.Match(body, tag)
			return err == nil && matched
		}
	case tagPattern().MatchString(body):
		rule.match = func(tag string) bool { return tag == body }
	default:
		return rule, wrong
	}
	return rule, nil
}

// inRange reports whether a tag is a whole semantic version, such as 1.4.0 or
// v1.4.0, within a range. 1.4 and 20260301 are none: they are often dates or
// names of branches.
func inRange(versions *semver.Constraints, tag string) bool {
	version, err := semver.StrictNewVersion(strings.TrimPrefix(tag, "v"))
	return err == nil && versions.Check(version)
}

// TagRules decide which tags deploy.
type TagRules []TagRule

// ParseTagRules reads rules, or returns a FieldErrors with every wrong one.
func ParseTagRules(texts []string) (TagRules, error) {
	var broken FieldErrors
	if len(texts) > MaxTagRules {
		return nil, append(broken, &FieldError{Field: "deploy.tags", Rule: fmt.Sprintf("at most %d rules", MaxTagRules), Value: fmt.Sprint(len(texts))})
	}
	rules := make(TagRules, 0, len(texts))
	for _, text := range texts {
		rule, err := ParseTagRule(text)
		if err != nil {
			broken = append(broken, err.(*FieldError)) //nolint:errorlint // ParseTagRule returns no other
			continue
		}
		rules = append(rules, rule)
	}
	return rules, broken.orNil()
}

// Refuses returns why an image pushed under a tag is not deployed, or "" when
// it is. A rule with ! wins over all others; without any other rule, every tag
// deploys. An image without a tag does not: the parts of an image for several
// architectures come so.
func (r TagRules) Refuses(tag string) string {
	switch tag {
	case "":
		return "it has no tag"
	case LiveTag:
		return "the tag " + LiveTag + " is Mayfly's own mark of what is deployed"
	}
	wanted, matched := false, false
	for _, rule := range r {
		hit := rule.match(tag)
		if rule.ignore && hit {
			return fmt.Sprintf("the rule %s ignores the tag %s", rule.text, tag)
		}
		wanted, matched = wanted || !rule.ignore, matched || hit && !rule.ignore
	}
	if wanted && !matched {
		return fmt.Sprintf("no rule is for the tag %s", tag)
	}
	return ""
}
