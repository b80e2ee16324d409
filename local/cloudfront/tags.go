package cloudfront

import (
	"net/http"
	"slices"
	"strings"
)

type tagSet struct {
	Items []Tag `xml:"Items>Tag,omitempty"`
}

// mergeTags returns old with the new tags put over it, sorted by key.
func mergeTags(old, added []Tag) ([]Tag, *Error) {
	merged := slices.Clone(old)
	for _, tag := range added {
		if tag.Key == "" || len(tag.Key) > 128 || len(tag.Value) > 256 || strings.HasPrefix(tag.Key, "aws:") {
			return nil, refuse("InvalidTagging", "The tag key %q is not valid: 1 to 128 characters, not beginning with aws:, and a value of at most 256 characters.", tag.Key)
		}
		merged = slices.DeleteFunc(merged, func(t Tag) bool { return t.Key == tag.Key })
		merged = append(merged, tag)
	}
	if len(merged) > 50 {
		return nil, refuse("InvalidTagging", "A resource can have at most 50 tags.")
	}
	slices.SortFunc(merged, func(a, b Tag) int { return strings.Compare(a.Key, b.Key) })
	return merged, nil
}

// retag changes the tags of the resource that the request names.
func (s *Service) retag(c *call, edit func([]Tag) ([]Tag, *Error)) (*answer, *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kind, id, err := s.tagged(c)
	if err != nil {
		return nil, err
	}
	if kind == kindFunction {
		f := *s.functions[id]
		if f.Tags, err = edit(f.Tags); err != nil {
			return nil, err
		}
		return &answer{status: http.StatusNoContent}, s.keepFunction(&f)
	}
	d := *s.distributions[id]
	if d.Tags, err = edit(d.Tags); err != nil {
		return nil, err
	}
	return &answer{status: http.StatusNoContent}, s.keepDistribution(&d)
}

// tagged resolves the Resource parameter, an ARN. The caller holds the lock.
func (s *Service) tagged(c *call) (kind, id string, err *Error) {
	arn := c.query.Get("Resource")
	rest, ok := strings.CutPrefix(arn, arnPrefix)
	if !ok {
		return "", "", refuse("InvalidArgument", "The parameter Resource must be the ARN of a distribution or function, not %q.", arn)
	}
	kind, id, _ = strings.Cut(rest, "/")
	if kind == kindDistribution && s.distributions[id] != nil || kind == kindFunction && s.functions[id] != nil {
		return kind, id, nil
	}
	return "", "", refuse("NoSuchResource", "The resource %s does not exist.", arn)
}

func (s *Service) tagResource(c *call) (*answer, *Error) {
	var set tagSet
	if err := decode(c.body, "Tags", &set); err != nil {
		return nil, err
	}
	return s.retag(c, func(old []Tag) ([]Tag, *Error) { return mergeTags(old, set.Items) })
}

func (s *Service) untagResource(c *call) (*answer, *Error) {
	var keys struct {
		Items []string `xml:"Items>Key,omitempty"`
	}
	if err := decode(c.body, "TagKeys", &keys); err != nil {
		return nil, err
	}
	return s.retag(c, func(old []Tag) ([]Tag, *Error) {
		return slices.DeleteFunc(slices.Clone(old), func(t Tag) bool { return slices.Contains(keys.Items, t.Key) }), nil
	})
}

func (s *Service) listTags(c *call) (*answer, *Error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	kind, id, err := s.tagged(c)
	if err != nil {
		return nil, err
	}
	var set tagSet
	if kind == kindFunction {
		set.Items = s.functions[id].Tags
	} else {
		set.Items = s.distributions[id].Tags
	}
	return &answer{status: http.StatusOK, root: "Tags", body: set}, nil
}
