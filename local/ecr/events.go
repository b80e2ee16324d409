package ecr

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"
)

// Event is something that happened to an image, as EventBridge is told of it:
// the source is "aws.ecr".
type Event struct {
	// ID is a UUID; an event that comes twice has the same.
	ID string `json:"id"`
	// DetailType is "ECR Image Action" or "ECR Image Scan".
	DetailType string          `json:"detailType"`
	Time       time.Time       `json:"time"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

// The types of events' details.
const (
	imageAction = "ECR Image Action"
	imageScan   = "ECR Image Scan"
)

// imageActionDetail is the detail of an ECR Image Action.
type imageActionDetail struct {
	Result         string `json:"result"`
	RepositoryName string `json:"repository-name"`
	ImageDigest    string `json:"image-digest"`
	ActionType     string `json:"action-type"`
	ImageTag       string `json:"image-tag,omitempty"`
}

// announce writes an event into the transaction of what it tells of. The
// public registry has no events, as on AWS.
func (s *Service) announce(ctx context.Context, tx *sql.Tx, repo *repository, kind string, resources []string, detail any) error {
	if repo.visibility == public {
		return nil
	}
	encoded, err := json.Marshal(detail)
	if err != nil {
		return err
	}
	event := Event{ID: s.newID(), DetailType: kind, Time: s.now().Truncate(time.Second), Resources: resources, Detail: encoded}
	body, err := json.Marshal(event)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO event (body) VALUES (?)", string(body))
	return err
}

// outbox hands events over in their order, each until the bus has taken it.
type outbox struct {
	store *store
	bus   Events
}

type waiting struct {
	id   int64
	body string
}

// drain hands over all there is.
func (o outbox) drain(ctx context.Context) error {
	for {
		batch, err := collect(ctx, o.store.reader, func(rows *sql.Rows) (w waiting, err error) {
			err = rows.Scan(&w.id, &w.body)
			return w, err
		}, "SELECT id, body FROM event ORDER BY id LIMIT 100")
		if err != nil || len(batch) == 0 {
			return err
		}
		for _, w := range batch {
			if err := o.handOver(ctx, w); err != nil {
				return err
			}
		}
	}
}

func (o outbox) handOver(ctx context.Context, w waiting) error {
	if o.bus != nil {
		var event Event
		if err := json.Unmarshal([]byte(w.body), &event); err != nil {
			return err
		}
		if err := o.bus.Put(ctx, event); err != nil {
			return err
		}
	}
	return o.store.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM event WHERE id = ?", w.id)
		return err
	})
}
