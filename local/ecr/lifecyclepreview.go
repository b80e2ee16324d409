package ecr

import (
	"slices"
	"strconv"
	"time"

	"github.com/mayfly-dev/mayfly/local/awsjson"
	"github.com/mayfly-dev/mayfly/local/ecr/lifecycle"
)

// startLifecyclePolicyPreview remembers what is to be looked at: a policy, and
// the images of this moment. The results follow from that whenever they are
// asked for.
func (s *Service) startLifecyclePolicyPreview(c *call, in putLifecyclePolicyInput) (lifecyclePolicyOutput, error) {
	text := in.Text
	if text != "" {
		if err := checkLifecyclePolicy(text); err != nil {
			return lifecyclePolicyOutput{}, err
		}
	}
	_, err := s.change(c, in.RepositoryName, func(r *repository) error {
		if text == "" {
			text = r.Lifecycle.Policy
		}
		if text == "" {
			return s.noLifecyclePolicy(r)
		}
		r.Lifecycle.Preview, r.Lifecycle.PreviewedAt = text, milliseconds(s.now())
		return nil
	})
	return lifecyclePolicyOutput{RegistryID: s.o.Account, RepositoryName: in.RepositoryName, Text: text, Status: "IN_PROGRESS"}, err
}

type getLifecyclePolicyPreviewInput struct {
	target
	page
	ImageIDs []imageID   `json:"imageIds"`
	Filter   imageFilter `json:"filter"`
}

type previewAction struct {
	Type               string `json:"type"`
	TargetStorageClass string `json:"targetStorageClass,omitempty"`
}

type previewResult struct {
	ImageTags     []string      `json:"imageTags"`
	ImageDigest   string        `json:"imageDigest"`
	ImagePushedAt *awsjson.Time `json:"imagePushedAt"`
	Action        previewAction `json:"action"`
	Priority      int           `json:"appliedRulePriority"`
	StorageClass  string        `json:"storageClass"`
}

type transitioning struct {
	TargetStorageClass string `json:"targetStorageClass"`
	Count              int    `json:"imageTotalCount"`
}

type previewSummary struct {
	Expiring      int             `json:"expiringImageTotalCount"`
	Transitioning []transitioning `json:"transitioningImageTotalCounts,omitempty"`
}

type getLifecyclePolicyPreviewOutput struct {
	lifecyclePolicyOutput
	NextToken string          `json:"nextToken,omitempty"`
	Results   []previewResult `json:"previewResults"`
	Summary   previewSummary  `json:"summary"`
}

func (s *Service) getLifecyclePolicyPreview(c *call, in getLifecyclePolicyPreviewInput) (getLifecyclePolicyPreviewOutput, error) {
	out := getLifecyclePolicyPreviewOutput{Results: []previewResult{}}
	r, err := s.find(c, s.store.reader, c.registry, in.RepositoryName)
	if err != nil {
		return out, err
	}
	if r.Lifecycle.Preview == "" {
		return out, refuse("LifecyclePolicyPreviewNotFoundException", "Lifecycle policy preview does not exist for the repository with name '%s' in the registry with id '%s'", r.name, s.o.Account)
	}
	limit, after, err := in.read()
	if err != nil {
		return out, err
	}
	marks, err := s.evaluate(c, s.store.reader, r, r.Lifecycle.Preview, time.UnixMilli(r.Lifecycle.PreviewedAt))
	if err != nil {
		return out, err
	}
	out.lifecyclePolicyOutput = lifecyclePolicyOutput{RegistryID: s.o.Account, RepositoryName: r.name, Text: r.Lifecycle.Preview, Status: "COMPLETE"}
	out.Summary = summarize(marks)
	from, _ := strconv.Atoi(after)
	for place, mark := range marks {
		if place < from || !in.wants(mark.Image) {
			continue
		}
		if len(out.Results) == limit {
			_, out.NextToken = cut([]int{place, 0}, 1, strconv.Itoa)
			break
		}
		out.Results = append(out.Results, resultOf(mark))
	}
	return out, nil
}

// wants reports whether the request's filters let an image through.
func (in *getLifecyclePolicyPreviewInput) wants(i *lifecycle.Image) bool {
	switch {
	case in.Filter.TagStatus == "TAGGED" && len(i.Tags) == 0, in.Filter.TagStatus == "UNTAGGED" && len(i.Tags) > 0:
		return false
	case len(in.ImageIDs) == 0:
		return true
	}
	return slices.ContainsFunc(in.ImageIDs, func(id imageID) bool {
		return (id.ImageDigest == "" || id.ImageDigest == i.Digest) && (id.ImageTag == "" || slices.Contains(i.Tags, id.ImageTag))
	})
}

func summarize(marks []lifecycle.Mark) (sum previewSummary) {
	archived := 0
	for _, mark := range marks {
		if mark.Action.Type == "expire" {
			sum.Expiring++
		} else {
			archived++
		}
	}
	if archived > 0 {
		sum.Transitioning = []transitioning{{"ARCHIVE", archived}}
	}
	return sum
}

func resultOf(m lifecycle.Mark) previewResult {
	result := previewResult{
		ImageTags: m.Image.Tags, ImageDigest: m.Image.Digest, ImagePushedAt: at(milliseconds(m.Image.PushedAt)),
		Action: previewAction{Type: "EXPIRE"}, Priority: m.Rule.Priority, StorageClass: "STANDARD",
	}
	if m.Action.Type == "transition" {
		result.Action = previewAction{"TRANSITION", "ARCHIVE"}
	}
	if m.Image.Archived {
		result.StorageClass = "ARCHIVE"
	}
	return result
}
