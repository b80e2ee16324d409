package kubernetes

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// The bounds of one request to a cluster.
const (
	// mostBytes is more than the largest object that etcd keeps (1.5 MiB).
	mostBytes = 4 << 20
	// mostHeaderBytes bounds the headers of an answer.
	mostHeaderBytes = 64 << 10
	// mostTime is for the whole request, from the connection to the last byte.
	mostTime = 15 * time.Second
)

// errTooLong is what reading an answer of more than mostBytes ends with.
var errTooLong = fmt.Errorf("the answer has more than %d bytes", mostBytes)

// newClient returns a client for one cluster. It trusts the cluster's own
// certificate authority and nobody else's, and sends the token with each
// request: to the cluster's endpoint alone, since it follows no redirect.
func newClient(authority *x509.CertPool, token string) *http.Client {
	return &http.Client{
		Timeout: mostTime,
		Transport: &guarded{token: token, to: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			TLSClientConfig:        &tls.Config{RootCAs: authority, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    5 * time.Second,
			MaxResponseHeaderBytes: mostHeaderBytes,
			DisableCompression:     true,
			ForceAttemptHTTP2:      true,
		}},
		CheckRedirect: func(r *http.Request, _ []*http.Request) error { return &redirectError{to: r.URL.Host} },
	}
}

// redirectError says that a cluster answered with another address.
type redirectError struct{ to string }

func (e *redirectError) Error() string { return "it redirects to " + e.to + ", which is not followed" }

// guarded sends requests under a token and bounds their answers.
type guarded struct {
	token string
	to    *http.Transport
}

// RoundTrip sends a request.
func (g *guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+g.token)
	response, err := g.to.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	response.Body = &bounded{ReadCloser: response.Body, left: mostBytes}
	return response, nil
}

// CloseIdleConnections is what http.Client asks of its transport.
func (g *guarded) CloseIdleConnections() { g.to.CloseIdleConnections() }

// bounded is a body that ends in an error after so many bytes.
type bounded struct {
	io.ReadCloser
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, errTooLong
	}
	// One byte more than allowed tells a body that ends there from one that
	// goes on.
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left+1)])
	if b.left -= n; b.left < 0 {
		return n, errTooLong
	}
	return n, err
}
