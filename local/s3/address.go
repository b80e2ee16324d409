package s3

import (
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
)

// address is the bucket and the key that a request names, either of which may
// be empty: by host (BUCKET.s3.us-east-1.amazonaws.com, BUCKET.s3.localhost,
// BUCKET.localhost) or else by path.
func address(r *http.Request) (bucket, key string) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	if bucket := hostBucket(r.Host); bucket != "" {
		return bucket, path
	}
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key
}

// hostBucket is the bucket in a Host header, or "" when the host is S3's own.
// The header is looked at as it is: nothing is resolved.
func hostBucket(host string) string {
	host = hostname(host)
	for _, suffix := range []string{".s3.localhost", ".s3." + Region + ".localhost", ".s3.amazonaws.com", ".s3." + Region + ".amazonaws.com", ".s3-" + Region + ".amazonaws.com", ".s3.dualstack." + Region + ".amazonaws.com"} {
		if bucket, ok := strings.CutSuffix(host, suffix); ok {
			return bucket
		}
	}
	if bucket, ok := strings.CutSuffix(host, ".localhost"); ok && bucket != "s3" && bucket != "s3."+Region {
		return bucket
	}
	return ""
}

// hostname is a Host header without its port, in lower case.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// websiteBucket is the bucket whose website a host is, or "": a host such as
// BUCKET.s3-website.localhost or BUCKET.s3-website-us-east-1.amazonaws.com.
func websiteBucket(host string) string {
	host = hostname(host)
	for _, mark := range []string{".s3-website-" + Region + ".", ".s3-website." + Region + ".", ".s3-website."} {
		if i := strings.LastIndex(host, mark); i > 0 {
			return host[:i]
		}
	}
	return ""
}

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// validBucketName applies the naming rules of general purpose buckets.
func validBucketName(name string) bool {
	if !bucketName.MatchString(name) || strings.Contains(name, "..") {
		return false
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return false
	}
	for _, prefix := range []string{"xn--", "sthree-", "amzn-s3-demo-"} {
		if strings.HasPrefix(name, prefix) {
			return false
		}
	}
	for _, suffix := range []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3", "-an"} {
		if strings.HasSuffix(name, suffix) {
			return false
		}
	}
	return true
}
