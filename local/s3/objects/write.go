package objects

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// A Condition decides, while nothing else can change the key, whether a write
// goes on. It gets the current object's entity tag, and false when there is no
// object or only a delete marker.
type Condition func(etag string, exists bool) error

// Put writes an object. The body is read to its end before anything can be
// seen; input.Bucket and input.Key are set here.
func (s *Store) Put(ctx context.Context, bucket, key string, input s3response.PutObjectInput, condition Condition) (out s3response.PutObjectOutput, err error) {
	path, encoded := s.path(bucket), encodeKey(key)
	input.Bucket, input.Key = &path, &encoded
	defer s.need(bucket, key)()
	change := change{store: s, bucket: bucket, key: key, writes: true}
	out, err = s.posix.PutObjectWithPostFunc(ctx, input, func(*os.File) error { return change.begin(condition) })
	return out, change.end(err)
}

// A change is the short part of a write in which the key changes. Bodies
// arrive before it, so that a slow client holds up nobody.
type change struct {
	store       *Store
	bucket, key string
	begun       bool
	forget      func() error
	replaced    *stored
	// writes: the key gets content, not a marker.
	writes bool
	// removes is the version that is to go; empty when the key gets a new one.
	removes string
}

func (c *change) begin(condition Condition) (err error) {
	s := c.store
	s.bucket(c.bucket).RLock()
	s.key(c.bucket, c.key).Lock()
	c.begun = true
	// The bucket may have gone while the body arrived, and the backend would
	// make its folder anew.
	if _, err := os.Stat(s.path(c.bucket)); missing(err) {
		return s3err.GetAPIError(s3err.ErrNoSuchBucket)
	}
	id, err := s.currentVersion(c.bucket, c.key)
	if err != nil {
		return err
	}
	if id != "" {
		current, err := s.inspect(s.path(c.bucket), encodeKey(c.key), id)
		if err != nil {
			return err
		}
		c.replaced = &current
	}
	if condition != nil {
		exists := c.replaced != nil && !c.replaced.marker
		etag := ""
		if exists {
			etag = c.replaced.etag
		}
		if err := condition(etag, exists); err != nil {
			return err
		}
	}
	if c.replaced != nil && !c.inOneStep() {
		if c.forget, err = s.journal.begin(c.bucket, c.key); err != nil {
			return err
		}
	}
	return nil
}

// inOneStep reports whether the change is a version's going, which leaves nothing
// to be put right after a kill.
func (c *change) inOneStep() bool {
	return c.store.atomic && isVersionID(c.removes)
}

// end finishes a change that may have begun, with the backend's outcome. A
// change that failed half way is undone like one that was killed.
func (c *change) end(outcome error) error {
	s := c.store
	if !c.begun {
		return outcome
	}
	defer s.bucket(c.bucket).RUnlock()
	defer s.key(c.bucket, c.key).Unlock()
	if c.forget == nil {
		return outcome
	}
	if outcome != nil {
		if err := s.repair(c.bucket, c.key); err != nil {
			return errors.Join(outcome, err) // the note stays, for the next start
		}
	} else if c.replaced.id == NullVersion {
		// Only its file's time says when a null version was made, and the
		// backend's copy has a new one.
		copied := filepath.Join(s.earlierDir(c.bucket, c.key), NullVersion)
		if err := os.Chtimes(copied, c.replaced.modified, c.replaced.modified); err != nil && !missing(err) {
			return fmt.Errorf("keep the time of the null version: %w", err)
		}
	}
	if outcome == nil && c.writes && c.replaced.marker && !s.atomic {
		// In a sidecar the new file would have the attributes of the marker, too.
		if err := s.meta.DeleteAttribute(s.path(c.bucket), encodeKey(c.key), markerAttr); err != nil && !errors.Is(err, meta.ErrNoSuchKey) {
			return fmt.Errorf("take the delete marker's place: %w", err)
		}
	}
	return errors.Join(outcome, c.forget())
}

// A Deletion is what a delete did.
type Deletion struct {
	// Version is the id of the version removed, or of the marker made.
	Version string
	// Marker: the version removed was a delete marker, or one was made.
	Marker bool
}

// Delete removes an object: in a versioned bucket by a delete marker, or, when
// version is given, that version for good. What is not there is success.
func (s *Store) Delete(ctx context.Context, bucket, key, version string, condition Condition) (deletion Deletion, err error) {
	if version == "" {
		status, err := s.Versioning(ctx, bucket)
		if err != nil {
			return Deletion{}, err
		}
		if status != "" { // it writes a marker
			defer s.need(bucket, key)()
		}
	}
	change := change{store: s, bucket: bucket, key: key, removes: version}
	defer func() { err = change.end(err) }()
	if err := change.begin(condition); err != nil {
		return Deletion{}, err
	}
	s.folders.removing.RLock()
	defer s.folders.removing.RUnlock()
	if change.inOneStep() {
		current := ""
		if change.replaced != nil {
			current = change.replaced.id
		}
		gone := s.remove(bucket, key, current, []string{version}, true)[0]
		return gone.Deletion, gone.Err
	}
	if version != "" && change.replaced != nil && change.replaced.id == version {
		earlier, err := s.earlier(bucket, key)
		if err != nil {
			return Deletion{}, err
		}
		if len(earlier) > 0 {
			// The next one takes its place, in one step; the backend would
			// remove first and copy afterwards.
			return Deletion{Version: version, Marker: change.replaced.marker}, s.moveBack(bucket, key, earlier[0].id)
		}
	}
	path, encoded := s.path(bucket), encodeKey(key)
	input := &s3.DeleteObjectInput{Bucket: &path, Key: &encoded}
	if version != "" {
		input.VersionId = &version
	}
	out, err := s.posix.DeleteObject(ctx, input)
	if err != nil {
		var known s3err.S3Error
		if _, valid := ulidTime(version); errors.As(err, &known) && known.BaseError().Code == "InvalidArgument" && (valid || version == NullVersion) {
			return Deletion{Version: version}, nil // it was not there
		}
		return Deletion{}, err
	}
	if out.VersionId != nil {
		deletion.Version = *out.VersionId
	}
	deletion.Marker = out.DeleteMarker != nil && *out.DeleteMarker
	return deletion, nil
}
