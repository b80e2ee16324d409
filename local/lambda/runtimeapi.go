package lambda

import (
	"io"
	"net/http"
	"strconv"
	"time"
)

// routes are the Lambda Runtime API, version 2018-06-01, once for each
// process under its id.
func (p *Pool) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{instance}/2018-06-01/runtime/invocation/next", p.serveNext)
	mux.HandleFunc("POST /{instance}/2018-06-01/runtime/invocation/{id}/response", p.serveAnswer)
	mux.HandleFunc("POST /{instance}/2018-06-01/runtime/invocation/{id}/error", p.serveAnswer)
	mux.HandleFunc("POST /{instance}/2018-06-01/runtime/init/error", p.serveInitError)
	return mux
}

// serveNext holds the process until there is work for it.
func (p *Pool) serveNext(w http.ResponseWriter, r *http.Request) {
	i := p.find(r.PathValue("instance"))
	if i == nil {
		http.NotFound(w, r)
		return
	}
	select {
	case call := <-i.work:
		i.take(call)
		deadline, ok := call.ctx.Deadline()
		if !ok {
			deadline = time.Now().Add(maxTimeout)
		}
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", call.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", call.arn)
		if call.client != nil {
			h.Set("Lambda-Runtime-Client-Context", string(call.client))
		}
		if _, err := w.Write(call.payload); err != nil {
			call.done <- answer{err: &FunctionError{Type: "Runtime.ExitError", Message: "the process left before it had its payload: " + err.Error()}}
		}
	case <-r.Context().Done():
	}
}

// serveAnswer takes a result, or the error that a path ending in /error says.
func (p *Pool) serveAnswer(w http.ResponseWriter, r *http.Request) {
	i := p.find(r.PathValue("instance"))
	if i == nil {
		http.NotFound(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	call := i.answered(r.PathValue("id"))
	if call == nil {
		http.Error(w, `{"errorType":"InvalidRequestID"}`, http.StatusBadRequest)
		return
	}
	switch {
	case err != nil:
		call.done <- answer{err: &FunctionError{Type: "Function.ResponseSizeTooLarge", Message: err.Error()}}
	case r.URL.Path[len(r.URL.Path)-len("/error"):] == "/error":
		call.done <- answer{err: decodeError(body)}
	default:
		call.done <- answer{result: body}
	}
	w.WriteHeader(http.StatusAccepted)
}

// serveInitError is told when a bootstrap could not start; its process ends
// next, and that is what fails the invocation.
func (p *Pool) serveInitError(w http.ResponseWriter, r *http.Request) {
	if i := p.find(r.PathValue("instance")); i != nil {
		i.kill()
	}
	w.WriteHeader(http.StatusAccepted)
}
