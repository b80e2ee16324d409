// Package steptest holds what the tests of the steps stand on: a store in
// memory ([Store]), and small stateful stand-ins for S3 ([S3]) and CloudFront
// ([CloudFront]) that answer with AWS's real error codes. Each stand-in can be
// told to refuse a call or to lose its reply ([Faults]). It is imported by
// tests alone; the cloud on one machine is package local, not this.
package steptest
