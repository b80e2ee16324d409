package events

// What the API is asked and answers is generated from its description, so that
// the two can't differ.
//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config api.config.yaml ../docs/openapi.yaml
