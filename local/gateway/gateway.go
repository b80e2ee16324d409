// Package gateway is the one port of the cloud on one machine. It looks at a
// request, finds the service that it is for, and hands it over:
//
//   - a host under cloudfront.localhost is the edge's, one under
//     s3-website.localhost S3's website endpoint's;
//   - a signed request goes to the service in its credential scope;
//   - an unsigned call of a JSON service goes where its X-Amz-Target says;
//   - /v2/ is the registry's;
//   - anything else is S3's.
//
// For tests it injects faults, and it can tell of every call.
package gateway

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// Service is an AWS service behind the port.
type Service struct {
	http.Handler
	// Operation names the API operation that a request asks for, "" when it
	// can't tell. Nil means the last part of X-Amz-Target.
	Operation func(*http.Request) string
}

// Options are the services behind the port; a nil handler is not there.
type Options struct {
	// Services are known by the name of their credential scope: "s3",
	// "cloudfront", "states", "lambda", "events", "scheduler", "sqs", "ecr", "dynamodb", "sts",
	// "monitoring" (CloudWatch).
	Services map[string]Service
	// Edge serves *.cloudfront.localhost, Website *.s3-website.localhost, and
	// Registry /v2/.
	Edge     http.Handler
	Website  http.Handler
	Registry http.Handler
	// Faults, when set, is asked before each call to a service.
	Faults *Faults
	// Observe, when set, is told of each call to a service once it is answered.
	Observe func(Call)
	// Record, when set, is given each request to a service once it is answered.
	Record func(Recorded)
}

// Call is one call to a service.
type Call struct {
	Service   string
	Operation string
	Path      string
	UserAgent string
	Status    int
	Took      time.Duration
}

type gateway struct{ Options }

// New returns the handler of the one port.
func New(options Options) http.Handler { return gateway{options} }

func (g gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := hostname(r.Host)
	switch {
	case g.Edge != nil && strings.HasSuffix(host, ".cloudfront.localhost"):
		g.Edge.ServeHTTP(w, r)
		return
	case g.Website != nil && (strings.HasSuffix(host, ".s3-website.localhost") || strings.Contains(host, ".s3-website-") || strings.Contains(host, ".s3-website.")):
		g.Website.ServeHTTP(w, r)
		return
	}
	name := scope(r)
	if name == "" {
		name = target(r)
	}
	if name == "" && g.Registry != nil && (r.URL.Path == "/v2/" || strings.HasPrefix(r.URL.Path, "/v2/")) {
		g.Registry.ServeHTTP(w, r)
		return
	}
	if name == "" {
		name = "s3"
	}
	g.serve(w, r, name)
}

// serve hands the request to a service, by way of the faults and the observer.
func (g gateway) serve(w http.ResponseWriter, r *http.Request, name string) {
	service, ok := g.Services[name]
	if !ok || service.Handler == nil {
		Refuse(w, r, name, http.StatusNotImplemented, "NotImplemented",
			fmt.Sprintf("the service %q is not part of this local cloud", name))
		return
	}
	if g.Faults == nil && g.Observe == nil && g.Record == nil {
		service.ServeHTTP(w, r)
		return
	}
	start := time.Now()
	status := &statusWriter{ResponseWriter: w}
	var request Recorded
	if g.Record != nil { // before the operation is looked for, which may be in a form
		var err error
		if request, err = recorded(r, name); err != nil {
			return // the client has gone
		}
		defer func() {
			request.Status = status.code()
			g.Record(request)
		}()
	}
	operation := service.Name(r)
	request.Operation = operation
	defer func() {
		if g.Observe != nil {
			g.Observe(Call{Service: name, Operation: operation, Path: r.URL.Path, UserAgent: r.UserAgent(), Status: status.code(), Took: time.Since(start)})
		}
	}()
	if fault, hit := g.Faults.next(name, operation); hit {
		fault.apply(status, r, name, service)
		return
	}
	service.ServeHTTP(status, r)
}

// Name names the operation that a request asks for, "" when that is not known.
func (s Service) Name(r *http.Request) string {
	if s.Operation != nil {
		return s.Operation(r)
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	return operation
}

// hostname returns a Host header without its port, in lower case.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(host)
}
