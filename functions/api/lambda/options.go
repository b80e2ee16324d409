package main

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"

	"github.com/mayfly-dev/mayfly/functions/api"
	"github.com/mayfly-dev/mayfly/sandbox/dynamo"
)

// options reads what the stack tells the function: MAYFLY_TABLE,
// MAYFLY_UPLOAD_BUCKET, MAYFLY_VERSION, and the state machines' ARNs as
// MAYFLY_PROVISION_ARN, MAYFLY_UPDATE_ARN, MAYFLY_RELEASE_ARN and
// MAYFLY_TEARDOWN_ARN; MAYFLY_MACHINE_ALIAS is the alias of theirs to start.
func options(cfg aws.Config) api.Options {
	objects := s3.NewFromConfig(cfg)
	return api.Options{
		Store:      dynamo.New(dynamodb.NewFromConfig(cfg), os.Getenv("MAYFLY_TABLE"), time.Now),
		Executions: sfn.NewFromConfig(cfg),
		Objects:    objects,
		Images:     ecr.NewFromConfig(cfg),
		Presigner:  s3.NewPresignClient(objects),
		Machines: api.Machines{
			Provision: os.Getenv("MAYFLY_PROVISION_ARN"),
			Update:    os.Getenv("MAYFLY_UPDATE_ARN"),
			Release:   os.Getenv("MAYFLY_RELEASE_ARN"),
			Teardown:  os.Getenv("MAYFLY_TEARDOWN_ARN"),
			Alias:     os.Getenv("MAYFLY_MACHINE_ALIAS"),
		},
		UploadBucket: os.Getenv("MAYFLY_UPLOAD_BUCKET"),
		SiteURL:      "https://{domain}/",
		Principal:    principal,
		Now:          time.Now,
		Random:       rand.Reader,
		Logger:       slog.New(slog.NewJSONHandler(os.Stdout, nil)),
		Version:      os.Getenv("MAYFLY_VERSION"),
		Mode:         "aws",
	}
}

// principal is who API Gateway says has signed the request. What the client
// says of itself is not believed.
func principal(r *http.Request) string {
	gateway, ok := core.GetAPIGatewayV2ContextFromContext(r.Context())
	if !ok || gateway.Authorizer == nil {
		return ""
	}
	switch auth := gateway.Authorizer; {
	case auth.IAM != nil:
		return api.OwnerFrom(auth.IAM.UserARN)
	case auth.JWT != nil:
		for _, claim := range []string{"email", "username", "cognito:username", "sub"} {
			if who := api.OwnerFrom(auth.JWT.Claims[claim]); who != "" {
				return who
			}
		}
	}
	return ""
}
