package image

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/mayfly-dev/mayfly/release"
)

// A connection that breaks, or that brings nothing for so long, is opened
// again where it broke; tries count those in a row that brought nothing.
const (
	tries     = 5
	firstWait = 100 * time.Millisecond
	patience  = 30 * time.Second
)

// blob reads a blob from its beginning to its end, over broken connections.
// It ends with io.EOF only if its size and digest are those that the manifest
// says.
type blob struct {
	ctx    context.Context
	source Source
	says   release.Layer
	sum    hash.Hash

	body   io.ReadCloser
	cancel context.CancelFunc
	offset int64
	failed int
	// err is what ended it, but its regular end.
	err error
}

func newBlob(ctx context.Context, source Source, says release.Layer) *blob {
	return &blob{ctx: ctx, source: source, says: says, sum: sha256.New()}
}

func (b *blob) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // a reader's end is io.EOF itself
		b.err = err
	}
	return n, err
}

func (b *blob) read(p []byte) (int, error) {
	for len(p) > 0 {
		if b.offset == b.says.Size {
			return 0, b.end()
		}
		n, err := b.next(p[:min(int64(len(p)), b.says.Size-b.offset)])
		b.sum.Write(p[:n])
		b.offset += int64(n)
		if n > 0 {
			b.failed = 0
			return n, nil
		}
		switch {
		case b.ctx.Err() != nil:
			return 0, b.ctx.Err()
		case err == io.EOF && b.matches(): //nolint:errorlint // see above
			return 0, refuse("", "%s is %d bytes long, and the manifest says %d", short(b.says.Digest), b.offset, b.says.Size)
		case err != nil:
			if err := b.again(err); err != nil {
				return 0, err
			}
		}
	}
	return 0, nil
}

// next reads from the connection, which it opens if there is none.
func (b *blob) next(p []byte) (int, error) {
	if b.body == nil {
		return 0, b.open()
	}
	defer time.AfterFunc(patience, b.cancel).Stop()
	n, err := b.body.Read(p)
	if err != nil && err != io.EOF { //nolint:errorlint // see above
		err = broken(err)
	}
	return n, err
}

func (b *blob) open() error {
	ctx, cancel := context.WithCancel(b.ctx)
	defer time.AfterFunc(patience, cancel).Stop()
	body, err := b.source.Blob(ctx, b.says.Digest, b.offset)
	if err != nil {
		cancel()
		return err
	}
	b.body, b.cancel = body, cancel
	return nil
}

// again gives the broken connection up, and waits before the next try. It
// returns an error that is final, or that came once too often.
func (b *blob) again(cause error) error {
	b.close()
	if errors.Is(cause, io.EOF) {
		cause = broken(io.ErrUnexpectedEOF)
	}
	cause = fmt.Errorf("read %s from byte %d on: %w", b.says.Digest, b.offset, cause)
	var passing *PassingError
	if b.failed++; b.failed == tries || !errors.As(cause, &passing) {
		return cause
	}
	timer := time.NewTimer(firstWait << (b.failed - 1))
	defer timer.Stop()
	select {
	case <-b.ctx.Done():
		return b.ctx.Err()
	case <-timer.C:
		return nil
	}
}

// end is the end of a blob whose size is right.
func (b *blob) end() error {
	if !b.matches() {
		return refuse("", "the content of %s has another digest, sha256:%s", short(b.says.Digest), hex.EncodeToString(b.sum.Sum(nil)))
	}
	return io.EOF
}

func (b *blob) matches() bool {
	return "sha256:"+hex.EncodeToString(b.sum.Sum(nil)) == b.says.Digest
}

// all reads a small blob whole.
func (b *blob) all() ([]byte, error) { return io.ReadAll(b) }

// close gives the connection up. Nothing was written to it, so nothing is lost
// when that fails.
func (b *blob) close() {
	if b.body == nil {
		return
	}
	b.cancel()
	_ = b.body.Close()
	b.body = nil
}
