// Package wafv2 is AWS WAF on one machine, as far as sites behind CloudFront
// need it: the web ACLs of scope CLOUDFRONT over AWS's JSON 1.1 protocol, with
// lock tokens and tags, in a file that survives being killed.
//
// A web ACL holds managed rule groups and rate-based rules; other statements
// are refused rather than kept and not enforced. One that a distribution names
// is not deleted: that answers WAFAssociatedItemException, as AWS does. The
// package knows no distributions: see [Options].InUse.
//
// The edge asks [Service.Allows] about each request for a distribution that has
// a web ACL.
package wafv2
