// Package edge is CloudFront's edge on one machine: it serves the sites of the
// distributions under their domain names, out of a bounded memory cache that
// it fills from the origins.
//
// What it does as CloudFront does: behaviors by path pattern, the cache key
// and times to live of the cache policy, default root object, custom error
// responses, CloudFront Functions, compression, ranges, conditional requests,
// response headers policies, invalidations, the X-Cache, Age, Via, X-Amz-Cf-Pop
// and X-Amz-Cf-Id headers, and error pages.
//
// What differs: the viewer protocol policy is met by HTTP, because the edge
// listens on loopback alone; there is one edge location; an invalidation is
// effective before its request is answered; a HEAD request fills the cache
// with the whole object; several ranges in one request get the whole object,
// as from S3.
//
// An [Edge] is an http.Handler. [Edge.Listener] puts a faster way in front of
// an http.Server on the same port: hits are answered from prepared bytes
// without net/http, everything else goes on to that server.
package edge
