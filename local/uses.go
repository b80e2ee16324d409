package local

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/local/meter"
	"github.com/mayfly-dev/mayfly/night"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const (
	// notedEvery is how often it is noted which sandboxes were used. On AWS each
	// night does that: there, CloudWatch costs something.
	notedEvery = time.Minute
	// mostUnread is how many are read at once that nobody used: such as are new.
	mostUnread = 100
	// notedOver is how far CloudWatch is asked back: a day, which shows what comes
	// as regularly as a clock.
	notedOver = 24 * time.Hour
)

// useNoter writes into the records when sandboxes were used. It asks about those
// alone that were, or that nobody asked about yet.
type useNoter struct {
	store interface {
		night.Sandboxes
		sandbox.Updater
	}
	uses   night.Uses
	served interface{ TakeUsed() meter.Used }
	now    func() time.Time
	// left is what was used and not noted yet.
	left meter.Used
}

// noteUses notes uses regularly.
func (c *Cloud) noteUses(config Config, aws clients, served *meter.Meter) {
	noter := &useNoter{store: c.storeOf(aws), uses: c.activity(config, aws), served: served, now: config.Now}
	c.every(notedEvery, func(ctx context.Context) {
		if err := noter.note(ctx); err != nil && ctx.Err() == nil {
			config.Logger.Error("when some sandboxes were used could not be noted; it will be", "error", err)
		}
	})
}

// note notes what was used since it was called before. What fails is noted with
// the next.
func (n *useNoter) note(ctx context.Context) error {
	used := n.served.TakeUsed()
	maps.Copy(used.Distributions, n.left.Distributions)
	maps.Copy(used.Repositories, n.left.Repositories)
	n.left = used
	room := mostUnread
	var failed []error // one page does not keep the others
	for page := (sandbox.Page{}); ; {
		boxes, next, err := n.store.List(ctx, sandbox.Filter{}, page)
		if err != nil {
			return fmt.Errorf("list sandboxes: %w", err)
		}
		var refs []sandbox.Ref
		var subjects []activity.Subject
		for i := range boxes {
			subject := activity.Of(&boxes[i])
			if !used.Distributions[subject.DistributionID] && !used.Repositories[subject.Repository] {
				if room == 0 || !boxes[i].LastUse.ReadAt.IsZero() {
					continue
				}
				room--
			}
			refs, subjects = append(refs, boxes[i].Ref()), append(subjects, subject)
		}
		failed = append(failed, n.read(ctx, refs, subjects))
		if page.After = next; next == "" {
			break
		}
	}
	err := errors.Join(failed...)
	if err == nil {
		n.left = meter.Used{}
	}
	return err
}

// read reads when sandboxes were used, and writes it into their records.
func (n *useNoter) read(ctx context.Context, refs []sandbox.Ref, subjects []activity.Subject) error {
	if len(refs) == 0 {
		return nil
	}
	now := n.now().UTC()
	var failed []error // one does not keep the others
	for i, used := range n.uses.Read(ctx, subjects, now.Add(-notedOver)) {
		_, err := n.store.Update(ctx, refs[i], func(s *sandbox.Sandbox) ([]sandbox.Event, error) {
			used.Note(s, now)
			return nil, nil
		})
		if !errors.Is(err, sandbox.ErrNotFound) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}
