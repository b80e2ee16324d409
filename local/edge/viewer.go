package edge

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
)

// The values of the X-Cache header.
const (
	hit         = "Hit from cloudfront"
	miss        = "Miss from cloudfront"
	refreshHit  = "RefreshHit from cloudfront"
	errorResult = "Error from cloudfront"
	generated   = "FunctionGeneratedResponse from cloudfront"
	functionBad = "FunctionExecutionError from cloudfront"
)

// pop is the edge location that answers name: there is one.
const pop = "LCL50-P1"

// viewerRequest is a viewer's request as functions and the cache see it. A
// function may have changed it; the original stays in the http.Request.
type viewerRequest struct {
	method string
	path   string // escaped, as it came
	query  string // escaped, as it came, without ?
	host   string
	ip     string
	header http.Header // not to be changed in place
	body   io.Reader
	length int64 // of body; -1: not known
	id     string
}

func viewerOf(r *http.Request, id string) *viewerRequest {
	ip, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		ip = r.RemoteAddr
	}
	return &viewerRequest{
		method: r.Method, path: r.URL.EscapedPath(), query: r.URL.RawQuery, host: r.Host, ip: ip,
		header: r.Header, body: r.Body, length: r.ContentLength, id: id,
	}
}

// exchange is one request on its way through the edge.
type exchange struct {
	*Edge
	ctx      context.Context
	w        http.ResponseWriter
	site     *site     // nil: no such distribution
	behavior *behavior // nil until chosen
	viewer   *viewerRequest
	origin   string // the viewer's Origin header
	xCache   string
	status   int
	bytes    int64
	uploaded *counter // nil: no body, or nobody is told
}

// head sends the answer's status and headers.
func (x *exchange) head(status int) {
	h := x.w.Header()
	via := "1.1 edge.cloudfront.net (CloudFront)"
	if x.site != nil {
		via = x.site.via
	}
	h["Via"] = []string{via}
	h["X-Cache"] = []string{x.xCache}
	h["X-Amz-Cf-Pop"] = []string{pop}
	h["X-Amz-Cf-Id"] = []string{x.viewer.id}
	x.status = status
	x.w.WriteHeader(status)
}

// write sends a part of the body, unless the request is a HEAD.
func (x *exchange) write(body []byte) {
	if x.viewer.method == http.MethodHead || len(body) == 0 {
		return
	}
	n, err := x.w.Write(body)
	x.bytes += int64(n)
	if err != nil {
		x.options.Logger.Debug("edge answer was not sent", "path", x.viewer.path, "error", err)
	}
}

func (x *exchange) observe(r *http.Request) {
	seen := Request{
		Method: r.Method, Status: x.status, Bytes: x.bytes, UserAgent: r.UserAgent(),
		Hit: x.xCache == hit || x.xCache == refreshHit,
	}
	if x.uploaded != nil {
		seen.Uploaded = x.uploaded.bytes.Load()
	}
	if x.site != nil {
		seen.DistributionID = x.site.ID
	}
	x.options.Observe(seen)
}

// counter counts the bytes that are read, by whichever goroutine reads them.
type counter struct {
	io.Reader
	bytes atomic.Int64
}

// Read reads on.
func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}
