package statemachine

import (
	"encoding/json"
	"fmt"
)

// liveTag is the tag that step protectimage puts on what is deployed, which is
// a push like any other to ECR.
const liveTag = "mayfly-live"

// Pattern is an event pattern of EventBridge.
type Pattern struct {
	Source     []string       `json:"source"`
	DetailType []string       `json:"detail-type"`
	Detail     map[string]any `json:"detail"`
}

// DeployPattern returns the pattern of the events that start the deploy
// machine: what happens to images with a tag in repositories whose names begin
// with prefix. What a push without a tag brings is a part of an image.
func DeployPattern(prefix string) Pattern {
	detail := map[string]any{"image-tag": []any{map[string]any{"anything-but": []any{liveTag}}}}
	if prefix != "" {
		detail["repository-name"] = []any{map[string]any{"prefix": prefix}}
	}
	return Pattern{Source: []string{"aws.ecr"}, DetailType: []string{"ECR Image Action"}, Detail: detail}
}

// JSON returns the pattern as PutRule takes it.
func (p Pattern) JSON() (string, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("write event pattern: %w", err)
	}
	return string(text), nil
}
