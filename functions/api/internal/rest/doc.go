// Package rest is the API's routes as they stand in docs/openapi.yaml:
// generated, so that document and server can't differ.
package rest

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config rest.config.yaml ../../../../docs/openapi.yaml
