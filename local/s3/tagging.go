package s3

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

type tag struct {
	Key   string
	Value string
}

type tagging struct {
	XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ Tagging"`
	Tags    []tag    `xml:"TagSet>Tag"`
}

// checkTags applies the limits of S3: so many tags, no name twice, none of AWS's own.
func checkTags(tags []tag, most int) error {
	if len(tags) > most {
		return fail("BadRequest", "Object tags cannot be greater than "+itoa(int64(most)))
	}
	seen := map[string]bool{}
	for _, t := range tags {
		switch length := utf8.RuneCountInString(t.Key); {
		case length == 0 || length > 128:
			return fail("InvalidTag", "The TagKey you have provided is invalid").with("TagKey", t.Key)
		case utf8.RuneCountInString(t.Value) > 256:
			return fail("InvalidTag", "The TagValue you have provided is invalid").with("TagValue", t.Value)
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			return fail("InvalidTag", "System tags cannot be added/updated by requester").with("TagKey", t.Key)
		case seen[t.Key]:
			return fail("InvalidTag", "Cannot provide multiple Tags with the same key").with("TagKey", t.Key)
		}
		seen[t.Key] = true
	}
	return nil
}

func (q *request) tags(most int) ([]tag, error) {
	var input struct {
		XMLName xml.Name `xml:"Tagging"`
		Tags    []tag    `xml:"TagSet>Tag"`
	}
	if err := q.decode(&input); err != nil {
		return nil, err
	}
	return input.Tags, checkTags(input.Tags, most)
}

func (s *Service) getBucketTagging(q *request) error {
	if len(q.record.Tags) == 0 {
		return known("NoSuchTagSet").with("BucketName", q.bucket)
	}
	return q.answer(http.StatusOK, tagging{Tags: q.record.Tags})
}

func (s *Service) putBucketTagging(q *request) error {
	tags, err := q.tags(50)
	if err != nil {
		return err
	}
	return s.change(q, http.StatusNoContent, func(b *bucket) error { b.Tags = tags; return nil })
}

func (s *Service) deleteBucketTagging(q *request) error {
	return s.change(q, http.StatusNoContent, func(b *bucket) error { b.Tags = nil; return nil })
}

func (s *Service) getObjectTagging(q *request) error {
	found, err := s.store.Tags(q.ctx(), q.bucket, q.key, q.version)
	if err != nil {
		return s.readError(q, err, asFailure(err).code == "MethodNotAllowed")
	}
	answer := tagging{}
	for key, value := range found {
		answer.Tags = append(answer.Tags, tag{key, value})
	}
	slices.SortFunc(answer.Tags, func(a, b tag) int { return strings.Compare(a.Key, b.Key) })
	return q.answer(http.StatusOK, answer)
}

func (s *Service) putObjectTagging(q *request) error {
	tags, err := q.tags(10)
	if err != nil {
		return err
	}
	set := map[string]string{}
	for _, t := range tags {
		set[t.Key] = t.Value
	}
	if err := s.store.SetTags(q.ctx(), q.bucket, q.key, q.version, set); err != nil {
		return s.readError(q, err, asFailure(err).code == "MethodNotAllowed")
	}
	return q.done(http.StatusOK)
}

func (s *Service) deleteObjectTagging(q *request) error {
	if err := s.store.SetTags(q.ctx(), q.bucket, q.key, q.version, nil); err != nil {
		return s.readError(q, err, asFailure(err).code == "MethodNotAllowed")
	}
	return q.done(http.StatusNoContent)
}
