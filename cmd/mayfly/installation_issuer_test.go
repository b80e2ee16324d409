package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
)

// newIssuer returns an issuer that says of itself what a page needs to sign in.
func newIssuer() *httptest.Server {
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"issuer":%q,"authorization_endpoint":%[1]q,"token_endpoint":%[1]q}`, server.URL)
	})
	return server
}

// onAWSNow answers as an API on AWS where that shows.
func onAWSNow(api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/health" {
			_, _ = io.WriteString(w, `{"version":"v0","mode":"aws","status":"ok"}`)
			return
		}
		api.ServeHTTP(w, r)
	})
}

// behind puts something before the API from now on.
func (in *installation) behind(front func(http.Handler) http.Handler) {
	api := front(*in.front.Load())
	in.front.Store(&api)
}
