package sfn

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/sfn/awssdk"
)

// older is a service as AWS's first SDK for Java calls it, which the optimized
// integrations still speak with.
type older struct {
	prefix  string // of errors' names
	service string // in causes
	base    string // the exception of a code that the service's model does not name
	codes   string // those that it names; "" where a linked client knows
}

// failed names a refusal as optimized integrations do.
func (o older) failed(f *awssdk.Failure) *asl.TaskError {
	if f.Status == 0 {
		return &asl.TaskError{Name: o.prefix + ".SdkClientException", Cause: f.Message}
	}
	name := o.base
	for known := range strings.FieldsSeq(o.codes) {
		if known == f.Code {
			name = strings.TrimSuffix(known, "Exception") + "Exception"
		}
	}
	if o.codes == "" && f.Exception != "" && f.Exception != f.Service+"Exception" {
		name = f.Exception
	}
	return &asl.TaskError{Name: o.prefix + "." + name, Cause: fmt.Sprintf("%s (Service: %s; Status Code: %d; Error Code: %s; Request ID: %s; Proxy: null)",
		f.Message, o.service, f.Status, f.Code, f.RequestID)}
}

// withResponse adds to a result what the first SDK for Java says of the
// response that brought it.
func withResponse(result []byte, status int, header http.Header) ([]byte, error) {
	out := map[string]json.RawMessage{}
	if len(bytes.TrimSpace(result)) > 0 {
		if err := json.Unmarshal(result, &out); err != nil {
			return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: err.Error()}
		}
	}
	id, one := "", map[string]string{}
	for name, values := range header {
		one[name] = values[0]
		if strings.EqualFold(name, "x-amzn-RequestId") {
			id = values[0]
		}
	}
	for name, value := range map[string]any{
		"SdkHttpMetadata":     map[string]any{"AllHttpHeaders": header, "HttpHeaders": one, "HttpStatusCode": status},
		"SdkResponseMetadata": map[string]string{"RequestId": id},
	} {
		text, err := json.Marshal(value)
		if err != nil {
			return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: err.Error()}
		}
		out[name] = text
	}
	text, err := json.Marshal(out)
	if err != nil {
		return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: err.Error()}
	}
	return text, nil
}

// withMetadata adds what AWS's client would say of a response that never went
// over a wire.
func (s *Service) withMetadata(out map[string]any, status int, headers http.Header) ([]byte, error) {
	headers["Connection"] = []string{"keep-alive"}
	headers["Date"] = []string{s.o.Now().UTC().Format(http.TimeFormat)}
	headers["x-amzn-RequestId"] = []string{s.o.NewID()}
	text, err := json.Marshal(out)
	if err != nil {
		return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: err.Error()}
	}
	return withResponse(text, status, headers)
}
