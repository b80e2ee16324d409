package meter

import (
	"context"
	"fmt"
	"time"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// see remembers by what the sandbox's resources are metered; what is gone was
// used, too.
func see(e *cost.Estimate, subject *activity.Subject, box *sandbox.Sandbox) {
	for _, one := range []struct {
		into *string
		now  string
	}{
		{&e.Seen.DistributionID, subject.DistributionID}, {&e.Seen.Bucket, subject.Bucket}, {&e.Seen.Repository, subject.Repository},
		{&e.Seen.PriceClass, box.Spec.PriceClass},
	} {
		if one.now != "" {
			*one.into = one.now
		}
	}
	e.Seen.Changed = box.UpdatedAt
	spec := sandbox.Defaults(box.Spec)
	e.Usage.EdgeFunction = e.Usage.EdgeFunction || spec.Delivery == events.DeliveryCloudFront && !spec.SinglePageApp
	if spec.Delivery == events.DeliveryWebsite {
		e.Unknown = append(e.Unknown, "S3 does not tell who asks a website endpoint: its requests and bytes are not counted")
	}
	if subject.PublicRepository != "" {
		e.Unknown = append(e.Unknown, "ECR Public does not tell what is pulled from it")
	}
}

// fill puts what was counted up to a time into the usage. Of a month's sums the
// larger stays: what CloudWatch did not tell now it told before.
func fill(e *cost.Estimate, counted *activity.Metered, until time.Time) {
	u := &e.Usage
	u.Requests = max(u.Requests, counted.Requests)
	u.BytesDownloaded = max(u.BytesDownloaded, counted.BytesDownloaded)
	u.BytesUploaded = max(u.BytesUploaded, counted.BytesUploaded)

	// S3 tells of what it holds once a day; until then it holds as much as the
	// largest release.
	u.StorageBytes = max(u.StorageBytes, e.Seen.SiteBytes)
	if last := lastOf(counted.Stored); last != nil {
		u.StorageBytes = max(*last, e.Seen.SiteBytes)
	}
	u.StorageByteHours = max(u.StorageByteHours, stored(e, counted.Stored, until))

	// What a repository held since the last time is not told: the most of the two.
	held := u.ImageBytes
	if known := counted.Held; known.Images > 0 || len(counted.Unknown) == 0 {
		held = uint64(max(known.Bytes, 0))
	}
	u.ImageByteHours += cost.ByteHours(max(held, u.ImageBytes), until.Sub(e.Until))
	u.ImageBytes = held
}

func lastOf(days []*uint64) *uint64 {
	for i := len(days) - 1; i >= 0; i-- {
		if days[i] != nil {
			return days[i]
		}
	}
	return nil
}

// stored returns the byte-hours of a month's bucket: each day what S3 told of
// it, or what it told last before; and of days before the first, what is known.
func stored(e *cost.Estimate, days []*uint64, until time.Time) (sum uint64) {
	const day = 24 * time.Hour
	bytes := e.Usage.StorageBytes
	for _, first := range days {
		if first != nil {
			bytes = *first
			break
		}
	}
	for i := range days {
		if days[i] != nil {
			bytes = *days[i]
		}
		begin := e.Month.Start().Add(time.Duration(i) * day)
		from, to := later(begin, e.From), earlier(begin.Add(day), until)
		sum += cost.ByteHours(bytes, to.Sub(from))
	}
	return sum
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// executions counts the flows that the record tells of: the one that made it,
// its updates, sleeps and wakes. Its teardown is counted at its end.
func executions(e *cost.Estimate, box *sandbox.Sandbox) {
	if e.Usage.Executions == nil {
		e.Usage.Executions = make(cost.Executions)
	}
	if !box.CreatedAt.Before(e.Month.Start()) {
		e.Usage.Executions["provision"] = 1
	}
	slept, woke := max(box.Sleeps-e.Seen.Sleeps, 0), max(box.Wakes-e.Seen.Wakes, 0)
	updated := box.Attempt - e.Seen.Attempt - slept - woke
	if box.Phase == sandbox.PhaseDeleting {
		updated--
	}
	for machine, more := range map[string]int{"update": updated, "sleep": slept, "wake": woke} {
		if more > 0 {
			e.Usage.Executions[machine] += uint64(more)
		}
	}
	e.Seen.Attempt, e.Seen.Sleeps, e.Seen.Wakes = box.Attempt, box.Sleeps, box.Wakes
}

// releases are those of a month.
type releases struct {
	known                        bool
	released, rolledOut, deploys uint64
	written, siteBytes           uint64
}

// releases counts a sandbox's releases in a month, page by page.
func (m *Meter) releases(ctx context.Context, ref sandbox.Ref, month cost.Month) (releases, error) {
	r := releases{known: true}
	for page := (sandbox.Page{Limit: 100}); ; {
		found, next, err := m.Records.ListReleases(ctx, ref, page)
		if err != nil {
			return releases{}, fmt.Errorf("list the releases of %s: %w", ref.Name, err)
		}
		for i := range found {
			one := &found[i]
			if one.CreatedAt.Before(month.Start()) {
				return r, nil // newest first
			}
			if !one.CreatedAt.Before(month.End()) {
				continue
			}
			r.add(one)
		}
		if page.After = next; next == "" {
			return r, nil
		}
	}
}

func (r *releases) add(one *sandbox.Release) {
	if one.Pushed() {
		r.deploys++
	}
	if one.Rollout != nil {
		r.rolledOut++
		return
	}
	r.released++
	r.written += uint64(max(one.Written, 0))
	r.siteBytes = max(r.siteBytes, uint64(max(one.Bytes, 0)))
}

// count puts the releases into the usage.
func (r *releases) count(e *cost.Estimate) {
	if !r.known {
		return
	}
	if e.Usage.Executions == nil {
		e.Usage.Executions = make(cost.Executions)
	}
	for machine, n := range map[string]uint64{"release": r.released, "rollout": r.rolledOut, "deploy": r.deploys} {
		if n > 0 {
			e.Usage.Executions[machine] = n
		}
	}
	e.Usage.Written = r.written
	e.Seen.SiteBytes = r.siteBytes
}
