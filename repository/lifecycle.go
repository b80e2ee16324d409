package repository

import (
	"encoding/json"
	"fmt"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// rule is one rule of an ECR lifecycle policy.
type rule struct {
	Priority    int               `json:"rulePriority"`
	Description string            `json:"description"`
	Selection   selection         `json:"selection"`
	Action      map[string]string `json:"action"`
}

type selection struct {
	TagStatus      string   `json:"tagStatus"`
	TagPatternList []string `json:"tagPatternList,omitempty"`
	CountType      string   `json:"countType"`
	CountUnit      string   `json:"countUnit,omitempty"`
	CountNumber    int      `json:"countNumber"`
}

// Lifecycle returns the lifecycle policy of a repository as JSON: images
// without a tag expire after a time, and old ones beyond a number.
//
// The first rule expires nothing, and that is its use: ECR never lets a rule
// expire an image that matches the tags of a rule of higher priority, and no
// more than one image can have the one tag that it names. So the image that is
// deployed, which bears that tag, is kept by all rules after it.
func Lifecycle(spec events.RepositorySpec) (string, error) {
	expire := map[string]string{"type": "expire"}
	text, err := json.Marshal(map[string][]rule{"rules": {
		{1, "Keep the image that is deployed", selection{
			TagStatus: "tagged", TagPatternList: []string{sandbox.LiveTag}, CountType: "imageCountMoreThan", CountNumber: 1,
		}, expire},
		{2, fmt.Sprintf("Expire images without a tag after %d days", spec.KeepUntaggedDays), selection{
			TagStatus: "untagged", CountType: "sinceImagePushed", CountUnit: "days", CountNumber: spec.KeepUntaggedDays,
		}, expire},
		{3, fmt.Sprintf("Keep the newest %d images", spec.KeepImages), selection{
			TagStatus: "any", CountType: "imageCountMoreThan", CountNumber: spec.KeepImages,
		}, expire},
	}})
	if err != nil {
		return "", fmt.Errorf("write lifecycle policy: %w", err)
	}
	return string(text), nil
}
