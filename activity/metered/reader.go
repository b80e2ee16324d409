package metered

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/mayfly-dev/mayfly/activity"
	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// Releases is what the package needs of the store.
type Releases interface {
	ListReleases(ctx context.Context, ref sandbox.Ref, page sandbox.Page) ([]sandbox.Release, sandbox.Cursor, error)
}

// Reader finds out how sandboxes are used. All fields but Late and Quiet are
// needed.
type Reader struct {
	// Global is the CloudWatch of us-east-1, where CloudFront's metrics are,
	// whatever the region of the stack; Regional is that of the stack's region.
	Global, Regional Metrics
	Images           Images
	Releases         Releases
	Now              func() time.Time
	// Stage is the dimension of Mayfly's own metrics.
	Stage string
	// Late is how late CloudWatch tells AWS's metrics; what is newer is unknown
	// yet. [activity.Late] is right on AWS.
	Late time.Duration
	// Quiet is how many requests in five minutes are not yet use; 0, the
	// default, takes each request for use that is not regular.
	Quiet float64
}

// looksAtOnce is how many sandboxes ECR and the store are asked about at once:
// few enough for the rate at which ECR answers an account.
const looksAtOnce = 8

// The periods that are asked for: CloudWatch keeps the short one for 63 days.
const (
	shortPeriod = 5 * time.Minute
	longPeriod  = time.Hour
	shortKept   = 60 * 24 * time.Hour
)

// Read returns the activity of each subject, in their order, as far back as
// since, which CloudWatch's 455 days bound. All metrics are asked for together,
// 500 in a request. What that shows in use since the subject's InUse is not
// looked at further; only of the others ECR and the store are asked, a few at
// once.
//
// It does not fail: what can't be found out of one subject is in its Unknown.
func (r *Reader) Read(ctx context.Context, subjects []activity.Subject, since time.Time) []activity.Activity {
	now := r.Now().UTC()
	period := shortPeriod
	if now.Sub(since) > shortKept {
		period = longPeriod
	}
	start, end := since.UTC().Truncate(period), now.Truncate(period).Add(period)
	out := make([]activity.Activity, len(subjects))
	for i := range subjects {
		out[i] = activity.Activity{Last: subjects[i].Known, Since: start, Until: now.Add(-r.Late)}
	}
	// last adds the last use in a series of a subject; it was at the end of its
	// period at the latest.
	last := func(i int, kind activity.Kind, told series, quiet float64) {
		if told.unknown != "" {
			out[i].Unknown = append(out[i].Unknown, told.unknown)
		}
		if at, ok := lastUse(told.values, start, now, period, quiet); ok {
			if at = at.Add(period); at.After(now) {
				at = now
			}
			out[i].Last = out[i].Last.Later(activity.Use{Kind: kind, At: at})
		}
	}
	var sites, pulls []metric
	var sitesOf, pullsFor []int
	for i := range subjects {
		if id := subjects[i].DistributionID; id != "" {
			sites, sitesOf = append(sites, ofSite("Requests", "Sum", id)), append(sitesOf, i)
		}
		if name := subjects[i].Repository; name != "" {
			pulls, pullsFor = append(pulls, pullsOf(name)), append(pullsFor, i)
		}
	}
	for j, told := range read(ctx, r.Global, sites, start, end, period) {
		last(sitesOf[j], activity.Request, told, r.Quiet*float64(period/shortPeriod))
	}
	for j, told := range read(ctx, r.Regional, pulls, start, end, period) {
		last(pullsFor[j], activity.Pull, told, 0)
	}
	var looking errgroup.Group
	looking.SetLimit(looksAtOnce)
	for i := range subjects {
		if out[i].Last.At.Before(later(start, subjects[i].InUse)) {
			looking.Go(func() error {
				r.look(ctx, &subjects[i], &out[i])
				return nil
			})
		}
	}
	_ = looking.Wait() // a look tells its troubles in the activity
	return out
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// look asks ECR and the store about a subject that no metric shows in use.
func (r *Reader) look(ctx context.Context, s *activity.Subject, a *activity.Activity) {
	if s.Repository != "" {
		held, err := holdings(ctx, r.Images, s.Repository)
		if err != nil {
			a.Unknown = append(a.Unknown, unlisted(s.Repository, err))
		}
		a.Last = a.Last.Later(held.Last)
	}
	if s.PublicRepository != "" {
		a.Untold = append(a.Untold, "AWS does not tell who pulls from the public repository "+s.PublicRepository)
	}
	newest, _, err := r.Releases.ListReleases(ctx, s.Ref, sandbox.Page{Limit: 1})
	if err != nil {
		a.Unknown = append(a.Unknown, fmt.Sprintf("list the releases of %s: %s", s.Ref.Name, awserr.Told(err)))
	}
	for i := range newest {
		a.Last = a.Last.Later(activity.Use{Kind: activity.Release, At: newest[i].CreatedAt}).Later(activity.Use{Kind: activity.Release, At: newest[i].EndedAt})
	}
}
