package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/mayfly-dev/mayfly/events"
)

// Observe does something as one run of the function and tells of it; it returns
// the error of what it did. Package invocation has one.
type Observe func(ctx context.Context, about events.Subject, do func(context.Context) error) error

// failure holds why a request failed that was not its caller's doing.
type failure struct{ err error }

type failureKey struct{}

// observed makes each request one run, which fails when the answer is an error
// of the API's own.
func (a *API) observed(next http.Handler) http.Handler {
	if a.Observe == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		failed := new(failure)
		ctx := context.WithValue(r.Context(), failureKey{}, failed)
		// The caller has its answer already, and the run is told of.
		_ = a.Observe(ctx, subjectOf(r), func(ctx context.Context) error {
			next.ServeHTTP(w, r.WithContext(ctx))
			return failed.err
		})
	})
}

// failed notes why a request fails.
func failed(ctx context.Context, err error) {
	if f, ok := ctx.Value(failureKey{}).(*failure); ok {
		f.err = err
	}
}

// subjectOf returns what a request is about: the sandbox whose name is in its
// path.
func subjectOf(r *http.Request) events.Subject {
	rest, ok := strings.CutPrefix(r.URL.Path, "/v1/sandboxes/")
	if !ok {
		return events.Subject{}
	}
	name, _, _ := strings.Cut(rest, "/")
	return events.Subject{Sandbox: name}
}
