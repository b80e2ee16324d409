package s3

import (
	"context"
	"errors"
	"fmt"

	"github.com/mayfly-dev/mayfly/local/s3/objects"
)

// Usage is what a bucket holds, as S3's daily storage metrics count it: all
// versions, and delete markers as objects without bytes. Parts of unfinished
// uploads are not counted here.
type Usage struct {
	Bucket  string
	Objects int64
	Bytes   int64
}

// Usage returns what each bucket holds. It goes on after a bucket that can't be
// read, and answers all errors; those buckets are left out.
func (s *Service) Usage(ctx context.Context) ([]Usage, error) {
	var all []Usage
	var failures []error
	for _, b := range s.registry.all() {
		u := Usage{Bucket: b.Name}
		err := s.eachKey(ctx, b.Name, "", func(versions []objects.Version) error {
			u.Objects += int64(len(versions))
			for i := range versions {
				if !versions[i].Marker {
					u.Bytes += versions[i].Size
				}
			}
			return nil
		})
		if err != nil {
			failures = append(failures, fmt.Errorf("usage of bucket %s: %w", b.Name, err))
			continue
		}
		all = append(all, u)
	}
	return all, errors.Join(failures...)
}
