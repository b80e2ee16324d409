package cloudwatch

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// maxRequest is the most bytes of a request, unpacked. AWS takes 1 MB of a
// PutMetricData; text in a form may be three times as long.
const maxRequest = 4 << 20

// shapes is the namespace of the errors in the protocols that have one.
const shapes = "com.amazonaws.cloudwatch#"

// protocol is a way to ask and to answer.
type protocol interface {
	// read returns the operation that a request asks for, and what decodes its input.
	read(w http.ResponseWriter, r *http.Request) (operation string, decode func(any) error, err error)
	answer(w http.ResponseWriter, operation string, out any)
	refuse(w http.ResponseWriter, why *refusal)
}

func protocolOf(r *http.Request) protocol {
	switch {
	case r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
		return rpc{}
	case r.Header.Get("X-Amz-Target") != "":
		return jsonRPC{}
	}
	return query{}
}

// Operation names the operation that a request asks for, "" when it can't tell
// without unpacking the request.
func Operation(r *http.Request) string {
	switch protocolOf(r).(type) {
	case rpc:
		return path.Base(r.URL.Path)
	case jsonRPC:
		return target(r)
	}
	if r.Header.Get("Content-Encoding") != "" {
		return ""
	}
	return r.FormValue("Action")
}

// body reads a request, which may be packed by gzip: the AWS SDKs pack what has
// more than 10 KiB.
func body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	var content io.Reader = http.MaxBytesReader(w, r.Body, maxRequest)
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		unpacked, err := gzip.NewReader(content)
		if err != nil {
			return nil, fmt.Errorf("the request is not packed by gzip: %w", err)
		}
		content = unpacked
	default:
		return nil, fmt.Errorf("the request has content encoding %q; gzip is known", encoding)
	}
	all, err := io.ReadAll(io.LimitReader(content, maxRequest+1))
	if err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	if len(all) > maxRequest {
		return nil, &refusal{shape: "RequestEntityTooLarge", code: "RequestEntityTooLarge", status: http.StatusRequestEntityTooLarge, message: fmt.Sprintf("the request has more than %d bytes", maxRequest)}
	}
	return all, nil
}

// unreadable is what a request is answered that can't be read.
func unreadable(err error) error {
	if known := refusalOf(err); known.status < http.StatusInternalServerError {
		return known
	}
	return refuse("SerializationException", "MalformedInput", "%s", err)
}

// rpc is Smithy's RPC v2 with CBOR, which the AWS SDKs speak today.
type rpc struct{}

func (rpc) read(w http.ResponseWriter, r *http.Request) (string, func(any) error, error) {
	content, err := body(w, r)
	if err != nil {
		return "", nil, unreadable(err)
	}
	return path.Base(r.URL.Path), func(in any) error {
		if len(content) == 0 {
			return nil
		}
		return cbor.Unmarshal(content, in)
	}, nil
}

func (rpc) answer(w http.ResponseWriter, _ string, out any) { writeCBOR(w, http.StatusOK, out) }

func (rpc) refuse(w http.ResponseWriter, why *refusal) {
	w.Header().Set("X-Amzn-Query-Error", why.code+";"+why.sender())
	writeCBOR(w, why.status, failure(why))
}

func writeCBOR(w http.ResponseWriter, status int, out any) {
	text, err := cbor.Marshal(out)
	if err != nil { // our own types always marshal
		panic(err)
	}
	w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	write(w, status, "application/cbor", text)
}

// jsonRPC is AWS's JSON 1.0.
type jsonRPC struct{}

const targetPrefix = "GraniteServiceVersion20100801."

func target(r *http.Request) string {
	name, _ := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	return name
}

func (jsonRPC) read(w http.ResponseWriter, r *http.Request) (string, func(any) error, error) {
	content, err := body(w, r)
	if err != nil {
		return "", nil, unreadable(err)
	}
	return target(r), func(in any) error { return json.Unmarshal(content, in) }, nil
}

func (jsonRPC) answer(w http.ResponseWriter, _ string, out any) { writeJSON(w, http.StatusOK, out) }

func (jsonRPC) refuse(w http.ResponseWriter, why *refusal) {
	w.Header().Set("X-Amzn-Query-Error", why.code+";"+why.sender())
	writeJSON(w, why.status, failure(why))
}

func writeJSON(w http.ResponseWriter, status int, out any) {
	text, err := json.Marshal(out)
	if err != nil { // numbers are finite, as they were checked when they came
		panic(err)
	}
	write(w, status, "application/x-amz-json-1.0", text)
}

// failure is the body of an error in CBOR and JSON.
func failure(why *refusal) map[string]string {
	return map[string]string{"__type": shapes + why.shape, "message": why.message, "Message": why.message}
}

func write(w http.ResponseWriter, status int, kind string, text []byte) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(text) // the client has gone
}
