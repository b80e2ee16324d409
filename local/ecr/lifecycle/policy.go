package lifecycle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// The limits of a policy.
const (
	minText      = 100   // characters
	maxText      = 30720 // characters
	maxRules     = 50
	maxPriority  = 999
	maxWildcards = 4
	// minArchived is for how many days an archived image is kept at least.
	minArchived = 90
)

// Policy is a lifecycle policy, its rules in the order of their priorities.
type Policy struct {
	Rules []Rule `json:"rules"`
}

// Rule is one rule: which images it selects, and what becomes of them.
type Rule struct {
	Priority    int       `json:"rulePriority"`
	Description string    `json:"description"`
	Selection   Selection `json:"selection"`
	Action      Action    `json:"action"`
}

// Selection says which images a rule is about.
type Selection struct {
	TagStatus      string   `json:"tagStatus"` // tagged, untagged or any
	TagPrefixList  []string `json:"tagPrefixList"`
	TagPatternList []string `json:"tagPatternList"`
	StorageClass   string   `json:"storageClass"` // standard, or archive
	CountType      string   `json:"countType"`
	CountUnit      string   `json:"countUnit"` // days, where CountType is an age
	CountNumber    int      `json:"countNumber"`
}

// Action is what becomes of the images: they expire, or they are moved to the
// archive.
type Action struct {
	Type               string `json:"type"`               // expire or transition
	TargetStorageClass string `json:"targetStorageClass"` // archive, for transition
}

// An Invalid policy is refused for a reason, in ECR's words where they are
// known.
type Invalid struct{ Reason string }

func (e *Invalid) Error() string { return "Lifecycle policy validation failure: " + e.Reason }

func invalid(format string, args ...any) error { return &Invalid{fmt.Sprintf(format, args...)} }

// Parse reads and checks a policy. Its errors are *Invalid.
func Parse(text string) (*Policy, error) {
	if len(text) < minText || len(text) > maxText {
		return nil, invalid("the policy must have between %d and %d characters", minText, maxText)
	}
	if err := shape([]byte(text)); err != nil {
		return nil, err
	}
	p := &Policy{}
	if err := json.Unmarshal([]byte(text), p); err != nil {
		return nil, invalid("Could not map policyString into LifecyclePolicy.")
	}
	if len(p.Rules) == 0 || len(p.Rules) > maxRules {
		return nil, invalid("a policy has between 1 and %d rules", maxRules)
	}
	for i := range p.Rules {
		if err := p.Rules[i].check(); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(p.Rules, func(a, b Rule) int { return a.Priority - b.Priority })
	if err := p.checkTogether(); err != nil {
		return nil, err
	}
	return p, nil
}

// shape refuses properties that are missing or unknown: names are exact.
func shape(text []byte) error {
	top, err := object(text, []string{"rules"}, nil)
	if err != nil {
		return err
	}
	var rules []json.RawMessage
	if json.Unmarshal(top["rules"], &rules) != nil {
		return invalid(`instance type does not match any allowed primitive type (allowed: ["array"])`)
	}
	for _, raw := range rules {
		rule, err := object(raw, []string{"action", "rulePriority", "selection"}, []string{"description"})
		if err != nil {
			return err
		}
		if _, err := object(rule["selection"], []string{"countNumber", "countType", "tagStatus"}, []string{"countUnit", "storageClass", "tagPatternList", "tagPrefixList"}); err != nil {
			return err
		}
		if _, err := object(rule["action"], []string{"type"}, []string{"targetStorageClass"}); err != nil {
			return err
		}
	}
	return nil
}

func object(raw []byte, required, optional []string) (map[string]json.RawMessage, error) {
	if !json.Valid(raw) {
		return nil, invalid("Could not map policyString into LifecyclePolicy.")
	}
	if first := bytes.TrimSpace(raw); len(first) == 0 || first[0] != '{' {
		return nil, invalid(`instance type does not match any allowed primitive type (allowed: ["object"])`)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, invalid("Could not map policyString into LifecyclePolicy.")
	}
	var missing, unknown []string
	for _, name := range required {
		if _, ok := fields[name]; !ok {
			missing = append(missing, name)
		}
	}
	for name := range fields {
		if !slices.Contains(required, name) && !slices.Contains(optional, name) {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	switch {
	case len(missing) > 0:
		return nil, invalid("object has missing required properties (%s)", quoted(missing))
	case len(unknown) > 0:
		return nil, invalid("object instance has properties which are not allowed by the schema: (%s)", quoted(unknown))
	}
	return fields, nil
}

func quoted(names []string) string { return `["` + strings.Join(names, `","`) + `"]` }

// among refuses a value that is not one of some.
func among(value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return invalid("instance value (%q) not found in enum (possible values: %s)", value, quoted(allowed))
}

func (r *Rule) check() error {
	s := &r.Selection
	if s.StorageClass == "" {
		s.StorageClass = "standard"
	}
	for _, err := range []error{
		within("rulePriority", r.Priority, 1, maxPriority),
		among(s.TagStatus, "any", "tagged", "untagged"),
		among(s.StorageClass, "archive", "standard"),
		among(s.CountType, "imageCountMoreThan", "sinceImagePulled", "sinceImagePushed", "sinceImageTransitioned"),
		within("countNumber", s.CountNumber, 1, 1<<31-1),
		among(r.Action.Type, "expire", "transition"),
		s.checkTags(), s.checkCount(), r.checkAction(),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func within(name string, value, lowest, highest int) error {
	switch {
	case value < lowest:
		return invalid("numeric instance is lower than the required minimum (minimum: %d, found: %d)", lowest, value)
	case value > highest:
		return invalid("numeric instance is greater than the required maximum (maximum: %d, found: %d): %s", highest, value, name)
	}
	return nil
}

func (s *Selection) checkTags() error {
	prefixes, patterns := s.TagPrefixList != nil, s.TagPatternList != nil
	switch {
	case s.TagStatus != "tagged" && (prefixes || patterns):
		return invalid("tagPrefixList and tagPatternList can be used only when tagStatus=TAGGED.")
	case prefixes && patterns:
		return invalid("Must specify either tagPrefixList or tagPatternList, not both.")
	case s.TagStatus == "tagged" && len(s.TagPrefixList)+len(s.TagPatternList) == 0:
		return invalid("Must specify tagPrefixList or tagPatternList when tagStatus=TAGGED.")
	}
	for _, text := range slices.Concat(s.TagPrefixList, s.TagPatternList) {
		if text == "" || len(text) > 128 {
			return invalid("tag prefixes and patterns have between 1 and 128 characters")
		}
	}
	for _, pattern := range s.TagPatternList {
		if strings.Count(pattern, "*") > maxWildcards {
			return invalid("the tag pattern %q has more than %d wildcards", pattern, maxWildcards)
		}
	}
	return nil
}

func (s *Selection) checkCount() error {
	if s.CountType == "imageCountMoreThan" {
		if s.CountUnit != "" {
			return invalid("instance failed to match exactly one schema (matched 0 out of 4): imageCountMoreThan has no countUnit")
		}
	} else if s.CountUnit != "days" {
		return invalid("instance failed to match exactly one schema (matched 0 out of 4): %s has the countUnit days", s.CountType)
	}
	if archive := s.StorageClass == "archive"; archive != (s.CountType == "sinceImageTransitioned") {
		return invalid("sinceImageTransitioned, and it alone, is for the storageClass archive")
	}
	if s.CountType == "sinceImageTransitioned" && s.CountNumber < minArchived {
		return invalid("archived images are kept for at least %d days", minArchived)
	}
	return nil
}

func (r *Rule) checkAction() error {
	switch {
	case r.Action.Type == "expire" && r.Action.TargetStorageClass != "":
		return invalid("the action expire has no targetStorageClass")
	case r.Action.Type == "transition" && r.Action.TargetStorageClass != "archive":
		return invalid("the action transition has the targetStorageClass archive")
	case r.Action.Type == "transition" && r.Selection.StorageClass == "archive":
		return invalid("what is archived can only expire")
	case r.Action.Type == "expire" && r.Selection.CountType == "sinceImagePulled":
		return invalid("sinceImagePulled is for the action transition alone")
	}
	return nil
}

// checkTogether refuses rules that contradict each other, each storage class
// by itself.
func (p *Policy) checkTogether() error {
	untagged, last := map[string]bool{}, map[string]bool{}
	seen := map[string]bool{}
	for i := range p.Rules {
		s := &p.Rules[i].Selection
		if i > 0 && p.Rules[i-1].Priority == p.Rules[i].Priority {
			return invalid("Rule priorities must be unique: %d", p.Rules[i].Priority)
		}
		if last[s.StorageClass] {
			return invalid("Rule for tagStatus=ANY must have the lowest priority per storage class")
		}
		last[s.StorageClass] = s.TagStatus == "any"
		if s.TagStatus == "untagged" {
			if untagged[s.StorageClass] {
				return invalid("Only one rule can select Untagged images per storage class")
			}
			untagged[s.StorageClass] = true
		}
		if s.TagStatus == "tagged" {
			names := slices.Sorted(slices.Values(slices.Concat(s.TagPrefixList, s.TagPatternList)))
			key := fmt.Sprint(s.StorageClass, s.TagPatternList == nil, names)
			if seen[key] {
				return invalid("The set of tag prefixes or patterns must be unique among the rules: %s", quoted(names))
			}
			seen[key] = true
		}
	}
	return nil
}
