package sqs

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl/journal"
)

// Options are what a Service needs. Dir is required.
type Options struct {
	// Dir is where the journal is kept; it is made when missing.
	Dir string
	// URL is the base of queues' URLs, "http://127.0.0.1:4566".
	URL string
	// Now tells the time; nil is time.Now.
	Now func() time.Time
	// NewID makes identifiers of messages and receipts; nil makes random UUIDs.
	NewID func() string
	// Account and Region are in ARNs; "" is 000000000000 and us-east-1.
	Account, Region string
	// NoSync leaves it to the operating system when the journal reaches the disk.
	NoSync bool
}

// Service is SQS. All its methods may be called at any time by any goroutine.
type Service struct {
	o          Options
	operations map[string]operation

	mu      sync.Mutex
	journal *journal.Journal
	queues  map[string]*queue
	base    int64 // size of the journal after its last compaction
	// sent is closed, and made anew, when a message comes or the service closes.
	sent   chan struct{}
	closed bool
}

// ErrNoQueue is returned when there is no queue of that name.
var ErrNoQueue = errors.New("the specified queue does not exist")

// ErrClosed is returned once the service is closed.
var ErrClosed = errors.New("the queues are closed")

// New reads what is kept.
func New(o Options) (*Service, error) {
	if o.Dir == "" {
		return nil, errors.New("sqs: Dir is required")
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
	s := &Service{o: o, queues: map[string]*queue{}, sent: make(chan struct{})}
	s.operations = s.allOperations()
	var err error
	if s.journal, err = journal.Open(o.Dir, journal.Options{NoSync: o.NoSync}); err != nil {
		return nil, fmt.Errorf("sqs: %w", err)
	}
	err = s.journal.Replay(func(text []byte) error {
		var r record
		if err := json.Unmarshal(text, &r); err != nil {
			return err
		}
		s.apply(&r)
		return nil
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqs: %w", err), s.journal.Close())
	}
	return s, nil
}

// Close closes the journal; whoever waits for a message gets none.
func (s *Service) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	close(s.sent)
	return s.journal.Close()
}

// Send puts a message into a queue.
func (s *Service) Send(name, body string, attributes map[string]Attribute) (Message, error) {
	m := &message{Message: Message{ID: s.o.NewID(), Body: body, Attributes: attributes, Sent: s.o.Now()}}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.queues[name] == nil {
		return Message{}, ErrNoQueue
	}
	if err := s.write(&record{Queue: name, Send: m}); err != nil {
		return Message{}, err
	}
	close(s.sent)
	s.sent = make(chan struct{})
	return m.Message, nil
}

// names are those of standard queues.
var names = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// Create makes a queue, unless it is there.
func (s *Service) Create(name string) error {
	if !names.MatchString(name) {
		return fmt.Errorf("queue %q: a name has 1 to 80 letters, digits, hyphens and underscores", name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.queues[name] != nil {
		return nil
	}
	return s.write(&record{Queue: name, Create: &attributes{Created: s.o.Now()}})
}

// Queues returns the names of the queues, in order.
func (s *Service) Queues() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.queues))
}

// Messages returns the messages of a queue, the oldest first, without receiving
// them.
func (s *Service) Messages(name string) ([]Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[name]
	if q == nil {
		return nil, ErrNoQueue
	}
	q.expire(s.o.Now())
	all := make([]Message, len(q.messages))
	for i, m := range q.messages {
		all[i] = m.Message
	}
	return all, nil
}

// record is one line of the journal, about one queue.
type record struct {
	Queue  string      `json:"queue"`
	Create *attributes `json:"create,omitempty"`
	Send   *message    `json:"send,omitempty"`
	Delete string      `json:"delete,omitempty"`
	Purge  bool        `json:"purge,omitempty"`
	Drop   bool        `json:"drop,omitempty"`
}

// write writes a record, then does what it says. The caller holds mu.
func (s *Service) write(r *record) error {
	if s.closed {
		return ErrClosed
	}
	text, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("sqs: %w", err)
	}
	if err := s.journal.Append([][]byte{text}); err != nil {
		return fmt.Errorf("sqs: %w", err)
	}
	s.apply(r)
	return s.compactWhenDue()
}

func (s *Service) apply(r *record) {
	q := s.queues[r.Queue]
	switch {
	case r.Create != nil && q == nil:
		s.queues[r.Queue] = &queue{name: r.Queue, attributes: *r.Create}
	case q == nil:
	case r.Create != nil:
		q.attributes = *r.Create
	case r.Send != nil:
		q.messages = append(q.messages, r.Send)
	case r.Delete != "":
		q.messages = slices.DeleteFunc(q.messages, func(m *message) bool { return m.ID == r.Delete })
	case r.Purge:
		q.messages = nil
	case r.Drop:
		delete(s.queues, r.Queue)
	}
}

// compactAt is the size of the journal, in bytes, below which it stays as it is.
const compactAt = 4 << 20

// compactWhenDue rewrites the journal when most of it is about what is gone.
func (s *Service) compactWhenDue() error {
	if size := s.journal.Size(); size < compactAt || size < 2*s.base {
		return nil
	}
	err := s.journal.Compact(func(write func([]byte) error) error {
		for name, q := range s.queues {
			q.expire(s.o.Now())
			all := []*record{{Queue: name, Create: &q.attributes}}
			for _, m := range q.messages {
				all = append(all, &record{Queue: name, Send: m})
			}
			for _, r := range all {
				text, err := json.Marshal(r)
				if err != nil {
					return err
				}
				if err := write(text); err != nil {
					return err
				}
			}
		}
		return nil
	})
	s.base = s.journal.Size()
	if err != nil {
		return fmt.Errorf("sqs: %w", err)
	}
	return nil
}

func randomID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	text := hex.EncodeToString(b[:])
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-")
}
