// Package releasetest is for tests: an S3 and a store in memory that answer
// as the real ones do, error codes included, and archives to feed them with.
package releasetest
