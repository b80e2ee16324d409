package bus

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"path/filepath"
	"strings"
	"time"
)

// Options are what a Service needs. Dir is required.
type Options struct {
	// Dir is where buses, rules and what is to be delivered are kept; it is made
	// when missing.
	Dir string
	// Targets calls the targets of rules; nil fails every delivery for good. Other
	// buses need none.
	Targets Targets
	// DeadLetters keeps what could not be delivered; nil drops it, with a line in
	// the log.
	DeadLetters DeadLetters
	// Now tells the time; nil is time.Now.
	Now func() time.Time
	// NewID makes identifiers of events and requests; nil makes random UUIDs.
	NewID func() string
	// Random returns a number from 0 up to 1, which spreads retries; nil is random.
	Random func() float64
	// Account and Region are in events and ARNs; "" is 000000000000 and us-east-1.
	Account, Region string
	// RuleQuota is how many rules a bus may have; 0 is AWS's 300.
	RuleQuota int
	// NoSync leaves it to the operating system when the journal reaches the disk.
	NoSync bool
	// Observe, when set, is told of each attempt to deliver once it has ended.
	Observe func(Attempt)
	// Logger is told of events that are dropped; nil is slog.Default.
	Logger *slog.Logger
}

// Service is EventBridge. All its methods may be called at any time by any
// goroutine.
type Service struct {
	o          Options
	registry   *registry
	operations map[string]operation
	outbox     *outbox
	couriers   *couriers
	chaos      chaos
}

var _ http.Handler = (*Service)(nil)

// New reads what is kept. Events are taken from then on; Start begins to deliver
// them, and those that an earlier process left.
func New(o Options) (*Service, error) {
	if o.Dir == "" {
		return nil, errors.New("eventbridge: Dir is required")
	}
	s := &Service{o: o.withDefaults()}
	s.operations = s.allOperations()
	var err error
	if s.registry, err = openRegistry(filepath.Join(o.Dir, "buses"), s.o.Now); err != nil {
		return nil, fmt.Errorf("eventbridge: %w", err)
	}
	s.couriers = newCouriers(s)
	if s.outbox, err = openOutbox(filepath.Join(o.Dir, "deliveries"), s.o.NoSync, s.couriers); err != nil {
		return nil, fmt.Errorf("eventbridge: %w", err)
	}
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = randomID
	}
	if o.Random == nil {
		o.Random = mathrand.Float64
	}
	if o.Account == "" {
		o.Account = "000000000000"
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.RuleQuota == 0 {
		o.RuleQuota = 300
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

// Start begins to deliver. Starting twice, or after Stop, does nothing.
func (s *Service) Start() { s.couriers.start() }

// Stop ends delivering, and waits for attempts under way, which are cancelled.
// Events are still taken. Stopping twice, or before Start, is fine.
func (s *Service) Stop() { s.couriers.stop() }

// Close stops, and closes the journal. What is not delivered yet is when a
// service is made anew.
func (s *Service) Close() error {
	s.Stop()
	return s.outbox.close()
}

// Pending is how many deliveries are not done: being tried, waiting for the next
// attempt, or for Start.
func (s *Service) Pending() int { return s.couriers.count() }

// Idle waits until nothing is pending, or the context ends.
func (s *Service) Idle(ctx context.Context) error { return s.couriers.idle(ctx) }

func (s *Service) arn(resource string) string {
	return strings.Join([]string{"arn:aws:events", s.o.Region, s.o.Account, resource}, ":")
}

func randomID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	text := hex.EncodeToString(b[:])
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}
