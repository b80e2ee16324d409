package s3

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/mayfly-dev/mayfly/local/iam"
	"github.com/mayfly-dev/mayfly/local/s3/objects"
)

// DefaultBucketQuota is AWS's default number of buckets an account.
const DefaultBucketQuota = 10_000

// Identities are the CloudFront origin access identities of the account, which
// bucket policies may name.
type Identities interface {
	// OriginAccessIdentity answers the canonical user id of an identity.
	OriginAccessIdentity(id string) (canonicalUserID string, ok bool)
	// OAIByCanonicalUser answers the id of the identity with a canonical user id.
	OAIByCanonicalUser(canonicalUserID string) (id string, ok bool)
}

// Principals say who signed a request.
type Principals interface {
	// Caller returns the account's root, or a session of a role. Its errors are
	// about a session that is over or was never begun.
	Caller(r *http.Request) (iam.Caller, error)
}

// Options of a service.
type Options struct {
	// Dir is the folder of its data; it is made when there is none.
	Dir string
	// Identities are the origin access identities; nil means there are none.
	Identities Identities
	// Principals know the sessions of roles; nil takes everybody who signs for
	// the account's root.
	Principals Principals
	// Clock tells the time; nil is time.Now.
	Clock func() time.Time
	// Random is the source of request ids; nil is crypto/rand.
	Random io.Reader
	// BucketQuota is how many buckets there may be; 0 is DefaultBucketQuota.
	BucketQuota int
	// Foreign are bucket names that other accounts hold.
	Foreign []string
	// Sidecar keeps object attributes in files where extended attributes would work.
	Sidecar bool
	// Log gets errors that clients see as InternalError; nil is slog.Default.
	Log *slog.Logger
}

// A Service is S3. It is an http.Handler for its API.
type Service struct {
	options  Options
	store    *objects.Store
	registry *registry
	foreign  map[string]bool
	log      *slog.Logger
	ids      atomic.Uint64
}

// New opens S3 in a folder, and puts right what an earlier process left half
// done there. The folder must not be in use by another service.
func New(options Options) (*Service, error) {
	if options.Clock == nil {
		options.Clock = time.Now
	}
	if options.Random == nil {
		options.Random = rand.Reader
	}
	if options.BucketQuota == 0 {
		options.BucketQuota = DefaultBucketQuota
	}
	if options.Log == nil {
		options.Log = slog.Default()
	}
	s := &Service{options: options, log: options.Log, foreign: map[string]bool{}}
	for _, name := range options.Foreign {
		s.foreign[name] = true
	}
	var seed [8]byte
	if _, err := io.ReadFull(options.Random, seed[:]); err != nil {
		return nil, fmt.Errorf("start S3: read randomness: %w", err)
	}
	s.ids.Store(binary.BigEndian.Uint64(seed[:]))
	var err error
	if s.store, err = objects.Open(filepath.Join(options.Dir, "store"), objects.Options{Sidecar: options.Sidecar}); err != nil {
		return nil, fmt.Errorf("start S3: %w", err)
	}
	if s.registry, err = openRegistry(filepath.Join(options.Dir, "buckets")); err != nil {
		return nil, fmt.Errorf("start S3: %w", err)
	}
	if err := s.reconcile(); err != nil {
		return nil, fmt.Errorf("start S3: %w", err)
	}
	return s, nil
}

// reconcile makes records and folders agree after a kill. A bucket exists from
// the moment its record does, until its record goes: its folder is made before
// and removed after. So a folder without a record is half of either.
func (s *Service) reconcile() error {
	folders, err := s.store.Buckets()
	if err != nil {
		return err
	}
	for _, name := range folders {
		if _, ok := s.registry.get(name); ok {
			continue
		}
		// A folder that has objects was not made by such a kill. It is kept.
		if err := s.store.DeleteBucket(context.Background(), name, func() error { return nil }); err != nil {
			if asFailure(err).code != "BucketNotEmpty" {
				return err
			}
			s.log.Warn("s3: a bucket's folder has objects but no record; it is left alone", "bucket", name)
		}
	}
	for _, b := range s.registry.all() {
		if err := s.store.CreateBucket(context.Background(), b.Name); err != nil {
			return err
		}
	}
	return nil
}

// Close lets go of the folder. The caller has ended all requests before.
func (s *Service) Close(context.Context) error {
	s.store.Close()
	return nil
}

// requestID makes an id that looks like S3's: 16 characters.
func (s *Service) requestID() string {
	// A fixed permutation of a counter: unique, and not in sequence.
	x := s.ids.Add(0x9e3779b97f4a7c15)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	var id [16]byte
	for i := range id {
		id[i] = digits[x&31]
		x = x>>4 | x<<60
	}
	return string(id[:])
}

// hostID is the second id of a request, derived from the first.
func hostID(id string) string { return "local/" + id + "/mayfly=" }
