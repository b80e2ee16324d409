package s3store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/mayfly-dev/mayfly/release"
)

// A connection that breaks is opened again where it broke; tries count those
// in a row that brought nothing.
const (
	tries     = 5
	firstWait = 100 * time.Millisecond
)

// stream reads an archive from its beginning, over broken connections.
type stream struct {
	ctx     context.Context
	archive *Archive
	body    io.ReadCloser
	offset  int64
	failed  int
}

func (s *stream) Read(p []byte) (int, error) {
	for {
		if s.offset >= s.archive.Size {
			return 0, io.EOF
		}
		if s.body == nil {
			out, err := s.archive.get(s.ctx, s.offset, -1)
			if err != nil {
				return 0, err
			}
			s.body = out.Body
		}
		n, err := s.body.Read(p)
		s.offset += int64(n)
		if n > 0 {
			s.failed = 0
			return n, nil
		}
		if err == nil {
			continue
		}
		if err := s.again(err); err != nil {
			return 0, err
		}
	}
}

// again gives the broken connection up, and waits before the next try.
func (s *stream) again(cause error) error {
	closed := s.body.Close()
	s.body = nil
	if s.failed++; s.failed >= tries {
		if errors.Is(cause, io.EOF) {
			cause = io.ErrUnexpectedEOF
		}
		return &brokenError{fmt.Errorf("archive s3://%s/%s broke off at byte %d: %w", s.archive.bucket, s.archive.key, s.offset, errors.Join(cause, closed))}
	}
	return pause(s.ctx, firstWait<<(s.failed-1))
}

func (s *stream) Close() error {
	if s.body == nil {
		return nil
	}
	body := s.body
	s.body = nil
	return body.Close()
}

// brokenError is a connection that broke once too often; a state machine may
// try the step again.
type brokenError struct{ error }

func (e *brokenError) Unwrap() error { return e.error }

// ErrorName is the name of the error in the state machines.
func (e *brokenError) ErrorName() string { return "NetworkError" }

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// blocks reads an archive at any offset, by ranges of blockBytes of which it
// keeps the last few: a zip is read at its end, then from its beginning on.
type blocks struct {
	ctx     context.Context
	archive *Archive
	kept    []block // the one used last is first
}

type block struct {
	index int64
	data  []byte
}

const (
	blockBytes = 4 << 20
	blocksKept = 4
)

func newBlocks(ctx context.Context, archive *Archive) *blocks {
	return &blocks{ctx: ctx, archive: archive}
}

// ReadAt implements io.ReaderAt, for one goroutine at a time.
func (b *blocks) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 0 {
		return 0, &release.ContentError{Rule: "the archive is damaged: it points before its beginning"}
	}
	done := 0
	for done < len(p) {
		at := offset + int64(done)
		if at >= b.archive.Size {
			return done, io.EOF
		}
		data, err := b.block(at / blockBytes)
		if err != nil {
			return done, err
		}
		done += copy(p[done:], data[at%blockBytes:])
	}
	return done, nil
}

func (b *blocks) block(index int64) ([]byte, error) {
	for i, kept := range b.kept {
		if kept.index == index {
			copy(b.kept[1:i+1], b.kept[:i])
			b.kept[0] = kept
			return kept.data, nil
		}
	}
	var buffer []byte
	if len(b.kept) == blocksKept {
		buffer = b.kept[blocksKept-1].data
		b.kept = b.kept[:blocksKept-1]
	} else {
		buffer = make([]byte, min(blockBytes, b.archive.Size))
	}
	data, err := b.fetch(index*blockBytes, buffer[:cap(buffer)])
	if err != nil {
		return nil, err
	}
	b.kept = append([]block{{index, data}}, b.kept...)
	return data, nil
}

func (b *blocks) fetch(offset int64, buffer []byte) ([]byte, error) {
	buffer = buffer[:min(blockBytes, b.archive.Size-offset, int64(len(buffer)))]
	for failed := 1; ; failed++ {
		out, err := b.archive.get(b.ctx, offset, int64(len(buffer)))
		if err != nil {
			return nil, err
		}
		_, err = io.ReadFull(out.Body, buffer)
		closed := out.Body.Close()
		if err == nil {
			return buffer, nil
		}
		if failed == tries {
			return nil, &brokenError{fmt.Errorf("archive s3://%s/%s broke off after byte %d: %w", b.archive.bucket, b.archive.key, offset, errors.Join(err, closed))}
		}
		if err := pause(b.ctx, firstWait<<(failed-1)); err != nil {
			return nil, err
		}
	}
}
