package scheduler

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/mayfly-dev/mayfly/local/sqlfile"
)

// Options are what a Service needs. Dir is required.
type Options struct {
	// Dir is where schedules and runs are kept; it is made when missing.
	Dir string
	// Targets calls the targets of schedules; nil fails every run for good.
	Targets Targets
	// DeadLetters keeps runs that failed for good; nil drops them, with a line in
	// the log.
	DeadLetters DeadLetters
	// Now tells the time; nil is time.Now.
	Now func() time.Time
	// Random returns a number from 0 up to 1, which chooses a moment in a flexible
	// time window and spreads retries; nil is random.
	Random func() float64
	// NewID makes the id of each answer; nil makes random ones.
	NewID func() string
	// Account and Region are in ARNs; "" is 000000000000 and us-east-1.
	Account, Region string
	// Logger is told of runs that are dropped or cannot be kept; nil is slog.Default.
	Logger *slog.Logger
}

// Service is EventBridge Scheduler. All its methods may be called at any time by
// any goroutine.
type Service struct {
	o      Options
	file   *sqlfile.File
	routes *http.ServeMux
	runner *runner
}

var _ http.Handler = (*Service)(nil)

// New opens what is kept. Schedules can be made from then on; Start begins to
// run them, and what an earlier process left.
func New(o Options) (*Service, error) {
	if o.Dir == "" {
		return nil, errors.New("scheduler: Dir is required")
	}
	s := &Service{o: o.withDefaults()}
	var err error
	if s.file, err = openFile(o.Dir); err != nil {
		return nil, fmt.Errorf("scheduler: %w", err)
	}
	if err := s.makeDefaultGroup(context.Background()); err != nil {
		return nil, errors.Join(fmt.Errorf("scheduler: %w", err), s.file.Close())
	}
	s.routes = s.newRoutes()
	s.runner = newRunner(s)
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = mathrand.Float64
	}
	if o.NewID == nil {
		o.NewID = rand.Text
	}
	if o.Account == "" {
		o.Account = "000000000000"
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

// Start begins to run schedules. Starting twice does nothing more.
func (s *Service) Start() { s.runner.start() }

// Stop ends running schedules, and cancels and waits for runs under way, which
// are tried again after the next start. The API goes on.
func (s *Service) Stop() { s.runner.stop() }

// Close stops, and closes the file.
func (s *Service) Close() error {
	s.runner.stop()
	if err := s.file.Close(); err != nil {
		return fmt.Errorf("scheduler: %w", err)
	}
	return nil
}

func (s *Service) arn(resource string) string {
	return strings.Join([]string{"arn:aws:scheduler", s.o.Region, s.o.Account, resource}, ":")
}

func (s *Service) scheduleARN(group, name string) string {
	return s.arn("schedule/" + group + "/" + name)
}

func (s *Service) groupARN(name string) string { return s.arn("schedule-group/" + name) }
