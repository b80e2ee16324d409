package metered

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/mayfly-dev/mayfly/activity"
	mayfly "github.com/mayfly-dev/mayfly/metric"
)

const wholeDay = 24 * time.Hour

// Usage returns how a sandbox was used in the last days, of which today is one.
func (r *Reader) Usage(ctx context.Context, s activity.Subject, days int) activity.Usage {
	end := r.Now().UTC().Truncate(wholeDay).Add(wholeDay)
	start := end.AddDate(0, 0, -days)
	u := activity.Usage{Days: make([]activity.Day, days)}
	for i := range u.Days {
		u.Days[i].Date = start.AddDate(0, 0, i)
	}
	if s.DistributionID != "" {
		put(ctx, &u, r.Global, start, end, []column{
			{ofSite("Requests", "Sum", s.DistributionID), func(d *activity.Day, v float64) { d.Requests = int64(v) }},
			{ofSite("BytesDownloaded", "Sum", s.DistributionID), func(d *activity.Day, v float64) { d.BytesDownloaded = int64(v) }},
			{ofSite("BytesUploaded", "Sum", s.DistributionID), func(d *activity.Day, v float64) { d.BytesUploaded = int64(v) }},
			{ofSite("TotalErrorRate", "Average", s.DistributionID), func(d *activity.Day, v float64) { d.ErrorRate = &v }},
			{ofSite("CacheHitRate", "Average", s.DistributionID), func(d *activity.Day, v float64) { d.HitRate = &v }},
		})
	}
	if s.Repository != "" {
		pushes := metric{mayfly.Namespace, string(mayfly.Pushes), "Sum", []types.Dimension{
			dimension(mayfly.Stage, r.Stage), dimension(mayfly.RepositoryName, s.Repository),
		}}
		put(ctx, &u, r.Regional, start, end, []column{
			{pullsOf(s.Repository), func(d *activity.Day, v float64) { d.Pulls = int64(v) }},
			{pushes, func(d *activity.Day, v float64) { d.Pushes = int64(v) }},
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
	set    func(*activity.Day, float64)
}

// put reads columns into the days.
func put(ctx context.Context, u *activity.Usage, from Metrics, start, end time.Time, columns []column) {
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
