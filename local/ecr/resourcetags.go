package ecr

import (
	"maps"
	"slices"
	"strings"
)

// tag is a resource's tag.
type tag struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

// The limits of resource tags.
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

// tagged returns tags with others added.
func tagged(have map[string]string, more []tag) (map[string]string, error) {
	all := maps.Clone(have)
	if all == nil {
		all = map[string]string{}
	}
	for _, t := range more {
		if t.Key == "" || len(t.Key) > maxTagKey || len(t.Value) > maxTagValue || strings.HasPrefix(strings.ToLower(t.Key), "aws:") {
			return nil, refuse("InvalidTagParameterException", "Invalid parameter at 'tags' failed to satisfy constraint: 'a key has 1 to 128 characters and does not begin with aws:, a value has at most 256'")
		}
		all[t.Key] = t.Value
	}
	if len(all) > maxTags {
		return nil, refuse("TooManyTagsException", "A repository has at most %d tags", maxTags)
	}
	return all, nil
}

func sortedTags(tags map[string]string) []tag {
	all := make([]tag, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		all = append(all, tag{key, tags[key]})
	}
	return all
}

// about is a request about a resource by its ARN.
type about struct {
	ResourceARN string `json:"resourceArn"`
}

func (a about) resource() string { return a.ResourceARN }

// repositoryOf is the repository that an ARN names.
func (s *Service) repositoryOf(v visibility, arn string) (string, error) {
	name, ok := strings.CutPrefix(arn, s.arn(v, ""))
	if !ok || name == "" {
		return "", invalid("resourceArn", "must be the ARN of a repository, such as "+s.arn(v, "NAME"))
	}
	return name, nil
}

type tagResourceInput struct {
	about
	Tags []tag `json:"tags"`
}

type untagResourceInput struct {
	about
	TagKeys []string `json:"tagKeys"`
}

type listTagsForResourceInput struct{ about }

type listTagsForResourceOutput struct {
	Tags []tag `json:"tags"`
}

func (s *Service) tagResource(c *call, in tagResourceInput) (nothing, error) {
	name, err := s.repositoryOf(c.registry, in.ResourceARN)
	if err != nil {
		return nothing{}, err
	}
	_, err = s.change(c, name, func(r *repository) (err error) {
		r.Tags, err = tagged(r.Tags, in.Tags)
		return err
	})
	return nothing{}, err
}

func (s *Service) untagResource(c *call, in untagResourceInput) (nothing, error) {
	name, err := s.repositoryOf(c.registry, in.ResourceARN)
	if err != nil {
		return nothing{}, err
	}
	_, err = s.change(c, name, func(r *repository) error {
		for _, key := range in.TagKeys {
			delete(r.Tags, key)
		}
		return nil
	})
	return nothing{}, err
}

func (s *Service) listTagsForResource(c *call, in listTagsForResourceInput) (listTagsForResourceOutput, error) {
	name, err := s.repositoryOf(c.registry, in.ResourceARN)
	if err != nil {
		return listTagsForResourceOutput{}, err
	}
	r, err := s.find(c, s.store.reader, c.registry, name)
	if err != nil {
		return listTagsForResourceOutput{}, err
	}
	return listTagsForResourceOutput{sortedTags(r.Tags)}, nil
}
