// Package docs holds the documents that the program itself shows.
package docs

import _ "embed"

// OpenAPI is the description of the API, in YAML.
//
//go:embed openapi.yaml
var OpenAPI []byte
