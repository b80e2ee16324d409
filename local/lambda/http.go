package lambda

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
)

// maxPayload is Lambda's limit for a synchronous invocation, in bytes.
const maxPayload = 6 << 20

const invokePath = "/2015-03-31/functions/"

// Operation names the API operation that a request asks for, or "".
func Operation(r *http.Request) string {
	rest, ok := strings.CutPrefix(r.URL.Path, invokePath)
	switch {
	case ok && strings.HasSuffix(rest, "/invocations") && r.Method == http.MethodPost:
		return "Invoke"
	case (ok && rest == "" || r.URL.Path+"/" == invokePath) && r.Method == http.MethodGet:
		return "ListFunctions"
	}
	return ""
}

// ServeHTTP speaks the part of Lambda's REST API that invokes and lists
// functions; other operations are refused by name of their path.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch Operation(r) {
	case "Invoke":
		s.serveInvoke(w, r)
	case "ListFunctions":
		s.serveList(w)
	default:
		writeError(w, http.StatusNotImplemented, "NotImplementedException",
			fmt.Sprintf("Lambda on one machine invokes and lists functions; it has no %s %s", r.Method, r.URL.Path))
	}
}

func (s *Service) serveInvoke(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, invokePath), "/invocations")
	payload, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if err != nil {
		writeError(w, http.StatusRequestEntityTooLarge, "RequestTooLargeException", fmt.Sprintf("the payload must be under %d bytes", maxPayload))
		return
	}
	if len(payload) == 0 {
		payload = []byte("null")
	}
	if !json.Valid(payload) {
		writeError(w, http.StatusBadRequest, "InvalidRequestContentException", "Could not parse request body into json")
		return
	}
	result, err := s.Invoke(r.Context(), name, payload)
	var missing *NotFoundError
	var failed *FunctionError
	switch {
	case errors.As(err, &missing):
		writeError(w, http.StatusNotFound, "ResourceNotFoundException", err.Error())
		return
	case errors.As(err, &failed):
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		result = failed.Payload()
	case err != nil:
		writeError(w, http.StatusInternalServerError, "ServiceException", err.Error())
		return
	}
	w.Header().Set("X-Amz-Executed-Version", "$LATEST")
	writeJSON(w, http.StatusOK, result)
}

func (s *Service) serveList(w http.ResponseWriter) {
	type function struct {
		FunctionName string
		Runtime      string
	}
	answer := struct{ Functions []function }{Functions: []function{}}
	for _, name := range s.Names() {
		answer.Functions = append(answer.Functions, function{FunctionName: name, Runtime: "provided.al2023"})
	}
	body, err := json.Marshal(answer)
	if err != nil {
		writeError(w, http.StatusInternalServerError, "ServiceException", err.Error())
		return
	}
	writeJSON(w, http.StatusOK, body)
}

func writeError(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("X-Amzn-Errortype", code)
	body, err := json.Marshal(map[string]string{"Type": "User", "Message": message})
	if err != nil { // strings always marshal
		panic(err)
	}
	writeJSON(w, status, body)
}

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		slog.Debug("lambda: the client left before its answer", "error", err)
	}
}
