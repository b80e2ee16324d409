package image

import (
	"context"
	"io"
)

// Source is a repository of images. Its errors are a *NotFoundError for what
// the repository does not have, and a *PassingError for what is worth another
// try; any other is final.
type Source interface {
	// Manifest returns the manifest, or the index, with a digest, as its bytes
	// and their media type.
	Manifest(ctx context.Context, digest string) (mediaType string, body []byte, err error)
	// Blob opens a blob at an offset in bytes.
	Blob(ctx context.Context, digest string, offset int64) (io.ReadCloser, error)
}

// Cache keeps a document for each layer that was read, by the layer's digest.
// What it loses is made again.
type Cache interface {
	// Open returns the document of a layer, or nil if there is none.
	Open(ctx context.Context, layer string) (io.ReadCloser, error)
	// Keep keeps the document of a layer. Keeping one twice, even at the same
	// time, is keeping it once: the digest says what is in it.
	Keep(ctx context.Context, layer string, document []byte) error
}

// NotFoundError says that a repository does not have something that an image
// is made of.
type NotFoundError struct{ What string }

func (e *NotFoundError) Error() string {
	return e.What + " is not in the repository; push the image again, and see that no lifecycle rule expires it"
}

// ErrorName is the name of the error in the state machines.
func (e *NotFoundError) ErrorName() string { return "ImageNotFound" }

// PassingError is an error of a source that may not come again.
type PassingError struct {
	// Name is that of the error in the state machines.
	Name string
	Err  error
}

func (e *PassingError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *PassingError) Unwrap() error { return e.Err }

// ErrorName is the name of the error in the state machines.
func (e *PassingError) ErrorName() string { return e.Name }

// broken is a connection that broke.
func broken(err error) error { return &PassingError{Name: "NetworkError", Err: err} }
