// Package api is the function that answers Mayfly's API: one http.Handler,
// served by net/http on one machine and behind API Gateway on AWS. The routes
// are generated from docs/openapi.yaml (package rest); a file for each of them
// says what it does.
//
// It makes nothing itself. A request is checked whole, then written to the
// store in one conditional write that also names the execution which will do
// the work, and then that execution is started. Whoever finds the write
// without the execution, after a crash between the two, starts it: the same
// request again, a look at the sandbox, or [API.Reconcile].
package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/mayfly-dev/mayfly/access"
	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/functions/api/internal/rest"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Executions is what the API needs of Step Functions.
type Executions interface {
	StartExecution(context.Context, *sfn.StartExecutionInput, ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error)
	DescribeExecution(context.Context, *sfn.DescribeExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error)
}

// Objects is what the API needs of S3.
type Objects interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	ListObjectVersions(context.Context, *s3.ListObjectVersionsInput, ...func(*s3.Options)) (*s3.ListObjectVersionsOutput, error)
}

// Images is what the API needs of ECR.
type Images interface {
	DescribeImages(context.Context, *ecr.DescribeImagesInput, ...func(*ecr.Options)) (*ecr.DescribeImagesOutput, error)
}

// Presigner signs uploads; s3.NewPresignClient makes one.
type Presigner interface {
	PresignPutObject(context.Context, *s3.PutObjectInput, ...func(*s3.PresignOptions)) (*v4.PresignedHTTPRequest, error)
}

// Machines are the ARNs of the state machines.
type Machines struct {
	Provision, Update, Release, Rollout, Teardown, Sleep, Wake, Orphans, Nightly string
	// Alias, when it is not empty, is the alias whose version is started. It is
	// no part of an execution's ARN.
	Alias string
}

// Options says what the API works with. All but those that name a default are
// needed.
type Options struct {
	Store      sandbox.Store
	Executions Executions
	Histories  Histories
	Objects    Objects
	Images     Images
	Presigner  Presigner
	Activity   Activity
	// Costs keeps estimates and budgets, Prices are what they are priced by, and
	// Region is the one whose prices apply.
	Costs    cost.Store
	Prices   cost.Prices
	Region   string
	Nights   Nights
	Machines Machines
	// Quotas reads how much of AWS's quotas is in use: a *quota.Reader. Without one,
	// none is looked at.
	Quotas Quotas
	// Targets are the services that sandboxes may deploy to; none by default.
	Targets sandbox.Targets
	// Classes are the installation's classes.
	Classes class.Store
	// UploadBucket is the installation's bucket for archives and manifests.
	UploadBucket string
	// SiteURL makes a site's URL from {domain}, its distribution's domain name:
	// "https://{domain}/" on AWS.
	SiteURL string
	// Identify says who asks; see Trusting. What is not known is an
	// *access.UnknownError.
	Identify func(*http.Request) (access.Identity, error)

	// Origins are those of other pages that may ask for changes, as
	// access.CheckOrigin has them.
	Origins []string

	Now    func() time.Time
	Random io.Reader
	Logger *slog.Logger
	// Observe is told of each request. Nil is nobody.
	Observe Observe
	// Version and Mode ("local" or "aws") are what /v1/health tells.
	Version string
	Mode    string

	// Stream says that answers can be streamed: server-sent events then go on
	// until the client leaves or the sandbox is gone.
	Stream bool
	// Poll is how often a stream looks for news, 250 ms by default, and
	// Heartbeat how often it says that it is alive, 15 s by default.
	Poll, Heartbeat time.Duration
	// MaxUpload is the size of the largest archive, in bytes; by default the
	// 5 GiB that S3 takes in one PUT.
	MaxUpload int64
}

// API answers the API's requests. It is safe for concurrent use.
type API struct {
	Options
	handler http.Handler
	denials denials

	endStreams sync.Once
	ended      chan struct{}
}

// New returns the API.
func New(options Options) *API {
	if options.Poll <= 0 {
		options.Poll = 250 * time.Millisecond
	}
	if options.Heartbeat <= 0 {
		options.Heartbeat = 15 * time.Second
	}
	if options.MaxUpload <= 0 {
		options.MaxUpload = 5 << 30
	}
	a := &API{Options: options, ended: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("/", a.unknownRoute(mux))
	strict := rest.NewStrictHandlerWithOptions(server{a}, nil, rest.StrictHTTPServerOptions{
		RequestErrorHandlerFunc:  a.refuse,
		ResponseErrorHandlerFunc: a.refuse,
	})
	rest.HandlerWithOptions(strict, rest.StdHTTPServerOptions{
		BaseRouter:       mux,
		Middlewares:      []rest.MiddlewareFunc{a.checkBody, a.authorize}, // the last is asked first
		ErrorHandlerFunc: a.refuse,
	})
	// A page of another site must not be able to ask a browser's local Mayfly
	// for anything that changes something.
	protection := http.NewCrossOriginProtection()
	for _, origin := range a.Origins {
		if err := protection.AddTrustedOrigin(origin); err != nil { // then it is refused as others are
			a.Logger.Error("an origin is none", "origin", origin, "error", err)
		}
	}
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.refuse(w, r, &refusal{status: http.StatusForbidden, kind: "cross-origin", title: "Requests from other sites' pages are refused"})
	}))
	a.handler = a.observed(a.recoverPanics(protection.Handler(a.escapeObjectKeys(mux))))
	return a
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// EndStreams ends all streams of events, now and from now on, so that a server
// can shut down without waiting for its clients. Twice is fine.
func (a *API) EndStreams() { a.endStreams.Do(func() { close(a.ended) }) }

// server has the generated interface's methods, one file for each, so that the
// API itself shows only what others call.
type server struct{ *API }

var _ rest.StrictServerInterface = server{}

func (a *API) now() time.Time { return a.Now().UTC() }

func (a *API) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
					panic(p)
				}
				a.refuse(w, r, fmt.Errorf("panic: %v", p))
			}
		}()
		next.ServeHTTP(w, r)
	})
}
