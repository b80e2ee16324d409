package sfn

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/sfn/awssdk"
)

// Invoker calls Lambda functions. A function that answers with an error gives a
// *FunctionError; any other error says that it could not be called.
type Invoker interface {
	Invoke(ctx context.Context, functionARN string, payload []byte) (result []byte, err error)
}

// FunctionError is an error that a function itself returned.
type FunctionError struct {
	ErrorType    string
	ErrorMessage string
	// Payload is the whole answer as JSON, when there is more to it.
	Payload []byte
}

// Error returns type and message.
func (e *FunctionError) Error() string { return e.ErrorType + ": " + e.ErrorMessage }

// Options are what a Service needs. Engine and Dir are required.
type Options struct {
	// Engine makes the engine, which runs its tasks with the given runner.
	Engine func(asl.TaskRunner) (*asl.Engine, error)
	// Dir is where the registry is kept; it is made when missing.
	Dir string
	// Lambda calls functions; nil fails tasks that need it.
	Lambda Invoker
	// Authorize says why a task's role does not allow an action on a resource, ""
	// when it does; it is asked before functions are called and executions
	// started. Nil allows everything.
	Authorize func(t asl.Task, action, resource string) (refused string)
	// Endpoint is the base URL of the local cloud, "http://127.0.0.1:4566", for
	// aws-sdk integrations; "" fails tasks that need it.
	Endpoint string
	// Client sends the requests of aws-sdk integrations; nil is
	// http.DefaultClient.
	Client *http.Client
	// Now tells the time; nil is time.Now.
	Now func() time.Time
	// NewID makes identifiers of revisions; nil makes random UUIDs.
	NewID func() string
	// Account and Region are of the ARNs that are made; "" is 000000000000 and
	// us-east-1.
	Account, Region string
}

// Service is Step Functions. All its methods may be called at any time by any
// goroutine.
type Service struct {
	o          Options
	registry   *registry
	operations map[string]operation
	engine     *asl.Engine
	clients    *awssdk.Clients
	// ready is closed once engine is set: tasks that the engine goes on with
	// while it is being made wait for it.
	ready chan struct{}
	// later are the invocations that nobody waits for; closing ends them.
	later   sync.WaitGroup
	closing context.Context
	stop    context.CancelFunc
}

// New reads the registry and makes the engine, which goes on with executions
// that had not ended. The error is about one or the other.
func New(o Options) (*Service, error) {
	if o.Engine == nil || o.Dir == "" {
		return nil, errors.New("step functions: Engine and Dir are required")
	}
	if o.Client == nil {
		o.Client = http.DefaultClient
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = randomID
	}
	if o.Account == "" {
		o.Account = "000000000000"
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	s := &Service{o: o, ready: make(chan struct{}), clients: awssdk.New(aws.Config{
		Region: o.Region, BaseEndpoint: &o.Endpoint, HTTPClient: o.Client,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil }),
	})}
	s.closing, s.stop = context.WithCancel(context.Background())
	s.operations = s.allOperations()
	var err error
	if s.registry, err = openRegistry(o.Dir); err != nil {
		return nil, fmt.Errorf("step functions: %w", err)
	}
	s.registry.compile()
	if s.engine, err = o.Engine(s); err != nil {
		return nil, fmt.Errorf("step functions: %w", err)
	}
	close(s.ready)
	return s, nil
}

// Engine returns the engine that the service was made with.
func (s *Service) Engine() *asl.Engine { return s.engine }

// Close closes the engine. Executions go on when a service is made anew.
func (s *Service) Close() error {
	err := s.engine.Close()
	s.stop()
	s.later.Wait()
	return err //nolint:wrapcheck // says itself what it is
}

func (s *Service) arn(kind, name string) string {
	return strings.Join([]string{"arn:aws:states", s.o.Region, s.o.Account, kind, name}, ":")
}

func randomID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	text := hex.EncodeToString(b[:])
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}
