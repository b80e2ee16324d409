package gateway

import (
	"bytes"
	"io"
	"net/http"
)

// Recorded is a request as it came over the wire, and how it was answered.
type Recorded struct {
	Service   string
	Operation string
	Method    string
	URI       string // path and query, as they were sent
	Header    http.Header
	// Body is the request's. It is empty and Cut is set where there is more of
	// it than is recorded: then it is the content of an object.
	Body   []byte
	Cut    bool
	Status int
}

// maxRecorded is the most bytes of a body that are recorded: the most of any
// document that is no content.
const maxRecorded = 1 << 20

// recorded copies a request, whose body can be read as if nothing had been.
func recorded(r *http.Request, service string) (Recorded, error) {
	made := Recorded{Service: service, Method: r.Method, URI: r.RequestURI, Header: r.Header.Clone()}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRecorded+1))
	if err != nil {
		return made, err
	}
	if made.Cut = len(body) > maxRecorded; !made.Cut {
		made.Body = body
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
	return made, nil
}
