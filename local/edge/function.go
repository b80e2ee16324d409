package edge

import (
	"fmt"
	"maps"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/mayfly-dev/mayfly/local/cloudfront"
	"github.com/mayfly-dev/mayfly/local/cloudfront/jsfunction"
)

// programs are the compiled functions, by publication.
type programs struct {
	mu  sync.Mutex // held to change all
	all atomic.Pointer[map[*cloudfront.Function]compiled]
}

type compiled struct {
	program *jsfunction.Program
	err     error // what is wrong with the code
}

// program returns the compiled form of a published function.
func (e *Edge) program(arn string) (*jsfunction.Program, error) {
	f, ok := e.options.Distributions.LiveFunction(arn)
	if !ok {
		return nil, fmt.Errorf("function %s is not published", arn)
	}
	if all := e.functions.all.Load(); all != nil {
		if c, ok := (*all)[f]; ok {
			return c.program, c.err
		}
	}
	return e.compileFunction(f)
}

func (e *Edge) compileFunction(f *cloudfront.Function) (*jsfunction.Program, error) {
	e.functions.mu.Lock()
	defer e.functions.mu.Unlock()
	grown := map[*cloudfront.Function]compiled{}
	if all := e.functions.all.Load(); all != nil {
		if c, ok := (*all)[f]; ok {
			return c.program, c.err
		}
		for known, c := range *all { // what was published anew, or deleted, goes
			if live, ok := e.options.Distributions.LiveFunction(known.ARN); ok && live == known {
				grown[known] = c
			}
		}
	}
	var c compiled
	c.program, c.err = jsfunction.Compile(f.Name, f.Code, e.options.FunctionTime, e.options.Clock)
	grown[f] = c
	e.functions.all.Store(&grown)
	return c.program, c.err
}

func (x *exchange) event() *jsfunction.Event {
	v := x.viewer
	return &jsfunction.Event{
		DistributionID: x.site.ID, DistributionDomain: x.site.DomainName, RequestID: v.id, IP: v.ip,
		Method: v.method, URI: v.path, Query: v.query, Host: v.host, Header: v.header,
	}
}

// runViewerRequest runs the behavior's function for viewer-request. It says
// whether the request is answered by that.
func (x *exchange) runViewerRequest() (answered bool) {
	program, err := x.program(x.behavior.viewerRequest)
	var result *jsfunction.Result
	if err == nil {
		result, err = program.Request(x.event())
	}
	if err != nil {
		x.functionFailed(err)
		return true
	}
	if result.Response != nil {
		h := x.w.Header()
		maps.Copy(h, result.Response.Header)
		h.Set("Server", "CloudFront")
		h.Set("Date", x.options.Clock().UTC().Format(http.TimeFormat))
		h.Set("Content-Length", fmt.Sprint(len(result.Response.Body)))
		x.xCache = generated
		x.head(result.Response.Status)
		x.write(result.Response.Body)
		return true
	}
	x.viewer.path, x.viewer.query, x.viewer.header = result.URI, result.Query, result.Header
	return false
}

// runViewerResponse runs the behavior's function for viewer-response over the
// answer's headers. It says whether the request is answered by that, which is
// so when the function fails.
func (x *exchange) runViewerResponse(status int, body []byte) (int, []byte, bool) {
	h := x.w.Header()
	program, err := x.program(x.behavior.viewerResponse)
	var changed *jsfunction.Response
	if err == nil {
		changed, err = program.Response(x.event(), &jsfunction.Response{Status: status, Header: h})
	}
	if err != nil {
		clear(h)
		x.functionFailed(err)
		return 0, nil, true
	}
	length := h["Content-Length"]
	clear(h)
	maps.Copy(h, changed.Header)
	if length != nil {
		h["Content-Length"] = length
	}
	if changed.HasBody {
		body = changed.Body
		h.Del("Content-Encoding")
	}
	return changed.Status, body, false
}

func (x *exchange) functionFailed(err error) {
	x.options.Logger.Warn("a CloudFront Function failed", "distribution", x.site.ID, "path", x.viewer.path, "error", err)
	x.refuse(http.StatusServiceUnavailable, functionBad, "The CloudFront function associated with the CloudFront distribution is invalid or could not run.")
}
