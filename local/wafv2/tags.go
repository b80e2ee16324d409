package wafv2

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

type tag struct{ Key, Value string }

// mostTags is AWS's limit for one resource.
const mostTags = 50

// merged returns tags with others put over them.
func merged(tags map[string]string, more []tag) (map[string]string, error) {
	out := maps.Clone(tags)
	if out == nil {
		out = map[string]string{}
	}
	for _, t := range more {
		if t.Key == "" || len(t.Key) > 128 || len(t.Value) > 256 || strings.HasPrefix(t.Key, "aws:") {
			return nil, invalid("TAGS", t.Key, "A tag has a key of 1 to 128 characters, not from aws:, and a value of at most 256.")
		}
		out[t.Key] = t.Value
	}
	if len(out) > mostTags {
		return nil, invalid("TAGS", fmt.Sprint(len(out)), "A resource has at most 50 tags.")
	}
	return out, nil
}

func (s *Service) tagResource(ctx context.Context, in struct {
	ResourceARN string
	Tags        []tag
}) (any, error) {
	return s.retag(ctx, in.ResourceARN, func(tags map[string]string) (map[string]string, error) { return merged(tags, in.Tags) })
}

func (s *Service) untagResource(ctx context.Context, in struct {
	ResourceARN string
	TagKeys     []string
}) (any, error) {
	return s.retag(ctx, in.ResourceARN, func(tags map[string]string) (map[string]string, error) {
		out := maps.Clone(tags)
		for _, key := range in.TagKeys {
			delete(out, key)
		}
		return out, nil
	})
}

// retag changes tags, which leaves the lock token as it is.
func (s *Service) retag(ctx context.Context, arn string, change func(map[string]string) (map[string]string, error)) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(identity{ARN: arn})
	if err != nil {
		return nil, err
	}
	changed := *a
	if changed.Tags, err = change(a.Tags); err != nil {
		return nil, err
	}
	return struct{}{}, s.keep(ctx, &changed)
}

func (s *Service) listTags(_ context.Context, in struct{ ResourceARN string }) (any, error) {
	a, err := s.find(identity{ARN: in.ResourceARN})
	if err != nil {
		return nil, err
	}
	list := []tag{}
	for _, key := range slices.Sorted(maps.Keys(a.Tags)) {
		list = append(list, tag{key, a.Tags[key]})
	}
	return map[string]any{"TagInfoForResource": map[string]any{"ResourceARN": a.ARN, "TagList": list}}, nil
}
