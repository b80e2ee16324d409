// Package client asks the API: generated from docs/openapi.yaml, and around
// it what people need to hear when an answer is no.
package client

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config client.config.yaml ../../../../docs/openapi.yaml
