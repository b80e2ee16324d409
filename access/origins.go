package access

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// What pages of another origin may ask the API for, and what of an answer they
// may see: as much as the console does. API Gateway and the gateway on one
// machine both say it from here.

// Methods are the methods that the API has.
func Methods() []string {
	return []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
}

// PageHeaders are the request headers that a page may send.
func PageHeaders() []string {
	return []string{"authorization", "content-type", "idempotency-key", "last-event-id"}
}

// PageSees are the answer's headers that a page may read. Without Date it could
// not tell how far its clock is off.
func PageSees() []string { return []string{"date", "etag", "location", "retry-after"} }

// PreflightAge is how long a browser may remember that it may ask.
const PreflightAge = time.Hour

// CheckOrigin returns what is wrong with the origin of a page that is to ask the
// API: scheme, host and port as a browser sends them. It is https, or http on
// this machine; there is no pattern, for what anybody's page may ask, anybody's
// page may do.
func CheckOrigin(origin string) error {
	at, err := url.Parse(origin)
	if err != nil || at.Host == "" || at.Scheme+"://"+at.Host != origin || strings.ToLower(origin) != origin || strings.ContainsAny(origin, "*, ") {
		return fmt.Errorf("origin %q: must be like https://d111111abcdef8.cloudfront.net, in lower case, with neither a path nor a slash at its end", origin)
	}
	if at.Scheme != "https" && (at.Scheme != "http" || !Loopback(at.Hostname())) {
		return fmt.Errorf("origin %q: must be https, or http on this machine: others could change the page on its way", origin)
	}
	return nil
}

// ReadOrigins reads origins that have spaces between them.
func ReadOrigins(text string) ([]string, error) {
	origins := strings.Fields(text)
	for _, origin := range origins {
		if err := CheckOrigin(origin); err != nil {
			return nil, err
		}
	}
	return origins, nil
}

// Loopback reports whether a host is this machine.
func Loopback(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host).IsLoopback()
}
