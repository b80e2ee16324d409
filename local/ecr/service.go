package ecr

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"github.com/mayfly-dev/mayfly/local/ecr/blobs"
	"github.com/mayfly-dev/mayfly/local/iam"
)

// Principals says who signed a request. A session that has expired is an
// error, whose text is told to the client.
type Principals interface {
	Caller(r *http.Request) (iam.Caller, error)
}

// Events takes what happened to images: the bus. It is called in the order of
// what happened, and again until it returns no error, in this process or the
// next: the same event may come twice, with the same ID.
type Events interface {
	Put(ctx context.Context, event Event) error
}

// Metrics is told of each pull and push, for a monitoring service. It must not
// block.
type Metrics interface {
	Pulled(repository string, at time.Time)
	Pushed(repository string, bytes int64, at time.Time)
}

// Quotas are the account's limits; zero fields take AWS's defaults.
type Quotas struct {
	Repositories        int // 100,000, private and public each
	ImagesPerRepository int // 100,000
	TagsPerImage        int // 1,000
	LayersPerImage      int // 127 on AWS for most clients; 4,200 parts here
}

func (q Quotas) withDefaults() Quotas {
	for _, field := range []struct {
		value    *int
		standard int
	}{{&q.Repositories, 100_000}, {&q.ImagesPerRepository, 100_000}, {&q.TagsPerImage, 1_000}, {&q.LayersPerImage, 4_200}} {
		if *field.value == 0 {
			*field.value = field.standard
		}
	}
	return q
}

// Options say where and how a [Service] works.
type Options struct {
	// Dir is the folder of everything durable. Required.
	Dir string
	// Host is what stands before a repository's name in its URI, and what
	// clients log in to: "localhost:4566". Required.
	Host string
	// Account and Region are in ARNs; "" is 000000000000 and us-east-1.
	Account, Region string
	// PublicAlias is the alias of the public registry; "" is "mayfly".
	PublicAlias string
	// Principals says who asks; nil takes every signed request for the
	// account's root.
	Principals Principals
	// Events takes events; nil drops them.
	Events Events
	// Metrics is told of pulls and pushes; nil is not.
	Metrics Metrics
	// Trail is told of requests; nil is not.
	Trail Trail
	// Quotas are the account's limits.
	Quotas Quotas
	// Now tells the time; nil is time.Now.
	Now func() time.Time
	// Random is the source of identifiers and of the key; nil is crypto/rand.
	Random io.Reader
	// Logger gets what fails inside; nil means silence.
	Logger *slog.Logger
}

// Service is ECR. It is safe for concurrent use.
type Service struct {
	o      Options
	store  *store
	blobs  *blobs.Store
	tokens tokens
	// outbox hands over events, scanner scans images.
	outbox  *worker
	scanner *worker
}

// New opens the state under options.Dir, goes on with what an earlier process
// left, and returns the service. Close it.
func New(options Options) (*Service, error) {
	if options.Dir == "" || options.Host == "" {
		return nil, errors.New("ecr: Dir and Host are required")
	}
	options = options.withDefaults()
	opened, err := openStore(options.Dir)
	if err != nil {
		return nil, fmt.Errorf("ecr: %w", err)
	}
	s := &Service{o: options, store: opened}
	if s.blobs, err = blobs.Open(filepath.Join(options.Dir, "blobs"), options.Now); err != nil {
		return nil, errors.Join(fmt.Errorf("ecr: %w", err), opened.close())
	}
	if s.tokens, err = openTokens(filepath.Join(options.Dir, "token.key"), options.Random, options.Now); err != nil {
		return nil, errors.Join(fmt.Errorf("ecr: %w", err), opened.close())
	}
	s.outbox = startWorker("hand over events", options.Logger, outbox{opened, options.Events}.drain)
	s.scanner = startWorker("scan images", options.Logger, s.scanAll)
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.Account == "" {
		o.Account = "000000000000"
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.PublicAlias == "" {
		o.PublicAlias = "mayfly"
	}
	if o.Principals == nil {
		o.Principals = everybodyIsRoot{o.Account}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Quotas = o.Quotas.withDefaults()
	return o
}

// everybodyIsRoot takes any keys for the account's root.
type everybodyIsRoot struct{ account string }

func (e everybodyIsRoot) Caller(*http.Request) (iam.Caller, error) {
	return iam.RootCaller(e.account), nil
}

// Close waits for what is under way and closes the state. Events that were not
// handed over are when the service is made anew.
func (s *Service) Close() error {
	s.scanner.stop()
	s.outbox.stop()
	if err := s.store.close(); err != nil {
		return fmt.Errorf("ecr: close: %w", err)
	}
	return nil
}

// now is the time to compare and store: to the millisecond, which is what is
// kept.
func (s *Service) now() time.Time { return s.o.Now().UTC().Truncate(time.Millisecond) }

// failed is the answer for what went wrong inside.
func (s *Service) failed(what string, err error) *Error {
	s.o.Logger.Error("ecr could not "+what, "error", err)
	return refuse("ServerException", "The local ECR could not %s: %v", what, err)
}
