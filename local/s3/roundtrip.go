package s3

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
)

// inProcess is the address of a client in this process.
const inProcess = "in-process"

// A bodyTaker is a response writer that takes over the body of an object
// instead of having it copied.
type bodyTaker interface {
	takeBody(status int, body io.ReadCloser)
}

// RoundTripper sends requests to the service in this process, as a principal:
// the edge reads buckets through it. The body of an object is the file itself,
// to be closed by the caller.
func (s *Service) RoundTripper(who Principal) http.RoundTripper {
	return roundTripper{s, who}
}

type roundTripper struct {
	service *Service
	who     Principal
}

// RoundTrip implements http.RoundTripper.
func (t roundTripper) RoundTrip(r *http.Request) (*http.Response, error) {
	inner := r.WithContext(WithPrincipal(r.Context(), t.who))
	inner.RemoteAddr = inProcess
	if inner.Host == "" {
		inner.Host = r.URL.Host
	}
	if inner.Body == nil {
		inner.Body = http.NoBody
	}
	if inner.Header == nil {
		inner.Header = http.Header{}
	}
	recorder := &recorder{header: http.Header{}}
	t.service.ServeHTTP(recorder, inner)
	if err := inner.Body.Close(); err != nil { // a transport closes the body that it was given
		return nil, err
	}
	return recorder.response(r), nil
}

// A recorder keeps an answer. All answers but objects are small.
type recorder struct {
	header http.Header
	status int
	buffer bytes.Buffer
	body   io.ReadCloser
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.buffer.Write(p)
}

func (r *recorder) takeBody(status int, body io.ReadCloser) {
	r.WriteHeader(status)
	r.body = body
}

func (r *recorder) response(request *http.Request) *http.Response {
	r.WriteHeader(http.StatusOK)
	body := r.body
	if body == nil {
		body = io.NopCloser(&r.buffer)
	}
	length, err := strconv.ParseInt(r.header.Get("Content-Length"), 10, 64)
	if err != nil {
		length = int64(r.buffer.Len())
	}
	return &http.Response{
		Status: strconv.Itoa(r.status) + " " + http.StatusText(r.status), StatusCode: r.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: r.header, Body: body, ContentLength: length, Request: request,
	}
}
