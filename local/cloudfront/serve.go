package cloudfront

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const version = "/2020-05-31/"

// call is one request on its way through an operation.
type call struct {
	*http.Request
	query url.Values
	id    string // the variable part of the path
	sub   string // the second variable part
	body  []byte
}

// answer is what an operation returns when it does not refuse.
type answer struct {
	status   int
	root     string // the element's name; empty: no body
	body     any
	etag     string
	misspelt bool   // the API's model reads the ETag from a header ETtag
	location string // path of a new thing, after the version
	raw      []byte // instead of body: sent as is
	rawType  string
}

// ServeHTTP answers one API request.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := s.newRequestID()
	w.Header().Set("X-Amzn-Requestid", requestID)
	result, err := s.dispatch(r)
	if err != nil {
		s.writeError(w, err, requestID)
		return
	}
	s.writeAnswer(w, r, result)
}

func (s *Service) dispatch(r *http.Request) (*answer, *Error) {
	if !s.limiter.allow() {
		return nil, refuse("Throttling", "Rate exceeded")
	}
	op, c := match(r)
	if op == nil {
		return nil, refuse("UnsupportedOperation", "The local CloudFront has no operation %s %s. Mayfly offers those that sites need; see its documentation.", r.Method, r.URL.Path)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, refuse("MalformedXML", "The body could not be read: %v", err)
	}
	if len(body) > maxBody {
		return nil, refuse("RequestEntityTooLarge", "The body is larger than %d bytes.", maxBody)
	}
	c.body = body
	return op.do(s, c)
}

// Operation names the API operation that a request is for, such as
// "CreateDistribution"; it is empty when there is none.
func Operation(r *http.Request) string {
	if op, _ := match(r); op != nil {
		return op.name
	}
	return ""
}

func (s *Service) writeAnswer(w http.ResponseWriter, r *http.Request, a *answer) {
	h := w.Header()
	if a.etag != "" {
		h.Set("Etag", a.etag)
		if a.misspelt {
			h.Set("Ettag", a.etag)
		}
	}
	if a.location != "" {
		h.Set("Location", "https://cloudfront.amazonaws.com"+version+a.location)
	}
	body, contentType := a.raw, a.rawType
	if a.root != "" {
		var buffer bytes.Buffer
		buffer.WriteString(xml.Header)
		start := xml.StartElement{Name: xml.Name{Local: a.root}, Attr: []xml.Attr{{Name: xml.Name{Local: "xmlns"}, Value: namespace}}}
		if err := xml.NewEncoder(&buffer).EncodeElement(a.body, start); err != nil {
			s.options.Logger.Error("cloudfront answer was not encoded", "path", r.URL.Path, "error", err)
			s.writeError(w, refuse("InternalError", "The answer could not be encoded: %v", err), h.Get("X-Amzn-Requestid"))
			return
		}
		body, contentType = buffer.Bytes(), "text/xml"
	}
	if contentType != "" {
		h.Set("Content-Type", contentType)
	}
	if a.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(a.status)
	if _, err := w.Write(body); err != nil && !errors.Is(err, http.ErrBodyNotAllowed) {
		s.options.Logger.Debug("cloudfront answer was not sent", "path", r.URL.Path, "error", err)
	}
}

func (s *Service) writeError(w http.ResponseWriter, e *Error, requestID string) {
	type detail struct{ Type, Code, Message string }
	kind := "Sender"
	if e.Status >= 500 {
		kind = "Receiver"
	}
	body, err := xml.Marshal(struct {
		XMLName   xml.Name `xml:"http://cloudfront.amazonaws.com/doc/2020-05-31/ ErrorResponse"`
		Error     detail
		RequestId string //nolint:revive // the API's name
	}{Error: detail{kind, e.Code, e.Message}, RequestId: requestID})
	if err != nil {
		s.options.Logger.Error("cloudfront error was not encoded", "code", e.Code, "error", err)
	}
	body = append([]byte(xml.Header), body...)
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(e.Status)
	if _, err := w.Write(body); err != nil {
		s.options.Logger.Debug("cloudfront error was not sent", "code", e.Code, "error", err)
	}
}

// match finds the operation of a request and the variable parts of its path.
func match(r *http.Request) (*operation, *call) {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), version)
	if !ok {
		return nil, nil
	}
	segments := strings.Split(rest, "/")
	for i, segment := range segments { // an ARN in the path has slashes of its own
		if text, err := url.PathUnescape(segment); err == nil {
			segments[i] = text
		}
	}
	query := r.URL.Query()
	for i := range operations {
		op := &operations[i]
		if op.method != r.Method || op.query != "" && !query.Has(op.query) || op.value != "" && query.Get(op.query) != op.value {
			continue
		}
		if id, sub, ok := op.fits(segments); ok {
			return op, &call{Request: r, query: query, id: id, sub: sub}
		}
	}
	return nil, nil
}
