package ecr

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
)

// repository is a repository as it is kept.
type repository struct {
	id            int64
	visibility    visibility
	name          string
	createdAt     int64 // milliseconds since 1970, as all times here
	pulls, pushes int64
	settings
}

// settings are what of a repository can be changed, and is not searched.
type settings struct {
	Mutability  mutability        `json:"mutability,omitempty"`
	Exclusions  []exclusion       `json:"exclusions,omitempty"`
	ScanOnPush  bool              `json:"scanOnPush,omitempty"`
	Encryption  encryption        `json:"encryption,omitzero"`
	Tags        map[string]string `json:"tags,omitempty"`
	Policy      string            `json:"policy,omitempty"`
	Lifecycle   lifecycleSettings `json:"lifecycle,omitzero"`
	CatalogData *catalogData      `json:"catalogData,omitempty"`
}

// encryption is how a repository's content is encrypted at rest. It is kept
// and shown: on one machine the disk is the disk.
type encryption struct {
	Type   string `json:"encryptionType"`
	KMSKey string `json:"kmsKey,omitempty"`
}

// lifecycleSettings are a repository's lifecycle policy and its preview.
type lifecycleSettings struct {
	Policy      string `json:"policy,omitempty"`
	EvaluatedAt int64  `json:"evaluatedAt,omitempty"`
	Preview     string `json:"preview,omitempty"` // the policy of the last preview
	PreviewedAt int64  `json:"previewedAt,omitempty"`
}

// key is how the blobs know a repository: a name may come again, its id does
// not.
func (r *repository) key() string { return "r" + strconv.FormatInt(r.id, 10) }

const repositoryColumns = "id, visibility, name, created_at, settings, pulls, pushes"

func scanRepository(row interface{ Scan(...any) error }) (*repository, error) {
	r := &repository{}
	var body string
	if err := row.Scan(&r.id, &r.visibility, &r.name, &r.createdAt, &body, &r.pulls, &r.pushes); err != nil {
		return nil, err
	}
	return r, json.Unmarshal([]byte(body), &r.settings)
}

func scanRepositories(rows *sql.Rows) (*repository, error) { return scanRepository(rows) }

// find returns a repository by its name, or RepositoryNotFoundException.
func (s *Service) find(ctx context.Context, q querier, v visibility, name string) (*repository, error) {
	r, err := scanRepository(q.QueryRowContext(ctx, "SELECT "+repositoryColumns+" FROM repository WHERE visibility = ? AND name = ?", v, name))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, s.noRepository(name)
	}
	if err != nil {
		return nil, s.failed("read repository "+name, err)
	}
	return r, nil
}

// change applies f to a repository's settings and writes them.
func (s *Service) change(c *call, name string, f func(*repository) error) (*repository, error) {
	var changed *repository
	err := s.store.write(c, func(tx *sql.Tx) (err error) {
		if changed, err = s.find(c, tx, c.registry, name); err != nil {
			return err
		}
		if err := f(changed); err != nil {
			return err
		}
		return saveSettings(c, tx, changed)
	})
	return changed, err
}

func saveSettings(ctx context.Context, tx *sql.Tx, r *repository) error {
	body, err := json.Marshal(r.settings)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE repository SET settings = ? WHERE id = ?", string(body), r.id)
	return err
}

// fromKey is the id in a repository's key.
func fromKey(key string) (int64, bool) {
	digits, ok := strings.CutPrefix(key, "r")
	id, err := strconv.ParseInt(digits, 10, 64)
	return id, ok && err == nil
}

// Exists reports whether a repository's key is in use; for package blobs.
func (s *store) Exists(ctx context.Context, key string) (bool, error) {
	id, ok := fromKey(key)
	if !ok {
		return false, nil
	}
	var there bool
	err := s.reader.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM repository WHERE id = ?)", id).Scan(&there)
	return there, err
}

// Names reports whether an image of the repository names a blob, and whether
// one of any repository does; for package blobs.
func (s *store) Names(ctx context.Context, key, blob string) (here, anywhere bool, err error) {
	id, _ := fromKey(key)
	err = s.reader.QueryRowContext(ctx, `SELECT
		EXISTS (SELECT 1 FROM reference WHERE kind = 'blob' AND target = ?1 AND repository = ?2),
		EXISTS (SELECT 1 FROM reference WHERE kind = 'blob' AND target = ?1)`, blob, id).Scan(&here, &anywhere)
	return here, anywhere, err
}

// milliseconds is a time as it is kept.
func milliseconds(t time.Time) int64 { return t.UnixMilli() }
