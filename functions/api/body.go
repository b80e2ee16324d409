package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/events"
)

// maxBody is the longest request body, in bytes.
const maxBody = 64 << 10

// requestBody is the body that a route takes.
type requestBody struct {
	value    any
	optional bool
}

// bodies are the routes that take a body.
func bodies() map[string]requestBody {
	const one = "/v1/sandboxes/{name}"
	return map[string]requestBody{
		"POST /v1/orphans":          {value: events.OrphanSearch{}, optional: true},
		"POST /v1/sandboxes":        {value: events.CreateSandbox{}},
		"PATCH " + one:              {value: events.UpdateSandbox{}},
		"POST " + one + "/uploads":  {value: events.CreateUpload{}},
		"POST " + one + "/releases": {value: events.CreateRelease{}},
		"POST " + one + "/rollback": {value: events.Rollback{}, optional: true},
		"POST " + one + "/restore":  {value: events.Restore{}},
		"POST /v1/classes":          {value: events.CreateClass{}},
		"PATCH /v1/classes/{class}": {value: events.UpdateClass{}},
		"POST /v1/seats":            {value: events.JoinClass{}},
	}
}

// checkBody refuses, before the route sees it, a body that is not exactly what
// the route takes: a misspelt field must not pass as one that was left out.
func (a *API) checkBody(next http.Handler) http.Handler {
	known := bodies()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if wanted, ok := known[r.Pattern]; ok {
			text, err := readBody(r, wanted)
			if err != nil {
				a.refuse(w, r, err)
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(text))
		}
		next.ServeHTTP(w, r)
	})
}

func readBody(r *http.Request, wanted requestBody) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return nil, &refusal{status: http.StatusBadRequest, kind: "invalid-request", title: "The body did not arrive whole"}
	}
	if len(text) > maxBody {
		return nil, &refusal{status: http.StatusRequestEntityTooLarge, kind: "too-large", title: "The body is too large", detail: fmt.Sprintf("at most %d bytes", maxBody)}
	}
	if len(bytes.TrimSpace(text)) == 0 && wanted.optional {
		return nil, nil
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return nil, &refusal{status: http.StatusUnsupportedMediaType, kind: "unsupported-media-type", title: "The body must be JSON", detail: "send Content-Type: application/json"}
	}
	return text, decodeStrictly(text, wanted.value)
}

// decodeStrictly returns why text is not a JSON object with fields of shape's
// type and no other.
func decodeStrictly(text []byte, shape any) error {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(text, &object); err != nil || object == nil {
		detail := "the body must be one JSON object"
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			detail = fmt.Sprintf("%s at byte %d", syntax, syntax.Offset)
		}
		return &refusal{status: http.StatusBadRequest, kind: "invalid-request", title: "The body is not a JSON object", detail: detail}
	}
	fields := fieldNames(reflect.TypeOf(shape))
	var unknown []events.BrokenRule
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.Contains(fields, name) {
			unknown = append(unknown, events.BrokenRule{Field: name, Rule: "one of " + strings.Join(fields, ", ")})
		}
	}
	if len(unknown) > 0 {
		r := invalid(unknown...)
		r.title = "The request has a field that is not known"
		return r
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields() // inside a field, too
	if err := decoder.Decode(reflect.New(reflect.TypeOf(shape)).Interface()); err != nil {
		var kind *json.UnmarshalTypeError
		var when *time.ParseError
		switch {
		case errors.As(err, &kind):
			return invalid(events.BrokenRule{Field: kind.Field, Rule: jsonKind(kind.Type)})
		case strings.HasPrefix(err.Error(), unknownField):
			return invalid(events.BrokenRule{Field: strings.Trim(err.Error()[len(unknownField):], `"`), Rule: "left out: there is no such field"})
		case errors.As(err, &when) || strings.Contains(err.Error(), "Time.UnmarshalJSON"):
			return invalid(events.BrokenRule{Field: "expiresAt", Rule: "a time such as 2030-01-31T18:00:00Z"})
		}
		return &refusal{status: http.StatusBadRequest, kind: "invalid-request", title: "The body can't be read", detail: err.Error()}
	}
	return nil
}

// unknownField is how encoding/json begins to say that a field is not known;
// it has no type for that.
const unknownField = "json: unknown field "

func fieldNames(shape reflect.Type) []string {
	names := make([]string, 0, shape.NumField())
	for i := range shape.NumField() {
		name, _, _ := strings.Cut(shape.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func jsonKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Slice:
		return "a list"
	}
	return "a JSON object"
}
