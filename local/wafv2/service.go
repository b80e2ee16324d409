package wafv2

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mayfly-dev/mayfly/local/sqlfile"
	"github.com/mayfly-dev/mayfly/local/wafv2/managed"
)

// Options are what a Service needs. Dir is required.
type Options struct {
	// Dir is the folder of the durable state; it is made when missing.
	Dir string
	// Account is in ARNs; "" is 000000000000.
	Account string
	// Random is the source of ids and lock tokens; nil is crypto/rand.
	Random io.Reader
	// InUse tells whether a distribution names the web ACL with an ARN; nil is
	// never. It is called while the web ACL is hidden from Exists, so whoever
	// looks there under the lock that InUse takes can't name it meanwhile.
	InUse func(arn string) bool
	// Count is told what became of each request, by the names that CloudWatch
	// has for the web ACL's and the rule's metric, and for what happened; nil
	// is nobody.
	Count func(webACL, rule, metric string)
	// Now tells the time; nil is time.Now.
	Now func() time.Time
	// Logger is told which rule blocked a request, and nothing of the request.
	// Nil is silence.
	Logger *slog.Logger
	// Quota is how many web ACLs the account may have; 0 is AWS's 100.
	Quota int
}

// Service is WAF's control plane. All its methods may be called at any time by
// any goroutine.
type Service struct {
	o          Options
	operations map[string]operation
	file       *sqlfile.File
	managed    managed.Rules

	mu sync.Mutex // held over a change
	// acls are the web ACLs by their ARNs. Neither the map nor what is in it
	// changes: a change makes a new one.
	acls atomic.Pointer[map[string]*webACL]
}

// New opens the state under o.Dir and returns the service. Close it.
func New(o Options) (*Service, error) {
	if o.Dir == "" {
		return nil, errors.New("wafv2: Dir is required")
	}
	if o.Account == "" {
		o.Account = "000000000000"
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.InUse == nil {
		o.InUse = func(string) bool { return false }
	}
	if o.Count == nil {
		o.Count = func(string, string, string) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Quota == 0 {
		o.Quota = 100
	}
	file, err := sqlfile.Open(filepath.Join(o.Dir, "waf.db"), migrations())
	if err != nil {
		return nil, fmt.Errorf("wafv2: %w", err)
	}
	s := &Service{o: o, file: file}
	s.operations = s.allOperations()
	acls := map[string]*webACL{}
	err = sqlfile.Each(context.Background(), file.Reader, func(rows *sql.Rows) error {
		var text []byte
		if err := rows.Scan(&text); err != nil {
			return err
		}
		a := new(webACL)
		if err := json.Unmarshal(text, a); err != nil {
			return err
		}
		a.prepare()
		acls[a.ARN] = a
		return nil
	}, `SELECT document FROM web_acl`)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("wafv2: read web ACLs: %w", err), file.Close())
	}
	s.acls.Store(&acls)
	return s, nil
}

// Close closes the state.
func (s *Service) Close() error { return s.file.Close() }

// Exists tells whether there is a web ACL with an ARN. It takes no lock.
func (s *Service) Exists(arn string) bool {
	_, ok := (*s.acls.Load())[arn]
	return ok
}

// migrations bring the file from version i to version i+1, by index.
func migrations() []string {
	return []string{`CREATE TABLE web_acl (arn TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;`}
}

// keep writes a web ACL and then shows it. The caller holds mu.
func (s *Service) keep(ctx context.Context, a *webACL) error {
	text, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("wafv2: %w", err)
	}
	err = s.file.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO web_acl (arn, document) VALUES (?, ?) ON CONFLICT (arn) DO UPDATE SET document = excluded.document`, a.ARN, text)
		return err
	})
	if err != nil {
		return fmt.Errorf("wafv2: write web ACL %s: %w", a.Name, err)
	}
	s.show(a)
	return nil
}

// remove hides a web ACL, and removes it unless a distribution names it. The
// caller holds mu.
func (s *Service) remove(ctx context.Context, a *webACL) error {
	s.hide(a.ARN)
	if s.o.InUse(a.ARN) {
		s.show(a)
		return refuse("WAFAssociatedItemException", "AWS WAF couldn’t perform the operation because your resource is being used by another resource or it’s associated with another resource.")
	}
	err := s.file.Write(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`DELETE FROM web_acl WHERE arn = ?`, a.ARN)
		return err
	})
	if err != nil {
		s.show(a)
		return fmt.Errorf("wafv2: remove web ACL %s: %w", a.Name, err)
	}
	return nil
}

func (s *Service) show(a *webACL) {
	acls := maps.Clone(*s.acls.Load())
	acls[a.ARN] = a
	s.acls.Store(&acls)
}

func (s *Service) hide(arn string) {
	acls := maps.Clone(*s.acls.Load())
	delete(acls, arn)
	s.acls.Store(&acls)
}

// newID returns a random UUID: ids and lock tokens have that form.
func (s *Service) newID() (string, error) {
	var b [16]byte
	if _, err := io.ReadFull(s.o.Random, b[:]); err != nil {
		return "", fmt.Errorf("wafv2: %w", err)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	text := hex.EncodeToString(b[:])
	return strings.Join([]string{text[:8], text[8:12], text[12:16], text[16:20], text[20:]}, "-"), nil
}
