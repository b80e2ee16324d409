package ecr

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"github.com/mayfly-dev/mayfly/local/ecr/manifest"
	"github.com/mayfly-dev/mayfly/local/ecr/scan"
)

// scanDetail is the detail of an ECR Image Scan event.
type scanDetail struct {
	Status     string         `json:"scan-status"`
	Repository string         `json:"repository-name"`
	Counts     map[string]int `json:"finding-severity-counts"`
	Digest     string         `json:"image-digest"`
	Tags       []string       `json:"image-tags"`
}

// toScan is an image whose scan is under way.
type toScan struct {
	image      int64
	repository int64
}

// scanAll scans every image whose scan was begun, by this process or by one
// before it.
func (s *Service) scanAll(ctx context.Context) error {
	for {
		next, err := collect(ctx, s.store.reader, func(rows *sql.Rows) (t toScan, err error) {
			err = rows.Scan(&t.image, &t.repository)
			return t, err
		}, "SELECT id, repository FROM image WHERE scanning = 1 ORDER BY id LIMIT 1")
		if err != nil || len(next) == 0 {
			return err
		}
		if err := s.scanOne(ctx, next[0]); err != nil {
			return err
		}
	}
}

func (s *Service) scanOne(ctx context.Context, t toScan) error {
	r, err := scanRepository(s.store.reader.QueryRowContext(ctx, "SELECT "+repositoryColumns+" FROM repository WHERE id = ?", t.repository))
	if err != nil {
		return ignoreGone(err)
	}
	i, err := scanImage(s.store.reader.QueryRowContext(ctx, "SELECT "+imageColumns+" FROM image WHERE image.id = ?", t.image))
	if err != nil {
		return ignoreGone(err)
	}
	status, err := s.look(ctx, r, i)
	if err != nil {
		return err
	}
	done, _ := readScan(i.scan)
	done.Status, done.CompletedAt = status, milliseconds(s.now())
	err = s.store.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE image SET scan = ?, scanning = 0 WHERE id = ?", done.text(), i.id); err != nil {
			return err
		}
		return s.announce(ctx, tx, r, imageScan, []string{s.arn(r.visibility, r.name)}, scanDetail{
			Status: status.Status, Repository: r.name, Counts: map[string]int{}, Digest: i.digest, Tags: append([]string{}, i.tags...),
		})
	})
	s.outbox.poke()
	return err
}

// ignoreGone makes nothing of a row that was deleted in this moment.
func ignoreGone(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// look says what a scan of the image has come to. An error is only that the
// service is closing.
func (s *Service) look(ctx context.Context, r *repository, i *image) (scanStatus, error) {
	body, err := s.manifestOf(ctx, i)
	if err != nil {
		return scanStatus{scanFailed, err.Error()}, ctx.Err()
	}
	parsed, err := manifest.Parse(i.mediaType, body)
	if err != nil {
		return scanStatus{scanFailed, err.Error()}, nil
	}
	manager := ""
	for n := range parsed.Layers {
		found, err := s.lookInto(ctx, r, parsed.Layers[n].Digest)
		if err != nil {
			return scanStatus{scanFailed, fmt.Sprintf("layer %s: %v", parsed.Layers[n].Digest, err)}, ctx.Err()
		}
		if found != "" {
			manager = found
		}
	}
	if manager == "" {
		return scanStatus{scanUnsupported, "UnsupportedImageError: The operating system and/or package manager are not supported."}, nil
	}
	return scanStatus{scanNoFindings, "The image has packages of " + manager + "; there is no database of vulnerabilities on this machine to compare them with."}, nil
}

func (s *Service) lookInto(ctx context.Context, r *repository, layer string) (string, error) {
	content, _, err := s.blobs.Read(ctx, r.key(), layer)
	if err != nil {
		return "", err
	}
	defer func() { _ = content.Close() }() // it was only read
	return scan.PackageManager(untilDone{ctx, content})
}

// untilDone is a reader that fails once its context is done.
type untilDone struct {
	ctx context.Context
	io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.Reader.Read(p)
}
