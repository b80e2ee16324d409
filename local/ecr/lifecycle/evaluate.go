package lifecycle

import (
	"slices"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/ecr/pattern"
)

// Image is what a policy looks at. Times are zero for what never happened.
type Image struct {
	Digest      string
	Tags        []string
	PushedAt    time.Time
	PulledAt    time.Time
	ArchivedAt  time.Time
	ActivatedAt time.Time // when it came back from the archive
	Archived    bool
	// Held says that an index names the image: it stays while the index does.
	Held bool
}

// lastUsed is what sinceImagePulled counts from: the last pull; for an image
// that was restored and not pulled since, its restoration; for one that never
// was pulled, its push.
func (i *Image) lastUsed() time.Time {
	switch {
	case i.ActivatedAt.After(i.PulledAt):
		return i.ActivatedAt
	case !i.PulledAt.IsZero():
		return i.PulledAt
	}
	return i.PushedAt
}

// Mark is what a policy does to an image.
type Mark struct {
	Image  *Image
	Rule   *Rule
	Action Action
}

const day = 24 * time.Hour

// Evaluate returns what the policy does to images now: by rules, and within
// one the oldest first.
func (p *Policy) Evaluate(images []Image, now time.Time) []Mark {
	var marks []Mark
	taken := make([]bool, len(images)) // meets the tag requirements of a rule before
	for r := range p.Rules {
		rule := &p.Rules[r]
		selected := rule.Selection.images(images)
		for _, i := range rule.Selection.over(images, selected, now) {
			if !taken[i] && !images[i].Held {
				marks = append(marks, Mark{&images[i], rule, rule.Action})
			}
		}
		for _, i := range selected {
			taken[i] = true
		}
	}
	return marks
}

// images are the places of those that meet the tag requirements, in the
// storage class, the youngest first.
func (s *Selection) images(images []Image) []int {
	var selected []int
	for i := range images {
		if images[i].Archived == (s.StorageClass == "archive") && s.matches(images[i].Tags) {
			selected = append(selected, i)
		}
	}
	slices.SortStableFunc(selected, func(a, b int) int {
		if c := images[b].PushedAt.Compare(images[a].PushedAt); c != 0 {
			return c
		}
		return strings.Compare(images[a].Digest, images[b].Digest)
	})
	return selected
}

func (s *Selection) matches(tags []string) bool {
	switch s.TagStatus {
	case "any":
		return true
	case "untagged":
		return len(tags) == 0
	}
	// Each of the list must be met by one of the tags.
	for _, prefix := range s.TagPrefixList {
		if !slices.ContainsFunc(tags, func(tag string) bool { return strings.HasPrefix(tag, prefix) }) {
			return false
		}
	}
	for _, wanted := range s.TagPatternList {
		if !slices.ContainsFunc(tags, func(tag string) bool { return pattern.Match(wanted, tag) }) {
			return false
		}
	}
	return true
}

// over are those of the selected that are too many or too old, the oldest
// first.
func (s *Selection) over(images []Image, selected []int, now time.Time) []int {
	var out []int
	for place, i := range slices.Backward(selected) {
		image, age := &images[i], time.Duration(s.CountNumber)*day
		hit := false
		switch s.CountType {
		case "imageCountMoreThan":
			hit = place >= s.CountNumber
		case "sinceImagePushed":
			hit = now.Sub(image.PushedAt) > age
		case "sinceImagePulled":
			hit = now.Sub(image.lastUsed()) > age
		case "sinceImageTransitioned":
			hit = now.Sub(image.ArchivedAt) > age
		}
		if hit {
			out = append(out, i)
		}
	}
	return out
}
