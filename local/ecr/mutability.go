package ecr

import (
	"regexp"
	"strings"

	"github.com/mayfly-dev/mayfly/local/ecr/pattern"
)

// mutability says whether a tag may be moved to another image.
type mutability string

const (
	mutable                mutability = "MUTABLE"
	immutable              mutability = "IMMUTABLE"
	immutableWithExclusion mutability = "IMMUTABLE_WITH_EXCLUSION"
	mutableWithExclusion   mutability = "MUTABLE_WITH_EXCLUSION"
)

// exclusion is a pattern of tags for which the opposite holds.
type exclusion struct {
	Type   string `json:"filterType"`
	Filter string `json:"filter"`
}

// The limits of exclusion filters.
const (
	maxExclusions        = 5
	maxExclusionWildcard = 2
)

var exclusionRule = regexp.MustCompile(`^[0-9a-zA-Z._*-]{1,128}$`)

// checkMutability refuses settings that contradict themselves.
func checkMutability(m mutability, exclusions []exclusion) error {
	switch m {
	case mutable, immutable:
		if len(exclusions) > 0 {
			return invalid("imageTagMutabilityExclusionFilters", "must not be given when imageTagMutability is "+string(m))
		}
	case immutableWithExclusion, mutableWithExclusion:
		if len(exclusions) == 0 || len(exclusions) > maxExclusions {
			return invalid("imageTagMutabilityExclusionFilters", "must have between 1 and 5 filters when imageTagMutability is "+string(m))
		}
	default:
		return invalid("imageTagMutability", "Member must satisfy enum value set: [MUTABLE, IMMUTABLE, IMMUTABLE_WITH_EXCLUSION, MUTABLE_WITH_EXCLUSION]")
	}
	for _, e := range exclusions {
		if e.Type != "WILDCARD" {
			return invalid("imageTagMutabilityExclusionFilters.filterType", "Member must satisfy enum value set: [WILDCARD]")
		}
		if !exclusionRule.MatchString(e.Filter) {
			return invalid("imageTagMutabilityExclusionFilters.filter", "must satisfy regular expression '[0-9a-zA-Z._*-]{1,128}'")
		}
		if strings.Count(e.Filter, "*") > maxExclusionWildcard {
			return invalid("imageTagMutabilityExclusionFilters.filter", "must not have more than 2 wildcards")
		}
	}
	return nil
}

// fixed reports whether a tag of the repository must not be moved.
func (s *settings) fixed(tag string) bool {
	excluded := false
	for _, e := range s.Exclusions {
		excluded = excluded || pattern.Match(e.Filter, tag)
	}
	switch s.Mutability {
	case immutable:
		return true
	case immutableWithExclusion:
		return !excluded
	case mutableWithExclusion:
		return excluded
	}
	return false
}
