package api

import (
	"bytes"
	"context"

	"github.com/mayfly-dev/mayfly/docs"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
)

func (a server) GetHealth(context.Context, rest.GetHealthRequestObject) (rest.GetHealthResponseObject, error) {
	return rest.GetHealth200JSONResponse{Status: "ok", Version: a.Version, Mode: a.Mode}, nil
}

func (a server) GetOpenAPI(context.Context, rest.GetOpenAPIRequestObject) (rest.GetOpenAPIResponseObject, error) {
	return rest.GetOpenAPI200ApplicationYamlResponse{Body: bytes.NewReader(docs.OpenAPI), ContentLength: int64(len(docs.OpenAPI))}, nil
}
