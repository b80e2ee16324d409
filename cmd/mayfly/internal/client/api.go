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

// Done is Read for a request whose good answer is empty.
func Done(r response, err error) error {
	if err == nil && r.StatusCode() >= http.StatusMultipleChoices {
		return problem(r.StatusCode(), r.Status(), r.GetBody())
	}
	return err
}

func problem(code int, status string, body []byte) error {
	p := &ProblemError{Raw: body}
	if err := json.Unmarshal(body, &p.Problem); err != nil || p.Problem.Status == 0 {
		p.Raw = nil
		p.Problem = events.Problem{Status: code, Title: status, Detail: "what answers there is not Mayfly's API"}
		var gateway struct {
			Message string `json:"message"`
		}
		// API Gateway's own answers, to whom it does not let through.
		if json.Unmarshal(body, &gateway) == nil && gateway.Message != "" && (code == http.StatusForbidden || code == http.StatusUnauthorized) {
			p.Problem.Type, p.Problem.Detail = "urn:mayfly:problem:unauthenticated", "API Gateway says: "+gateway.Message
		}
	}
	return p
}

// Doer sends requests, and turns failures to send into *UnreachableError.
type Doer struct {
	Client *http.Client
	// Principal is who asks; see api.PrincipalHeader.
	Principal string
	// Token, when there is one, is sent as a bearer token. Otherwise Signer,
	// which may be nil, signs where the API wants it.
	Token  string
	Signer *Signer
}

// Do sends one request: with the token, or signed. One that is answered with a
// wish for a signature is sent once more with it.
func (d Doer) Do(request *http.Request) (*http.Response, error) {
	if d.Principal != "" {
		request.Header.Set("Mayfly-Principal", d.Principal)
	}
	if d.Token != "" {
		request.Header.Set("Authorization", "Bearer "+d.Token)
		return d.send(request)
	}
	if d.Signer.wanted(request) {
		if err := d.Signer.sign(request); err != nil {
			return nil, err
		}
		return d.send(request)
	}
	answer, err := d.send(request)
	if err != nil || !d.Signer.asked(answer) {
		return answer, err
	}
	again := request.Clone(request.Context())
	if request.GetBody != nil {
		if again.Body, err = request.GetBody(); err != nil {
			return answer, nil //nolint:nilerr // the answer says what is wanted
		}
	}
	if err := d.Signer.sign(again); err != nil {
		return answer, nil //nolint:nilerr // without credentials the answer says what is wanted
	}
	_ = answer.Body.Close() // it was not read
	return d.send(again)
}

func (d Doer) send(request *http.Request) (*http.Response, error) {
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
