// Package release is what a release of content is made of: reading an uploaded
// archive as hostile input, the rules for names, types and cache headers, the
// plan (what a release will change) and the manifest (what a site consists of),
// and packing a folder into an archive.
//
// It knows no cloud; package s3store keeps plans, manifests and archives in S3.
package release
