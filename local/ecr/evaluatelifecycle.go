package ecr

import (
	"context"
	"database/sql"
	"time"

	"github.com/mayfly-dev/mayfly/local/ecr/lifecycle"
)

// evaluate says what a policy does to the images that a repository had at a
// time. What is about another image that is there, such as its signature, goes
// with that one and not by rules.
func (s *Service) evaluate(ctx context.Context, q querier, r *repository, text string, now time.Time) ([]lifecycle.Mark, error) {
	policy, err := lifecycle.Parse(text)
	if err != nil {
		return nil, err
	}
	found, err := collect(ctx, q, func(rows *sql.Rows) (evaluated, error) {
		var e evaluated
		i, err := scanImage(also{rows, &e.held})
		e.image = i
		return e, err
	}, "SELECT "+imageColumns+`, EXISTS (SELECT 1 FROM reference WHERE reference.repository = image.repository AND target = image.digest AND kind = 'manifest')
		FROM image WHERE repository = ? AND pushed_at <= ?
		AND NOT (subject <> '' AND EXISTS (SELECT 1 FROM image s WHERE s.repository = image.repository AND s.digest = image.subject))`, r.id, milliseconds(now))
	if err != nil {
		return nil, err
	}
	images := make([]lifecycle.Image, len(found))
	for n, e := range found {
		images[n] = lifecycle.Image{
			Digest: e.image.digest, Tags: e.image.tags, PushedAt: moment(e.image.pushedAt), PulledAt: moment(e.image.pulledAt),
			ArchivedAt: moment(e.image.archivedAt), ActivatedAt: moment(e.image.activatedAt), Archived: e.image.archived(), Held: e.held,
		}
	}
	return policy.Evaluate(images, now), nil
}

// evaluated is an image, and whether an index names it.
type evaluated struct {
	image *image
	held  bool
}

// also scans one column more than is asked for.
type also struct {
	rows *sql.Rows
	held *bool
}

func (a also) Scan(into ...any) error { return a.rows.Scan(append(into, a.held)...) }

// moment is the time of milliseconds, zero for none.
func moment(milliseconds int64) time.Time {
	if milliseconds == 0 {
		return time.Time{}
	}
	return time.UnixMilli(milliseconds)
}
