// Package ecr is Amazon ECR on one machine: the control plane of private and
// public repositories in AWS's JSON 1.1 protocol, and the registry that
// container clients push to and pull from.
//
// A [Service] has three handlers: [Service.API] and [Service.PublicAPI] for
// signed calls, [Service.Registry] for /v2/. They share one state. What is
// known of repositories, images and tags is in one SQLite file; blobs are in
// files by their digest (package blobs). A push ends in one transaction that
// writes the manifest, its tag and the event that tells of it: a process that
// is killed at any moment has either the whole image, announced at the next
// start if it was not yet, or nothing.
//
// Errors have AWS's codes, in the control plane's shape or the registry's.
package ecr
