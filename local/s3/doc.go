// Package s3 is Amazon S3 on one machine: versitygw's object store (package
// objects) behind a front that does what S3 does around it: addressing,
// identities, bucket policies, block public access, the configuration of
// buckets, S3's own errors, and website endpoints.
//
// Who asks: a request with a Signature Version 4, in its header or its query,
// is the account's root whatever its keys; an unsigned one is anonymous; a
// principal in the context (WithPrincipal) goes before both. Signatures are
// not verified, the expiry of a presigned URL is.
//
// What it does not do answers NotImplemented, with the operation's name.
//
// It follows AWS in us-east-1: creating a bucket that one owns already is 200.
// Differences from AWS that are known: deleting a key that never existed makes
// no delete marker; a part of a key between two slashes is at most 254 bytes
// long; object ACLs other than private do not exist; requests are not
// throttled. Data is written to files without fsync: it survives the end of
// the process at any moment, not the end of the machine.
package s3
