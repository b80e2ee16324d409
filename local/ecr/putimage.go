package ecr

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"

	"github.com/mayfly-dev/mayfly/local/ecr/blobs"
	"github.com/mayfly-dev/mayfly/local/ecr/manifest"
)

// push is a manifest on its way into a repository.
type push struct {
	registry visibility
	name     string // of the repository
	// mediaType is what the client says, or empty.
	mediaType string
	body      []byte
	// id has the tag that the image gets, and the digest that it must have;
	// either may be empty.
	id imageID
}

// pushed is what came of a push.
type pushed struct {
	digest    string
	mediaType string
	subject   string
	// known says that image and tag were there already: nothing has changed.
	known bool
}

// put records a manifest, its tag, and the event that tells of it, together or
// not at all. What it names must be there.
func (s *Service) put(ctx context.Context, p push) (pushed, error) {
	parsed, err := p.parse()
	if err != nil {
		return pushed{}, err
	}
	done := pushed{digest: p.id.ImageDigest, mediaType: parsed.MediaType, subject: parsed.Subject}
	if done.digest, err = p.digest(); err != nil {
		return pushed{}, err
	}
	var in *repository
	var found named
	// What the manifest names must not be removed before it is recorded.
	release := s.blobs.Hold()
	err = s.store.write(ctx, func(tx *sql.Tx) (err error) {
		if in, err = s.find(ctx, tx, p.registry, p.name); err != nil {
			return err
		}
		if done.known, err = s.checkTag(ctx, tx, in, p.id.ImageTag, done.digest); err != nil || done.known {
			return err
		}
		if found, err = s.checkNamed(ctx, tx, in, parsed); err != nil {
			return err
		}
		if err := s.record(ctx, tx, in, p, parsed, done.digest, found); err != nil {
			return err
		}
		return s.scanPushed(ctx, tx, in, parsed, done.digest)
	})
	release()
	if err != nil {
		return pushed{}, err
	}
	s.blobs.Named(in.key(), parsed.Blobs())
	if !done.known {
		s.outbox.poke()
		s.scanner.poke()
		if s.o.Metrics != nil {
			s.o.Metrics.Pushed(in.name, found.size, s.now())
		}
	}
	return done, nil
}

func (p push) parse() (*manifest.Manifest, error) {
	if p.id.ImageTag != "" && !tagRule.MatchString(p.id.ImageTag) {
		return nil, invalid("imageTag", "must satisfy regular expression '"+tagPattern+"'")
	}
	if len(p.body) > manifest.MaxSize {
		return nil, invalid("imageManifest", "must have length less than or equal to 4194304")
	}
	parsed, err := manifest.Parse(p.mediaType, p.body)
	if err != nil {
		return nil, invalid("ImageManifest", err.Error())
	}
	return parsed, nil
}

// digest is the manifest's own; a client that expects another is refused.
func (p push) digest() (string, error) {
	sum := sha256.Sum256(p.body)
	digest := "sha256:" + hex.EncodeToString(sum[:])
	if p.id.ImageDigest != "" && p.id.ImageDigest != digest {
		return "", refuse("ImageDigestDoesNotMatchException", "The specified image digest %s does not match the digest %s that Amazon ECR calculated for the image", p.id.ImageDigest, digest)
	}
	return digest, nil
}

// checkTag refuses to move a tag that is immutable, and reports whether there
// is nothing to do.
func (s *Service) checkTag(ctx context.Context, tx *sql.Tx, in *repository, tag, digest string) (known bool, err error) {
	if tag == "" {
		err := tx.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM image WHERE repository = ? AND digest = ? AND archived_at <= activated_at)", in.id, digest).Scan(&known)
		return known, err
	}
	var now string
	err = tx.QueryRowContext(ctx, "SELECT digest FROM tag WHERE repository = ? AND tag = ?", in.id, tag).Scan(&now)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, err
	case now == digest:
		return s.checkTag(ctx, tx, in, "", digest)
	case !in.fixed(tag):
		return false, nil
	case in.Mutability == immutable:
		return false, refuse("ImageTagAlreadyExistsException", "The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the repository is immutable.", tag, in.name)
	}
	return false, refuse("ImageTagAlreadyExistsException", "The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the tag is immutable.", tag, in.name)
}

// named is what a manifest names, and that it is there.
type named struct {
	blobs map[string]int64 // bytes by digest
	// size of an image is that of its configuration and layers, of an index that
	// of the largest of its images, in bytes.
	size int64
}

// checkNamed refuses a manifest that names what is not there.
func (s *Service) checkNamed(ctx context.Context, tx *sql.Tx, in *repository, m *manifest.Manifest) (named, error) {
	found := named{blobs: map[string]int64{}}
	if len(m.Layers) > s.o.Quotas.LayersPerImage {
		return found, refuse("LimitExceededException", "The maximum number of layers per image, %d, has been exceeded", s.o.Quotas.LayersPerImage)
	}
	var missing []string
	for _, blob := range m.Blobs() {
		bytes, err := s.blobs.Stat(ctx, in.key(), blob)
		switch {
		case errors.Is(err, blobs.ErrUnknown):
			missing = append(missing, blob)
		case err != nil:
			return found, err
		}
		found.blobs[blob] = bytes
		found.size += bytes
	}
	if len(missing) > 0 {
		return found, refuse("LayersNotFoundException", "Layers with digests '%s' required for pushing image into repository with name '%s' in the registry with id '%s' do not exist", list(missing), in.name, s.o.Account)
	}
	for _, child := range m.Children() {
		var bytes int64
		err := tx.QueryRowContext(ctx, "SELECT size FROM image WHERE repository = ? AND digest = ?", in.id, child).Scan(&bytes)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			missing = append(missing, child)
		case err != nil:
			return found, err
		}
		found.size = max(found.size, bytes)
	}
	if len(missing) > 0 {
		return found, refuse("ReferencedImagesNotFoundException", "Images with digests '%s' required for pushing image into repository with name '%s' in the registry with id '%s' do not exist", list(missing), in.name, s.o.Account)
	}
	return found, nil
}

// record writes an image that was checked.
func (s *Service) record(ctx context.Context, tx *sql.Tx, in *repository, p push, m *manifest.Manifest, digest string, found named) error {
	var there bool
	var images, tags int
	if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM image WHERE repository = ?1 AND digest = ?2),
		(SELECT count(*) FROM image WHERE repository = ?1), (SELECT count(*) FROM tag WHERE repository = ?1 AND digest = ?2)`, in.id, digest).Scan(&there, &images, &tags); err != nil {
		return err
	}
	if !there && images >= s.o.Quotas.ImagesPerRepository {
		return refuse("LimitExceededException", "The maximum number of images per repository, %d, has been exceeded for the repository with name '%s'", s.o.Quotas.ImagesPerRepository, in.name)
	}
	if p.id.ImageTag != "" && tags >= s.o.Quotas.TagsPerImage {
		return refuse("LimitExceededException", "The maximum number of tags per image, %d, has been exceeded", s.o.Quotas.TagsPerImage)
	}
	now := milliseconds(s.now())
	statements := []statement{
		{`INSERT INTO image (repository, digest, media_type, artifact_type, subject, manifest, size, pushed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (repository, digest) DO NOTHING`, []any{in.id, digest, m.MediaType, m.ArtifactType, m.Subject, p.body, found.size, now}},
		// An image that is pushed again comes back from the archive.
		{"UPDATE image SET activated_at = max(?, archived_at) WHERE repository = ? AND digest = ? AND archived_at > activated_at", []any{now, in.id, digest}},
		{"UPDATE image SET pushes = pushes + 1 WHERE repository = ? AND digest = ?", []any{in.id, digest}},
		{"UPDATE repository SET pushes = pushes + 1 WHERE id = ?", []any{in.id}},
	}
	if p.id.ImageTag != "" {
		statements = append(statements, statement{`INSERT INTO tag (repository, tag, digest, tagged_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (repository, tag) DO UPDATE SET digest = excluded.digest, tagged_at = excluded.tagged_at`, []any{in.id, p.id.ImageTag, digest, now}})
	}
	const refer = "INSERT INTO reference (repository, target, digest, kind, size) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
	for blob, size := range found.blobs {
		statements = append(statements, statement{refer, []any{in.id, blob, digest, "blob", size}})
	}
	for _, child := range m.Children() {
		statements = append(statements, statement{refer, []any{in.id, child, digest, "manifest", 0}})
	}
	for _, do := range statements {
		if _, err := tx.ExecContext(ctx, do.query, do.args...); err != nil {
			return err
		}
	}
	return s.announce(ctx, tx, in, imageAction, []string{}, imageActionDetail{
		Result: "SUCCESS", RepositoryName: in.name, ImageDigest: digest, ActionType: "PUSH", ImageTag: p.id.ImageTag,
	})
}

type statement struct {
	query string
	args  []any
}
