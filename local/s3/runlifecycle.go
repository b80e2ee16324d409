package s3

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/local/s3/objects"
)

// RunLifecycle does what the lifecycle rules of all buckets ask for at a
// moment: it expires objects, noncurrent versions and lone delete markers, and
// aborts uploads. AWS does so once a day. It goes on after an error, and
// answers all of them.
func (s *Service) RunLifecycle(ctx context.Context, now time.Time) error {
	var failures []error
	for _, b := range s.registry.all() {
		if b.Lifecycle == nil {
			continue
		}
		for _, rule := range b.Lifecycle.Rules {
			if rule.Status != "Enabled" {
				continue
			}
			if err := s.runRule(ctx, b.Name, rule, now); err != nil {
				failures = append(failures, fmt.Errorf("lifecycle rule %s of %s: %w", rule.ID, b.Name, err))
			}
		}
	}
	return errors.Join(failures...)
}

func (s *Service) runRule(ctx context.Context, bucket string, rule lifecycleRule, now time.Time) error {
	prefix, _, _, _ := rule.scope()
	var failures []error
	if rule.Expiration != nil || rule.NoncurrentVersionExpiration != nil {
		failures = append(failures, s.eachKey(ctx, bucket, prefix, func(versions []objects.Version) error {
			return s.expire(ctx, bucket, rule, versions, now)
		}))
	}
	if rule.AbortIncomplete != nil {
		failures = append(failures, s.abortOld(ctx, bucket, prefix, rule.AbortIncomplete.Days, now))
	}
	return errors.Join(failures...)
}

// eachKey calls do with all versions of each key, the newest first.
func (s *Service) eachKey(ctx context.Context, bucket, prefix string, do func([]objects.Version) error) error {
	var failures []error
	var key []objects.Version
	flush := func() {
		if len(key) > 0 {
			failures = append(failures, do(key))
		}
		key = nil
	}
	query, after := objects.Query{Prefix: prefix, Max: pageSize}, ""
	for {
		page, more, err := s.store.ListVersions(ctx, bucket, query, after)
		if err != nil {
			return errors.Join(append(failures, err)...)
		}
		for _, v := range page {
			if len(key) > 0 && key[0].Key != v.Key {
				flush()
			}
			key = append(key, v)
		}
		if !more || len(page) == 0 {
			flush()
			return errors.Join(failures...)
		}
		query.Marker, after = page[len(page)-1].Key, page[len(page)-1].ID
	}
}

// expire applies one rule to the versions of one key.
func (s *Service) expire(ctx context.Context, bucket string, rule lifecycleRule, versions []objects.Version, now time.Time) error {
	remove := func(v objects.Version, version string) error {
		matches, err := s.inScope(ctx, bucket, rule, v)
		if err != nil || !matches {
			return err
		}
		_, err = s.store.Delete(ctx, bucket, v.Key, version, nil)
		return err
	}
	left := len(versions)
	var failures []error
	if n := rule.NoncurrentVersionExpiration; n != nil {
		kept := 0
		for i, v := range versions[1:] {
			// A version became noncurrent when the next one was made.
			if now.Before(due(versions[i].Modified, n.Days)) || n.Newer != nil && kept < *n.Newer {
				kept++
				continue
			}
			failures = append(failures, remove(v, v.ID))
			left--
		}
	}
	current := versions[0]
	if e := rule.Expiration; e != nil {
		switch {
		case current.Marker:
			if left == 1 && (e.ExpiredMarker != nil && *e.ExpiredMarker || e.Days != nil && !now.Before(due(current.Modified, *e.Days))) {
				_, err := s.store.Delete(ctx, bucket, current.Key, current.ID, nil)
				failures = append(failures, err)
			}
		case e.Days != nil && !now.Before(due(current.Modified, *e.Days)):
			failures = append(failures, remove(current, ""))
		case e.Date != "":
			if at, err := time.Parse(time.RFC3339, e.Date); err == nil && !now.Before(at) {
				failures = append(failures, remove(current, ""))
			}
		}
	}
	return errors.Join(failures...)
}

// inScope reports whether a rule's filter of tags and sizes takes a version.
func (s *Service) inScope(ctx context.Context, bucket string, rule lifecycleRule, v objects.Version) (bool, error) {
	_, tags, greater, less := rule.scope()
	if v.Marker {
		return len(tags) == 0 && greater == nil && less == nil, nil
	}
	if greater != nil && v.Size <= *greater || less != nil && v.Size >= *less {
		return false, nil
	}
	if len(tags) == 0 {
		return true, nil
	}
	has, err := s.store.Tags(ctx, bucket, v.Key, v.ID)
	if err != nil {
		return false, err
	}
	for _, t := range tags {
		if value, ok := has[t.Key]; !ok || value != t.Value {
			return false, nil
		}
	}
	return true, nil
}

func (s *Service) abortOld(ctx context.Context, bucket, prefix string, days int, now time.Time) error {
	uploads, err := s.store.Uploads(ctx, bucket)
	if err != nil {
		return err
	}
	var failures []error
	for _, u := range uploads {
		if len(u.Key) < len(prefix) || u.Key[:len(prefix)] != prefix || now.Before(due(u.Initiated, days)) {
			continue
		}
		if err := s.store.Abort(ctx, bucket, u.Key, u.ID); err != nil && asFailure(err).code != "NoSuchUpload" {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}
