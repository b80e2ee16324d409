package asl

import (
	"context"
	"io"
	"time"
)

// ItemStore is S3 as distributed maps use it.
type ItemStore interface {
	// Open finds an object. What is read of it is of one version, or fails.
	Open(ctx context.Context, at ObjectRef) (Object, error)
	// List calls each with every object whose key begins with at.Key, in the order
	// of their keys. An error of it ends the listing, and is returned as it is.
	List(ctx context.Context, at ObjectRef, each func(ListedObject) error) error
	// Put writes an object.
	Put(ctx context.Context, at ObjectRef, content io.ReadSeeker) error
}

// ObjectRef names an object.
type ObjectRef struct {
	Bucket, Key string
	// VersionID is "" for the current version.
	VersionID string
	// Owner is the account that must own the bucket; "" is any.
	Owner string
}

// Object is an object's content. It can be read for as long as the context lasts
// with which it was opened.
type Object interface {
	io.ReaderAt
	// Size is in bytes.
	Size() int64
}

// ListedObject is an object of a listing.
type ListedObject struct {
	Key          string
	ETag         string
	LastModified time.Time
	Size         int64
	StorageClass string
}

// RowReader reads Parquet files.
type RowReader interface {
	// ReadRows calls each with every row, as a JSON object that it may keep. An
	// error of it ends the reading, and is returned as it is.
	ReadRows(r io.ReaderAt, size int64, each func(row []byte) error) error
}
