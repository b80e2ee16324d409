// Package dynamodb is DynamoDB on one machine: the engine of minidyn behind a
// front that makes it durable, atomic and complete enough for the functions
// that run as processes of their own.
//
// Requests are served one at a time, so that conditions and transactions hold
// under any concurrency. Every request that changed something is appended to a
// log in the data folder before it is answered, and the log is replayed at the
// start: the process may be killed at any moment. A power cut may lose the last
// moments. The log is compacted at the start when it has grown.
//
// One process may use a folder at a time; the lock on the data folder sees to
// that.
package dynamodb

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	minidyn "github.com/truora/minidyn/server"
)

const (
	targetPrefix = "DynamoDB_20120810."
	// maxBody is DynamoDB's longest request.
	maxBody = 16 << 20
	// sweepEvery is how often expired items are looked for, while requests come.
	sweepEvery = time.Minute
)

// Options says where a Service keeps its data.
type Options struct {
	// Dir is the folder of its log; it is made when it is not there.
	Dir string
	// Now is the clock; it decides what has expired.
	Now func() time.Time
	// Region and Account are in the ARNs of tables.
	Region, Account string
}

// Service answers DynamoDB's JSON protocol. It is safe for concurrent use.
type Service struct {
	options Options

	mu      sync.Mutex
	engine  *minidyn.Server
	tables  map[string]*table
	tokens  map[string]token
	journal *journal
	sweepAt time.Time
	// broken is set when the log could not be written: what the engine holds is
	// then ahead of the disk, and nothing is answered any more.
	broken error
}

// New opens the data in options.Dir and replays its log. It returns an error
// when a line of the log, other than the last, is damaged.
func New(options Options) (*Service, error) {
	s := &Service{options: options}
	if err := os.MkdirAll(options.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("open dynamodb: %w", err)
	}
	path := filepath.Join(options.Dir, "dynamodb.log")
	records, err := readJournal(path)
	if err != nil {
		return nil, fmt.Errorf("open dynamodb: %w", err)
	}
	if err := s.replay(records); err != nil {
		return nil, fmt.Errorf("open dynamodb: %s: %w", path, err)
	}
	if err := s.compact(path, len(records)); err != nil {
		return nil, fmt.Errorf("open dynamodb: %w", err)
	}
	if s.journal, err = appendJournal(path); err != nil {
		return nil, fmt.Errorf("open dynamodb: %w", err)
	}
	return s, nil
}

// Close closes the log; requests are refused from then on. Closing twice is no
// error.
func (s *Service) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken == nil {
		s.broken = errors.New("the service is closed")
	}
	return s.journal.close()
}

// Operation returns the operation that a request names, such as PutItem, or ""
// for a request that is not DynamoDB's.
func Operation(r *http.Request) string {
	operation, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
	if !ok {
		return ""
	}
	return operation
}

// ServeHTTP answers one request.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	operation := Operation(r)
	if r.Method != http.MethodPost || operation == "" {
		unknownOperation(r.Header.Get("X-Amz-Target")).write(w)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		failure(http.StatusRequestEntityTooLarge, "SerializationException", "Request is longer than 16777216 bytes").write(w)
	case err != nil:
		failure(http.StatusBadRequest, "SerializationException", "The request could not be read: "+err.Error()).write(w)
	default:
		s.serve(operation, body).write(w)
	}
}

// serve answers an operation. Nothing else runs meanwhile.
func (s *Service) serve(operation string, body []byte) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return internal(s.broken)
	}
	now := s.options.Now()
	if err := s.expire(now); err != nil {
		return internal(err)
	}
	answer := s.answer(operation, body, now)
	if !answer.logged {
		return answer
	}
	if err := s.log(record{At: now.UnixNano(), Operation: operation, Body: body}); err != nil {
		return internal(err)
	}
	return answer
}

func (s *Service) log(r record) error {
	if err := s.journal.append(r); err != nil {
		s.broken = fmt.Errorf("write the log: %w", err)
		return s.broken
	}
	return nil
}
