package sfn

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// maxTags is how many tags a resource may have.
const maxTags = 50

// merged adds tags to those that are there.
func merged(old map[string]string, added []tag) (map[string]string, error) {
	all := maps.Clone(old)
	if all == nil {
		all = map[string]string{}
	}
	for _, t := range added {
		if t.Key == "" || len([]rune(t.Key)) > 128 || len([]rune(t.Value)) > 256 || strings.HasPrefix(strings.ToLower(t.Key), "aws:") {
			return nil, failf("ValidationException", "the tag %q is invalid: a key has 1 to 128 characters and does not start with aws:, a value at most 256", t.Key)
		}
		all[t.Key] = t.Value
	}
	if len(all) > maxTags {
		return nil, failf("TooManyTags", "You have exceeded the number of tags allowed per resource: %d", maxTags)
	}
	return all, nil
}

type tagResourceInput struct {
	ResourceARN string   `json:"resourceArn"`
	Tags        []tag    `json:"tags"`
	TagKeys     []string `json:"tagKeys"`
}

// retag changes the tags of a state machine or an activity.
func (s *Service) retag(arn string, edit func(map[string]string) (map[string]string, error)) error {
	if err := required("resourceArn", arn); err != nil {
		return err
	}
	if strings.Contains(arn, ":activity:") {
		return s.registry.changeActivity(arn, func(a *activity, exists bool) error {
			if !exists {
				return noResource(arn)
			}
			tags, err := edit(a.Tags)
			a.Tags = tags
			return err
		})
	}
	if _, err := parseMachineARN(arn); err != nil {
		return err
	}
	_, err := s.registry.change(arn, func(m *machine, exists bool) (bool, error) {
		if !exists {
			return false, noResource(arn)
		}
		tags, err := edit(m.Tags)
		m.Tags = tags
		return true, err
	})
	return err
}

func (s *Service) tagResource(_ context.Context, in tagResourceInput) (nothing, error) {
	return nothing{}, s.retag(in.ResourceARN, func(old map[string]string) (map[string]string, error) { return merged(old, in.Tags) })
}

func (s *Service) untagResource(_ context.Context, in tagResourceInput) (nothing, error) {
	return nothing{}, s.retag(in.ResourceARN, func(old map[string]string) (map[string]string, error) {
		left := maps.Clone(old)
		for _, key := range in.TagKeys {
			delete(left, key)
		}
		return left, nil
	})
}

type listTagsOutput struct {
	Tags []tag `json:"tags"`
}

func (s *Service) listTagsForResource(_ context.Context, in tagResourceInput) (out listTagsOutput, err error) {
	if err := required("resourceArn", in.ResourceARN); err != nil {
		return out, err
	}
	var tags map[string]string
	if a, ok := s.registry.activity(in.ResourceARN); ok {
		tags = a.Tags
	} else if m, ok := s.registry.machine(in.ResourceARN); ok {
		tags = m.Tags
	} else {
		return out, noResource(in.ResourceARN)
	}
	out.Tags = []tag{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		out.Tags = append(out.Tags, tag{key, tags[key]})
	}
	return out, nil
}
