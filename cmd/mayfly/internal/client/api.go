package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/mayfly-dev/mayfly/events"
)

// Answer is a decoded answer with the body that it came as.
type Answer[T any] struct {
	Value T
	Raw   json.RawMessage
}

// UnreachableError says that nothing answers at the API's address.
type UnreachableError struct {
	URL string
	Err error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("can't reach the API at %s: %v", e.URL, e.Err)
}
func (e *UnreachableError) Unwrap() error { return e.Err }

// ProblemError is an answer that says no.
type ProblemError struct {
	Problem events.Problem
	Raw     json.RawMessage
}

func (e *ProblemError) Error() string {
	if e.Problem.Detail == "" {
		return e.Problem.Title
	}
	return e.Problem.Title + ": " + e.Problem.Detail
}

// IsGone reports whether err is the API's answer that something is not there.
func IsGone(err error) bool {
	var problem *ProblemError
	return errors.As(err, &problem) && problem.Problem.Status == http.StatusNotFound
}

// response is what the generated client makes of an answer.
type response interface {
	StatusCode() int
	Status() string
	GetBody() []byte
}

// Read reads the answer to a request of the generated client: a T, a
// *ProblemError or an *UnreachableError.
func Read[T any](r response, err error) (Answer[T], error) {
	var answer Answer[T]
	if err != nil {
		return answer, err
	}
	answer.Raw = r.GetBody()
	if r.StatusCode() >= http.StatusMultipleChoices {
		return answer, problem(r.StatusCode(), r.Status(), answer.Raw)
	}
	if err := json.Unmarshal(answer.Raw, &answer.Value); err != nil {
		return answer, fmt.Errorf("the API's answer can't be read: %w", err)
	}
	return answer, nil
}

func problem(code int, status string, body []byte) error {
	p := &ProblemError{Raw: body}
	if err := json.Unmarshal(body, &p.Problem); err != nil || p.Problem.Status == 0 {
		p.Raw = nil
		p.Problem = events.Problem{Status: code, Title: status, Detail: "what answers there is not Mayfly's API"}
	}
	return p
}

// Doer sends requests, and turns failures to send into *UnreachableError.
type Doer struct {
	Client *http.Client
	// Principal is who asks; see api.PrincipalHeader.
	Principal string
}

// Do sends one request.
func (d Doer) Do(request *http.Request) (*http.Response, error) {
	if d.Principal != "" {
		request.Header.Set("Mayfly-Principal", d.Principal)
	}
	response, err := d.Client.Do(request)
	if err != nil {
		if cause := context.Cause(request.Context()); cause != nil {
			return nil, cause
		}
		return nil, &UnreachableError{URL: request.URL.Scheme + "://" + request.URL.Host, Err: innermost(err)}
	}
	return response, nil
}

// innermost returns the error at the bottom of err's chain: the part that says
// something to a person.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
