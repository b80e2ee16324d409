package ecr

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/mayfly-dev/mayfly/local/ecr/lifecycle"
)

type lifecyclePolicyInput struct{ target }

type putLifecyclePolicyInput struct {
	target
	Text string `json:"lifecyclePolicyText"`
}

type lifecyclePolicyOutput struct {
	RegistryID      string   `json:"registryId"`
	RepositoryName  string   `json:"repositoryName"`
	Text            string   `json:"lifecyclePolicyText"`
	LastEvaluatedAt *instant `json:"lastEvaluatedAt,omitempty"`
	Status          string   `json:"status,omitempty"`
}

func checkLifecyclePolicy(text string) error {
	var refused *lifecycle.Invalid
	if _, err := lifecycle.Parse(text); errors.As(err, &refused) {
		return invalid("LifecyclePolicyText", refused.Error())
	}
	return nil
}

func (s *Service) putLifecyclePolicy(c *call, in putLifecyclePolicyInput) (lifecyclePolicyOutput, error) {
	if err := checkLifecyclePolicy(in.Text); err != nil {
		return lifecyclePolicyOutput{}, err
	}
	_, err := s.change(c, in.RepositoryName, func(r *repository) error {
		r.Lifecycle.Policy, r.Lifecycle.EvaluatedAt = in.Text, 0
		return nil
	})
	return lifecyclePolicyOutput{RegistryID: s.o.Account, RepositoryName: in.RepositoryName, Text: in.Text}, err
}

func (s *Service) getLifecyclePolicy(c *call, in lifecyclePolicyInput) (lifecyclePolicyOutput, error) {
	r, err := s.find(c, s.store.reader, c.registry, in.RepositoryName)
	if err == nil && r.Lifecycle.Policy == "" {
		err = s.noLifecyclePolicy(r)
	}
	if err != nil {
		return lifecyclePolicyOutput{}, err
	}
	return s.lifecycleOutput(r), nil
}

func (s *Service) deleteLifecyclePolicy(c *call, in lifecyclePolicyInput) (lifecyclePolicyOutput, error) {
	var before lifecyclePolicyOutput
	_, err := s.change(c, in.RepositoryName, func(r *repository) error {
		if r.Lifecycle.Policy == "" {
			return s.noLifecyclePolicy(r)
		}
		before = s.lifecycleOutput(r)
		r.Lifecycle.Policy, r.Lifecycle.EvaluatedAt = "", 0
		return nil
	})
	return before, err
}

func (s *Service) lifecycleOutput(r *repository) lifecyclePolicyOutput {
	return lifecyclePolicyOutput{RegistryID: s.o.Account, RepositoryName: r.name, Text: r.Lifecycle.Policy, LastEvaluatedAt: at(r.Lifecycle.EvaluatedAt)}
}

func (s *Service) noLifecyclePolicy(r *repository) error {
	return refuse("LifecyclePolicyNotFoundException", "Lifecycle policy does not exist for the repository with name '%s' in the registry with id '%s'", r.name, s.o.Account)
}

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
	ImagePushedAt *instant      `json:"imagePushedAt"`
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

// evaluate says what a policy does to the images that a repository had at a
// time. What is about another image that is there, such as its signature, goes
// with that one and not by rules.
func (s *Service) evaluate(ctx context.Context, q querier, r *repository, text string, now time.Time) ([]lifecycle.Mark, error) {
	policy, err := lifecycle.Parse(text)
	if err != nil {
		return nil, err
	}
	found, err := collect(ctx, q, func(rows *sql.Rows) (evaluated, error) {
		var e evaluated
		i, err := scanImage(also{rows, &e.held})
		e.image = i
		return e, err
	}, "SELECT "+imageColumns+`, EXISTS (SELECT 1 FROM reference WHERE reference.repository = image.repository AND target = image.digest AND kind = 'manifest')
		FROM image WHERE repository = ? AND pushed_at <= ?
		AND NOT (subject <> '' AND EXISTS (SELECT 1 FROM image s WHERE s.repository = image.repository AND s.digest = image.subject))`, r.id, milliseconds(now))
	if err != nil {
		return nil, err
	}
	images := make([]lifecycle.Image, len(found))
	for n, e := range found {
		images[n] = lifecycle.Image{
			Digest: e.image.digest, Tags: e.image.tags, PushedAt: moment(e.image.pushedAt), PulledAt: moment(e.image.pulledAt),
			ArchivedAt: moment(e.image.archivedAt), ActivatedAt: moment(e.image.activatedAt), Archived: e.image.archived(), Held: e.held,
		}
	}
	return policy.Evaluate(images, now), nil
}

// evaluated is an image, and whether an index names it.
type evaluated struct {
	image *image
	held  bool
}

// also scans one column more than is asked for.
type also struct {
	rows *sql.Rows
	held *bool
}

func (a also) Scan(into ...any) error { return a.rows.Scan(append(into, a.held)...) }

// moment is the time of milliseconds, zero for none.
func moment(milliseconds int64) time.Time {
	if milliseconds == 0 {
		return time.Time{}
	}
	return time.UnixMilli(milliseconds)
}
