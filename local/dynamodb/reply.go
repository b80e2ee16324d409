package dynamodb

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"
)

// reply is an answer in DynamoDB's JSON protocol.
type reply struct {
	status int
	body   []byte
	// logged says that the request may have changed something.
	logged bool
}

func (r reply) ok() bool { return r.status == http.StatusOK }

func (r reply) write(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Content-Type", "application/x-amz-json-1.0")
	header.Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(r.body)), 10))
	header.Set("X-Amzn-Requestid", strings.ToUpper(rand.Text()))
	header.Set("Content-Length", strconv.Itoa(len(r.body)))
	w.WriteHeader(r.status)
	// The client is gone when this fails: nobody to tell.
	_, _ = w.Write(r.body)
}

func success(value any) reply {
	body, err := json.Marshal(value)
	if err != nil {
		return internal(err)
	}
	return reply{status: http.StatusOK, body: body}
}

// failure is an error in AWS's shape.
func failure(status int, code, message string) reply {
	body, err := json.Marshal(map[string]string{"__type": qualify(code), "message": message})
	if err != nil {
		body = []byte(`{"__type":"` + qualify("InternalServerError") + `"}`)
	}
	return reply{status: status, body: body}
}

func invalid(format string, args ...any) reply {
	return failure(http.StatusBadRequest, "ValidationException", fmt.Sprintf(format, args...))
}

func internal(err error) reply {
	return failure(http.StatusInternalServerError, "InternalServerError", "The local DynamoDB failed: "+err.Error())
}

func noTable(name string) reply {
	return failure(http.StatusBadRequest, "ResourceNotFoundException", "Requested resource not found: Table: "+name+" not found")
}

func unknownOperation(target string) reply {
	operation := target[strings.LastIndexByte(target, '.')+1:]
	if operation == "" {
		return failure(http.StatusBadRequest, "UnknownOperationException", "The request names no operation in X-Amz-Target.")
	}
	return failure(http.StatusBadRequest, "UnknownOperationException", "The local DynamoDB has no operation "+operation+".")
}

// qualify puts the namespace before an error's name, as AWS does.
func qualify(code string) string {
	switch {
	case strings.Contains(code, "#"):
		return code
	case code == "ValidationException":
		return "com.amazon.coral.validate#" + code
	case code == "UnknownOperationException", code == "SerializationException":
		return "com.amazon.coral.service#" + code
	}
	return "com.amazonaws.dynamodb.v20120810#" + code
}

// errorCode returns the error's name without its namespace, "" for a success.
func (r reply) errorCode() string {
	if r.ok() {
		return ""
	}
	var e struct {
		Type string `json:"__type"`
	}
	if json.Unmarshal(r.body, &e) != nil {
		return "InternalServerError"
	}
	return e.Type[strings.LastIndexByte(e.Type, '#')+1:]
}

// recorder keeps what the engine's handler answers.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) { r.status = status }

func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }
