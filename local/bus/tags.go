package bus

import (
	"context"
	"maps"
	"slices"
	"strings"
)

const maxTags = 50

type tag struct{ Key, Value string }

func checkTags(tags []tag) error {
	var c checks
	c.size(len(tags), "tags", 0, maxTags)
	for _, t := range tags {
		c.required(t.Key, "tags.1.member.key")
		c.length(t.Key, "tags.1.member.key", 128)
		c.length(t.Value, "tags.1.member.value", 256)
	}
	return c.err()
}

func tagMap(tags []tag) map[string]string {
	m := map[string]string{}
	for _, t := range tags {
		m[t.Key] = t.Value
	}
	return m
}

type tagInput struct {
	ResourceARN string `json:"ResourceARN"`
	Tags        []tag
	TagKeys     []string
}

// changeTags lets edit change the tags of a bus or a rule.
func (s *Service) changeTags(arn string, edit func(map[string]string) error) error {
	bus, name, err := s.resource(arn)
	if err != nil {
		return err
	}
	if name != "" {
		return s.registry.changeRule(bus, name, func(r *rule) error {
			if r.Tags == nil {
				r.Tags = map[string]string{}
			}
			return edit(r.Tags)
		})
	}
	return s.registry.change(bus, func(b *eventBus) error {
		if b.Tags == nil {
			b.Tags = map[string]string{}
		}
		return edit(b.Tags)
	})
}

// resource returns the bus, and the rule if it is one, that an ARN names.
func (s *Service) resource(arn string) (bus, rule string, err error) {
	kind, rest, ok := strings.Cut(strings.TrimPrefix(arn, s.arn("")), "/")
	switch {
	case !strings.HasPrefix(arn, s.arn("")) || !ok:
	case kind == "event-bus":
		return rest, "", nil
	case kind == "rule":
		if bus, rule, ok := strings.Cut(rest, "/"); ok {
			return bus, rule, nil
		}
		return defaultBus, rest, nil
	}
	return "", "", invalid("Parameter %s is not valid. Reason: Provided Arn is not in correct format.", arn)
}

func (s *Service) tagResource(_ context.Context, in tagInput) (nothing, error) {
	if err := checkTags(in.Tags); err != nil {
		return nothing{}, err
	}
	return nothing{}, s.changeTags(in.ResourceARN, func(tags map[string]string) error {
		maps.Copy(tags, tagMap(in.Tags))
		if len(tags) > maxTags {
			return tooMany()
		}
		return nil
	})
}

func (s *Service) untagResource(_ context.Context, in tagInput) (nothing, error) {
	return nothing{}, s.changeTags(in.ResourceARN, func(tags map[string]string) error {
		for _, key := range in.TagKeys {
			delete(tags, key)
		}
		return nil
	})
}

type listTagsOutput struct{ Tags []tag }

func (s *Service) listTagsForResource(_ context.Context, in tagInput) (out listTagsOutput, err error) {
	bus, name, err := s.resource(in.ResourceARN)
	if err != nil {
		return out, err
	}
	b := s.registry.get(bus)
	if b == nil {
		return out, noBus(bus)
	}
	tags := b.Tags
	if name != "" {
		if b.Rules[name] == nil {
			return out, noRule(name, bus)
		}
		tags = b.Rules[name].Tags
	}
	out.Tags = []tag{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		out.Tags = append(out.Tags, tag{key, tags[key]})
	}
	return out, nil
}
