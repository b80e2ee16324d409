// Package awsjson carries AWS's JSON protocols, 1.0 and 1.1: the operation's name
// in a header, and one JSON document each way.
package awsjson

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
)

// MaxRequest is the most bytes of a request: above what any service takes, with
// room for escaped text.
const MaxRequest = 4 << 20

// Request is one call of an operation.
type Request struct {
	// Operation is the name in the header, without the service's prefix.
	Operation string
	// Addressed says that the request is one of the service's: a POST with the
	// service's prefix in the header.
	Addressed bool
	Body      []byte
}

// Read returns the request to the service whose names have a prefix. It fails
// for a body that has more than MaxRequest bytes or breaks off.
func Read(w http.ResponseWriter, r *http.Request, prefix string) (Request, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxRequest))
	if err != nil {
		return Request{}, err //nolint:wrapcheck // the services answer in words of their own
	}
	name, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), prefix)
	return Request{name, ok && r.Method == http.MethodPost, body}, nil
}

// Answerer writes a service's answers.
type Answerer struct {
	// Version is the protocol's: "1.0" or "1.1".
	Version string
	// Fault is what the service calls an error of its own.
	Fault string
	// NewID makes the id of each answer.
	NewID func() string
}

// Answer writes an answer of any status.
func (a Answerer) Answer(w http.ResponseWriter, status int, out any) {
	body, err := json.Marshal(out)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"__type":"`+a.Fault+`","message":"the answer cannot be written"}`)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-"+a.Version)
	w.Header().Set("X-Amzn-Requestid", a.NewID())
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client has gone
}

// Fail writes an error of the service's own.
func (a Answerer) Fail(w http.ResponseWriter, err error) {
	a.Answer(w, http.StatusInternalServerError, map[string]string{"__type": a.Fault, "message": err.Error()})
}
