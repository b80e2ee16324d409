package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// refusal is an error that says by itself how it is answered.
type refusal struct {
	status int
	// kind is the last part of the problem's type.
	kind   string
	title  string
	detail string
	fields []events.BrokenRule
	owner  string
	header http.Header
}

func (r *refusal) Error() string {
	if r.detail != "" {
		return r.title + ": " + r.detail
	}
	return r.title
}

// invalid is the refusal of a request that breaks rules.
func invalid(fields ...events.BrokenRule) *refusal {
	lines := make([]string, len(fields))
	for i, f := range fields {
		lines[i] = f.Field + " must be " + f.Rule
	}
	return &refusal{
		status: http.StatusBadRequest, kind: "invalid-request", title: "The request breaks a rule",
		detail: strings.Join(lines, "; "), fields: fields,
	}
}

// refuse answers err as application/problem+json. What is not the caller's
// doing is logged, and the caller is not told its inside.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, err error) {
	known := classify(err)
	var denied *access.DeniedError
	if errors.As(err, &denied) {
		a.denied(r, denied)
	}
	if known.status >= http.StatusInternalServerError {
		failed(r.Context(), err)
		a.Logger.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "status", known.status, "error", err)
	}
	for key, values := range known.header {
		w.Header()[key] = values
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(known.status)
	err = json.NewEncoder(w).Encode(events.Problem{
		Type: "urn:mayfly:problem:" + known.kind, Title: known.title, Status: known.status,
		Detail: known.detail, Errors: known.fields, Owner: known.owner,
	})
	if err != nil {
		a.Logger.DebugContext(r.Context(), "the client left", "error", err)
	}
}

// classify turns every error that a handler returns into its answer.
func classify(err error) *refusal {
	var (
		refused  *refusal
		fields   sandbox.FieldErrors
		field    *sandbox.FieldError
		taken    *sandbox.NameTakenError
		deleting *sandbox.DeletingError
		phase    *sandbox.PhaseError
		underway *sandbox.ReleaseUnderwayError
		ended    *sandbox.ReleaseEndedError
		format   *rest.InvalidParamFormatError
		many     *rest.TooManyValuesForParamError
		full     *class.FullError
		closed   *class.ClosedError
	)
	conflict := func(kind, title string, err error) *refusal {
		return &refusal{status: http.StatusConflict, kind: kind, title: title, detail: err.Error()}
	}
	if answer, ok := unauthorized(err); ok {
		return answer
	}
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.As(err, &fields):
		return invalid(brokenRules(fields...)...)
	case errors.As(err, &field):
		return invalid(brokenRules(field)...)
	case errors.As(err, &taken):
		r := conflict("name-in-use", "The name is in use", taken)
		r.owner = taken.Owner
		return r
	case errors.Is(err, night.ErrNotFound):
		return &refusal{status: http.StatusNotFound, kind: "not-found", title: "There is no such night", detail: "no night has that id, or it was too long ago to be remembered; see GET /v1/nights"}
	case errors.Is(err, sandbox.ErrNotFound):
		return &refusal{status: http.StatusNotFound, kind: "not-found", title: "There is no such thing", detail: "no such sandbox, release or class; it may be deleted already"}
	case errors.Is(err, class.ErrNameTaken):
		return conflict("name-in-use", "The name is in use", class.ErrNameTaken)
	case errors.As(err, &full):
		return conflict("class-full", "The class is full", full)
	case errors.As(err, &closed):
		return conflict("class-ended", "The class has ended", closed)
	case errors.As(err, &deleting):
		return conflict("deleting", "The sandbox is being deleted", deleting)
	case errors.As(err, &phase):
		return conflict("wrong-phase", "Not possible in this phase", phase)
	case errors.As(err, &underway):
		return conflict("release-under-way", "Another release is under way", underway)
	case errors.As(err, &ended):
		return conflict("release-ended", "The release has ended", ended)
	case errors.As(err, &format):
		return invalid(events.BrokenRule{Field: format.ParamName, Rule: parameterRule(format.ParamName)})
	case errors.As(err, &many):
		return invalid(events.BrokenRule{Field: many.ParamName, Rule: "given once"})
	case passing(err):
		return &refusal{
			status: http.StatusServiceUnavailable, kind: "unavailable", title: "AWS does not answer well just now",
			detail: fmt.Sprintf("%s; ask again", awserr.Name(err)), header: http.Header{"Retry-After": {"2"}},
		}
	}
	return &refusal{status: http.StatusInternalServerError, kind: "internal", title: "Mayfly failed", detail: "the reason is in Mayfly's log; the same request can be made again"}
}

// passing reports whether err is AWS's and goes away by itself.
func passing(err error) bool {
	return slices.Contains([]string{
		"Throttling", "ThrottlingException", "TooManyRequestsException", "SlowDown", "RequestTimeout", "InternalError",
		"ServiceUnavailable", "ExecutionLimitExceeded", "ProvisionedThroughputExceededException", awserr.NetworkError, awserr.Timeout,
	}, awserr.Name(err))
}

func brokenRules(fields ...*sandbox.FieldError) []events.BrokenRule {
	rules := make([]events.BrokenRule, len(fields))
	for i, f := range fields {
		rules[i] = events.BrokenRule{Field: f.Field, Rule: f.Rule}
	}
	return rules
}

func parameterRule(name string) string {
	switch name {
	case "limit":
		return "a number from 1 to 1000"
	case "month":
		return "a month such as 2026-11"
	case "run":
		return "the run of a comparison that was asked for"
	case "days":
		return "a number from 1 to 90"
	case "since":
		return "a time such as 2030-01-31T18:00:00Z, with its +, if it has one, as %2B"
	case "after":
		return "a number, 0 or more"
	}
	return "well-formed"
}

// unknownRoute answers what no route takes: 405 when another method would be
// taken there, else 404.
func (a *API) unknownRoute(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var allowed []string
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			other := r.Clone(r.Context())
			other.Method = method
			if _, pattern := mux.Handler(other); strings.HasPrefix(pattern, method+" ") {
				allowed = append(allowed, method)
			}
		}
		if len(allowed) == 0 || slices.Contains(allowed, r.Method) {
			a.refuse(w, r, &refusal{status: http.StatusNotFound, kind: "no-route", title: "There is no such route", detail: r.URL.Path + " is not in /openapi.yaml"})
			return
		}
		a.refuse(w, r, &refusal{
			status: http.StatusMethodNotAllowed, kind: "method-not-allowed", title: "The route does not take this method",
			detail: "allowed: " + strings.Join(allowed, ", "), header: http.Header{"Allow": {strings.Join(allowed, ", ")}},
		})
	}
}
