package activity

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	mayfly "github.com/mayfly-dev/mayfly/metric"
)

// Day is what happened to a sandbox on one day, in UTC.
type Day struct {
	// Date is the day's beginning.
	Date time.Time
	// Requests, and what they moved in bytes.
	Requests, BytesDownloaded, BytesUploaded int64
	// ErrorRate is the share of requests that were answered with a 4xx or 5xx,
	// in percent; nil without requests.
	ErrorRate *float64
	// HitRate is the share of cacheable requests that were answered from the
	// cache, in percent; nil when it is not known. On AWS it is with a
	// distribution's additional metrics alone, which cost extra.
	HitRate *float64
	// Pulls and Pushes are of the private repository.
	Pulls, Pushes int64
}

// Usage is what is known of how a sandbox was used.
type Usage struct {
	Days []Day // from the earliest to today
	// Held is what its private repository holds.
	Held Holdings
	// Unknown says what could not be found out; the figures of it are zero.
	Unknown []string
}

const wholeDay = 24 * time.Hour

// Usage returns how a sandbox was used in the last days, of which today is one.
func (r *Reader) Usage(ctx context.Context, s Subject, days int) Usage {
	end := r.Now().UTC().Truncate(wholeDay).Add(wholeDay)
	start := end.AddDate(0, 0, -days)
	u := Usage{Days: make([]Day, days)}
	for i := range u.Days {
		u.Days[i].Date = start.AddDate(0, 0, i)
	}
	if s.DistributionID != "" {
		u.put(ctx, r.Global, start, end, []column{
			{ofSite("Requests", "Sum", s.DistributionID), func(d *Day, v float64) { d.Requests = int64(v) }},
			{ofSite("BytesDownloaded", "Sum", s.DistributionID), func(d *Day, v float64) { d.BytesDownloaded = int64(v) }},
			{ofSite("BytesUploaded", "Sum", s.DistributionID), func(d *Day, v float64) { d.BytesUploaded = int64(v) }},
			{ofSite("TotalErrorRate", "Average", s.DistributionID), func(d *Day, v float64) { d.ErrorRate = &v }},
			{ofSite("CacheHitRate", "Average", s.DistributionID), func(d *Day, v float64) { d.HitRate = &v }},
		})
	}
	if s.Repository != "" {
		pushes := metric{mayfly.Namespace, string(mayfly.Pushes), "Sum", []types.Dimension{
			dimension(mayfly.Stage, r.Stage), dimension(mayfly.RepositoryName, s.Repository),
		}}
		u.put(ctx, r.Regional, start, end, []column{
			{pullsOf(s.Repository), func(d *Day, v float64) { d.Pulls = int64(v) }},
			{pushes, func(d *Day, v float64) { d.Pushes = int64(v) }},
		})
		held, err := holdings(ctx, r.Images, s.Repository)
		if u.Held = held; err != nil {
			u.Unknown = append(u.Unknown, unlisted(s.Repository, err))
		}
	}
	return u
}

// column is a metric, and where a day's value of it goes.
type column struct {
	metric metric
	set    func(*Day, float64)
}

// put reads columns into the days.
func (u *Usage) put(ctx context.Context, from Metrics, start, end time.Time, columns []column) {
	all := make([]metric, len(columns))
	for i := range columns {
		all[i] = columns[i].metric
	}
	for i, told := range read(ctx, from, all, start, end, wholeDay) {
		if told.unknown != "" {
			u.Unknown = append(u.Unknown, told.unknown)
		}
		for at, v := range told.values {
			if day := int(time.Unix(at, 0).Sub(start) / wholeDay); day >= 0 && day < len(u.Days) {
				columns[i].set(&u.Days[day], v)
			}
		}
	}
}
