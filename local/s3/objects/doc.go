// Package objects keeps S3 objects and their versions as files, through the
// posix backend of versitygw (github.com/versity/versitygw), and makes it fit
// to be killed at any moment. It knows nothing of HTTP, policies or principals.
//
// What it adds to the backend, each for a reason that a test shows:
//
//   - The backend finds its buckets relative to the working directory of the
//     process. Here they are named by absolute paths, so that several stores
//     live in one process and nobody's relative paths change their meaning.
//   - A key is a path in the backend: "a" and "a/b" could not both exist.
//     Here the last part of a key is marked, so that a file and a folder
//     never have the same name (see keys.go).
//   - The backend replaces a version in several steps. Here each change that
//     replaces something is noted before it starts, and what a killed process
//     left half done is put right by Open (see journal.go).
//   - Versions of one key are deleted together, and the folders that this leaves
//     are removed later, for they take longer than the files (see sweep.go).
//   - Listings are made here, in S3's order, with prefixes that have a live
//     key only, and pages that end where S3's would.
//
// Errors that S3 knows are s3err.S3Error values of versitygw.
package objects
