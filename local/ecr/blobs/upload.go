package blobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"

	"github.com/distribution/distribution/v3"
	"github.com/opencontainers/go-digest"
	v1 "github.com/opencontainers/image-spec/specs-go/v1"
)

// The refusals of an upload.
var (
	// ErrUploadUnknown says that there is no such upload, or no more.
	ErrUploadUnknown = errors.New("the upload does not exist")
	// ErrUploadBusy says that another request is writing to the upload.
	ErrUploadBusy = errors.New("another request is writing to the upload")
)

// An OffsetError says that a part of an upload does not begin where the parts
// before it ended.
type OffsetError struct {
	// Size is how many bytes there are.
	Size int64
}

func (e *OffsetError) Error() string {
	return fmt.Sprintf("the part does not begin at byte %d, where the upload has got to", e.Size)
}

// Anywhere is the offset of a part that begins wherever the upload has got to.
const Anywhere = -1

// uploadID is a UUID, which is all that may become a part of a path.
var uploadID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// Begin starts an upload and returns its id.
func (s *Store) Begin(ctx context.Context, repository string) (string, error) {
	all, err := s.blobs(ctx, repository)
	if err != nil {
		return "", err
	}
	upload, err := all.Create(ctx)
	if err != nil {
		return "", fmt.Errorf("begin an upload: %w", err)
	}
	if err := upload.Close(); err != nil {
		return "", fmt.Errorf("begin an upload: %w", err)
	}
	return upload.ID(), nil
}

// patience is how long a request waits for another one to the same upload. A
// client that lost its connection may be back before the server has noticed.
const patience = 5 * time.Second

// take waits until nobody else writes to an upload; call the returned function
// when done. It returns ErrUploadBusy after patience.
func (s *Store) take(ctx context.Context, id string) (done func(), err error) {
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		s.mu.Lock()
		other, taken := s.busy[id]
		if !taken {
			mine := make(chan struct{})
			s.busy[id] = mine
			s.mu.Unlock()
			return func() {
				s.mu.Lock()
				defer s.mu.Unlock()
				delete(s.busy, id)
				close(mine)
			}, nil
		}
		s.mu.Unlock()
		select {
		case <-other:
		case <-timeout.C:
			return nil, ErrUploadBusy
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// resume opens an upload for one request; call done after it.
func (s *Store) resume(ctx context.Context, repository, id string) (upload distribution.BlobWriter, done func(), err error) {
	if !uploadID.MatchString(id) {
		return nil, nil, ErrUploadUnknown
	}
	if done, err = s.take(ctx, id); err != nil {
		return nil, nil, err
	}
	all, err := s.blobs(ctx, repository)
	if err == nil {
		upload, err = all.Resume(ctx, id)
	}
	switch {
	case err == nil:
		return upload, done, nil
	case errors.Is(err, distribution.ErrBlobUploadUnknown):
		err = ErrUploadUnknown
	default:
		err = fmt.Errorf("resume upload %s: %w", id, err)
	}
	done()
	return nil, nil, err
}

// Append adds what r has to an upload, and returns the upload's size in bytes.
// What came before r failed is kept: the upload can go on from there. It
// returns ErrUploadUnknown, ErrUploadBusy, or an *OffsetError when offset is
// not where the upload has got to.
func (s *Store) Append(ctx context.Context, repository, id string, offset int64, r io.Reader) (int64, error) {
	upload, done, err := s.resume(ctx, repository, id)
	if err != nil {
		return 0, err
	}
	defer done()
	if at := upload.Size(); offset != Anywhere && offset != at {
		return at, errors.Join(&OffsetError{Size: at}, upload.Close())
	}
	_, err = upload.ReadFrom(r)
	if err = errors.Join(err, upload.Close()); err != nil {
		return upload.Size(), fmt.Errorf("write to upload %s: %w", id, err)
	}
	return upload.Size(), nil
}

// UploadSize returns how many bytes an upload has, also while another request
// writes to it. It returns ErrUploadUnknown.
func (s *Store) UploadSize(ctx context.Context, repository, id string) (int64, error) {
	if !uploadID.MatchString(id) {
		return 0, ErrUploadUnknown
	}
	folder := uploads(repository) + "/" + id
	if _, err := s.disk.Stat(ctx, folder+"/startedat"); err != nil {
		if gone(err) == nil {
			return 0, ErrUploadUnknown
		}
		return 0, fmt.Errorf("look at upload %s: %w", id, err)
	}
	found, err := s.disk.Stat(ctx, folder+"/data")
	if gone(err) == nil && err != nil {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look at upload %s: %w", id, err)
	}
	return found.Size(), nil
}

// Commit makes an upload the blob that it is said to be, reserves it, and
// returns its size in bytes. It returns ErrUploadUnknown, ErrUploadBusy, or
// ErrDigest, after which the upload is gone.
func (s *Store) Commit(ctx context.Context, repository, id, blob string) (int64, error) {
	d, err := parse(blob)
	if err != nil {
		return 0, err
	}
	upload, done, err := s.resume(ctx, repository, id)
	if err != nil {
		return 0, err
	}
	defer done()
	s.removing.RLock()
	defer s.removing.RUnlock()
	s.reserve(link{repository, d})
	committed, err := upload.Commit(ctx, v1.Descriptor{Digest: d})
	var invalid distribution.ErrBlobInvalidDigest
	if errors.As(err, &invalid) {
		s.Named(repository, []string{blob})
		return 0, errors.Join(fmt.Errorf("upload %s: %w", id, ErrDigest), s.drop(ctx, repository, id))
	}
	if err != nil {
		return 0, fmt.Errorf("commit upload %s: %w", id, err)
	}
	return committed.Size, nil
}

// Cancel gives an upload up. It returns ErrUploadUnknown or ErrUploadBusy.
func (s *Store) Cancel(ctx context.Context, repository, id string) error {
	upload, done, err := s.resume(ctx, repository, id)
	if err != nil {
		return err
	}
	defer done()
	return errors.Join(upload.Close(), s.drop(ctx, repository, id))
}

func (s *Store) drop(ctx context.Context, repository, id string) error {
	if err := s.disk.Delete(ctx, uploads(repository)+"/"+id); err != nil {
		return fmt.Errorf("drop upload %s: %w", id, err)
	}
	return nil
}

// Put stores a small blob whole, as a client that uploads in one request.
func (s *Store) Put(ctx context.Context, repository string, content []byte) (string, error) {
	all, err := s.blobs(ctx, repository)
	if err != nil {
		return "", err
	}
	s.removing.RLock()
	defer s.removing.RUnlock()
	d := digest.FromBytes(content)
	s.reserve(link{repository, d})
	if _, err := all.Put(ctx, "application/octet-stream", content); err != nil {
		return "", fmt.Errorf("store blob %s: %w", d, err)
	}
	return d.String(), nil
}
