package edge

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/mayfly-dev/mayfly/local/cloudfront"
)

// fetch asks the behavior's origin, and the second one of a group when the
// first fails. The caller closes the answer's body.
func (e *Edge) fetch(ctx context.Context, s *site, b *behavior, v *viewerRequest, extra http.Header) (*http.Response, error) {
	var last error
	for i := range b.sources {
		r, err := originRequest(ctx, s, b, &b.sources[i], v, extra)
		if err != nil {
			return nil, err
		}
		answer, err := e.options.Origin.Fetch(b.sources[i].as, r)
		more := i+1 < len(b.sources) && (v.method == http.MethodGet || v.method == http.MethodHead)
		switch {
		case err != nil && more:
			last = err
			continue
		case err != nil:
			return nil, fmt.Errorf("fetch %s: %w", r.URL, err)
		case more && slices.Contains(b.failover, answer.StatusCode):
			if err := answer.Body.Close(); err != nil {
				e.options.Logger.Debug("edge could not close an answer", "url", r.URL, "error", err)
			}
			continue
		}
		return answer, nil
	}
	return nil, fmt.Errorf("no origin answered: %w", last)
}

// hopByHop are headers that never pass the edge.
var hopByHop = []string{
	"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Proxy-Connection", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade",
}

func originRequest(ctx context.Context, s *site, b *behavior, from *source, v *viewerRequest, extra http.Header) (*http.Request, error) {
	target, err := url.Parse(from.base + v.path)
	if err != nil {
		return nil, fmt.Errorf("origin address of %s: %w", v.path, err)
	}
	target.RawQuery = pickQuery(v.query, func(name string) bool {
		return b.key.queries.takes(name) || b.forward.queries.takes(name)
	})
	r, err := http.NewRequestWithContext(ctx, v.method, target.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("origin request of %s: %w", v.path, err)
	}
	if v.body != nil && v.length != 0 && v.method != http.MethodGet && v.method != http.MethodHead {
		r.Body, r.ContentLength = io.NopCloser(v.body), v.length
	}
	for name, values := range v.header {
		listed := slices.Contains(b.key.headers, name) || slices.Contains(b.key.headers, "*") || b.forward.headers.takes(name)
		body := r.Body != nil && name == "Content-Type"
		if (listed || body) && name != "Cookie" && !slices.Contains(hopByHop, name) {
			r.Header[name] = values
		}
	}
	if cookies := pickCookies(v.header, func(name string) bool {
		return b.key.cookies.takes(name) || b.forward.cookies.takes(name)
	}); cookies != "" {
		r.Header.Set("Cookie", cookies)
	}
	if b.forward.headers.takes("Host") || slices.Contains(b.key.headers, "Host") {
		r.Host = v.host
	}
	if r.Header.Get("User-Agent") == "" {
		r.Header.Set("User-Agent", "Amazon CloudFront")
	}
	r.Header.Set("Via", s.via)
	r.Header.Set("X-Amz-Cf-Id", v.id)
	r.Header.Set("X-Forwarded-For", v.ip)
	for _, h := range from.header {
		r.Header.Set(h.HeaderName, h.HeaderValue)
	}
	for name, values := range extra {
		r.Header[name] = values
	}
	return r, nil
}

// customBase is the scheme and address of an HTTP server as an origin. Viewers
// use HTTP here, so match-viewer is HTTP.
func customBase(o *cloudfront.Origin) string {
	c := o.CustomOriginConfig
	if c.OriginProtocolPolicy == "https-only" {
		return "https://" + withPort(o.DomainName, c.HTTPSPort, 443)
	}
	return "http://" + withPort(o.DomainName, c.HTTPPort, 80)
}

func withPort(host string, port, standard int) string {
	if port == standard {
		return host
	}
	return host + ":" + strconv.Itoa(port)
}

// passedOn returns what of an origin's headers viewers see.
func passedOn(h http.Header) http.Header {
	out := make(http.Header, len(h))
	for name, values := range h {
		if slices.Contains(hopByHop, name) || name == "Content-Length" || name == "X-Amz-Id-2" || name == "X-Amz-Request-Id" {
			continue
		}
		out[name] = values
	}
	return out
}
