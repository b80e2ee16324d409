package s3

import (
	"encoding/xml"
	"net/http"
	"slices"
	"time"
)

// lifecycle is a bucket's lifecycle configuration. RunLifecycle acts on it.
type lifecycle struct {
	XMLName xml.Name        `xml:"LifecycleConfiguration" json:"-"`
	Rules   []lifecycleRule `xml:"Rule"`
}

type lifecycleRule struct {
	ID                          string                       `xml:",omitempty"`
	Prefix                      *string                      `xml:",omitempty"` // the old form of Filter
	Filter                      *lifecycleFilter             `xml:",omitempty"`
	Status                      string                       //
	Expiration                  *expiration                  `xml:",omitempty"`
	NoncurrentVersionExpiration *noncurrentVersionExpiration `xml:",omitempty"`
	AbortIncomplete             *abortIncomplete             `xml:"AbortIncompleteMultipartUpload,omitempty"`
	Transitions                 []struct{}                   `xml:"Transition,omitempty"`
	NoncurrentTransitions       []struct{}                   `xml:"NoncurrentVersionTransition,omitempty"`
}

type lifecycleFilter struct {
	Prefix      *string `xml:",omitempty"`
	Tag         *tag    `xml:",omitempty"`
	GreaterThan *int64  `xml:"ObjectSizeGreaterThan,omitempty"`
	LessThan    *int64  `xml:"ObjectSizeLessThan,omitempty"`
	And         *struct {
		Prefix      *string `xml:",omitempty"`
		Tags        []tag   `xml:"Tag"`
		GreaterThan *int64  `xml:"ObjectSizeGreaterThan,omitempty"`
		LessThan    *int64  `xml:"ObjectSizeLessThan,omitempty"`
	} `xml:",omitempty"`
}

type expiration struct {
	Days          *int   `xml:",omitempty"`
	Date          string `xml:",omitempty"`
	ExpiredMarker *bool  `xml:"ExpiredObjectDeleteMarker,omitempty"`
}

type noncurrentVersionExpiration struct {
	Days  int  `xml:"NoncurrentDays"`
	Newer *int `xml:"NewerNoncurrentVersions,omitempty"`
}

type abortIncomplete struct {
	Days int `xml:"DaysAfterInitiation"`
}

func (s *Service) getLifecycle(q *request) error {
	if q.record.Lifecycle == nil {
		return known("NoSuchLifecycleConfiguration").with("BucketName", q.bucket)
	}
	q.w.Header().Set("X-Amz-Transition-Default-Minimum-Object-Size", "all_storage_classes_128K")
	return q.answer(http.StatusOK, struct {
		XMLName xml.Name        `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LifecycleConfiguration"`
		Rules   []lifecycleRule `xml:"Rule"`
	}{Rules: q.record.Lifecycle.Rules})
}

func (s *Service) putLifecycle(q *request) error {
	var input lifecycle
	if err := q.decode(&input); err != nil {
		return err
	}
	if err := input.check(); err != nil {
		return err
	}
	for i := range input.Rules {
		if input.Rules[i].ID == "" {
			input.Rules[i].ID = s.requestID()
		}
	}
	return s.change(q, http.StatusOK, func(b *bucket) error { b.Lifecycle = &input; return nil })
}

func (s *Service) deleteLifecycle(q *request) error {
	return s.change(q, http.StatusNoContent, func(b *bucket) error { b.Lifecycle = nil; return nil })
}

func (l *lifecycle) check() error {
	if len(l.Rules) == 0 || len(l.Rules) > 1000 {
		return known("MalformedXML")
	}
	var ids []string
	for _, rule := range l.Rules {
		if len(rule.ID) > 255 {
			return fail("InvalidArgument", "ID length should not exceed allowed limit of 255")
		}
		if rule.ID != "" && slices.Contains(ids, rule.ID) {
			return fail("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule")
		}
		ids = append(ids, rule.ID)
		if err := rule.check(); err != nil {
			return err
		}
	}
	return nil
}

func (r *lifecycleRule) check() error {
	invalid := func(message string) error { return fail("InvalidArgument", message) }
	if r.Status != "Enabled" && r.Status != "Disabled" || (r.Prefix == nil) == (r.Filter == nil) {
		return known("MalformedXML")
	}
	if len(r.Transitions)+len(r.NoncurrentTransitions) > 0 {
		return notImplemented("PutBucketLifecycleConfiguration with transitions")
	}
	if r.Expiration == nil && r.NoncurrentVersionExpiration == nil && r.AbortIncomplete == nil {
		return fail("InvalidRequest", "At least one action needs to be specified in a rule")
	}
	if e := r.Expiration; e != nil {
		if e.Days != nil && *e.Days < 1 {
			return invalid("'Days' for Expiration action must be a positive integer")
		}
		given := 0
		for _, one := range []bool{e.Days != nil, e.Date != "", e.ExpiredMarker != nil} {
			if one {
				given++
			}
		}
		if given != 1 {
			return known("MalformedXML")
		}
		if e.Date != "" {
			if at, err := time.Parse(time.RFC3339, e.Date); err != nil || !at.Equal(at.Truncate(24*time.Hour)) {
				return invalid("'Date' must be at midnight GMT")
			}
		}
	}
	if n := r.NoncurrentVersionExpiration; n != nil {
		if n.Days < 1 {
			return invalid("'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer")
		}
		if n.Newer != nil && (*n.Newer < 1 || *n.Newer > 100) {
			return invalid("'NewerNoncurrentVersions' for NoncurrentVersionExpiration action must be between 1 and 100")
		}
	}
	if a := r.AbortIncomplete; a != nil {
		if a.Days < 1 {
			return invalid("'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer")
		}
		if _, tags, least, most := r.scope(); len(tags) > 0 || least != nil || most != nil {
			return fail("InvalidRequest", "AbortIncompleteMultipartUpload cannot be specified with Tags or object sizes.")
		}
	}
	return nil
}

// scope is what a rule is about: a prefix, tags, and a size between two limits.
func (r *lifecycleRule) scope() (prefix string, tags []tag, greater, less *int64) {
	if r.Prefix != nil {
		return *r.Prefix, nil, nil, nil
	}
	f := r.Filter
	if f == nil {
		return "", nil, nil, nil
	}
	if f.And != nil {
		return text(f.And.Prefix), f.And.Tags, f.And.GreaterThan, f.And.LessThan
	}
	if f.Tag != nil {
		tags = []tag{*f.Tag}
	}
	return text(f.Prefix), tags, f.GreaterThan, f.LessThan
}

// due is when a rule of so many days acts on what happened at a time: S3 waits
// for the midnight after.
func due(at time.Time, days int) time.Time {
	passed := at.UTC().Add(time.Duration(days) * 24 * time.Hour)
	if midnight := passed.Truncate(24 * time.Hour); !midnight.Equal(passed) {
		return midnight.Add(24 * time.Hour)
	}
	return passed
}
