package gateway

import (
	"encoding/json"
	"encoding/xml"
	"log/slog"
	"net/http"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// Refuse answers with an error in the shape of the service's protocol, so that
// an AWS SDK reads the code.
func Refuse(w http.ResponseWriter, r *http.Request, service string, status int, code, message string) {
	kind, body := "application/xml", []byte(nil)
	var err error
	switch {
	case service == "s3":
		body, err = xml.Marshal(struct {
			XMLName xml.Name `xml:"Error"`
			Code    string
			Message string
		}{Code: code, Message: message})
	case r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
		kind = "application/cbor"
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		body, err = cbor.Marshal(map[string]string{"__type": code, "message": message})
	case strings.Contains(r.Header.Get("Content-Type"), "json") || r.Header.Get("X-Amz-Target") != "" || service == "lambda" || service == "scheduler":
		kind = r.Header.Get("Content-Type")
		if kind == "" {
			kind = "application/json"
		}
		w.Header().Set("X-Amzn-Errortype", code)
		body, err = json.Marshal(map[string]string{"__type": code, "message": message})
	default:
		type inner struct{ Type, Code, Message string }
		body, err = xml.Marshal(struct {
			XMLName   xml.Name `xml:"ErrorResponse"`
			Error     inner
			RequestID string `xml:"RequestId"`
		}{Error: inner{"Sender", code, message}, RequestID: "gateway"})
	}
	if err != nil { // strings always marshal
		panic(err)
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		slog.Debug("gateway: the client left before its answer", "error", err)
	}
}
