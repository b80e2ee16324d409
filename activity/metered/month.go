package metered

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"golang.org/x/sync/errgroup"

	"github.com/mayfly-dev/mayfly/activity"
)

// question is a metric that is asked for, and where its answer goes.
type question struct {
	metric metric
	of     *activity.Metered
	take   func(series)
}

// Meter returns what was counted of each subject, in their order, from the
// beginning of a day in UTC to an end, which may be within a day. All metrics are
// asked for together, 500 in a request. It does not fail: what can't be found out
// of one subject is in its Unknown.
func (r *Reader) Meter(ctx context.Context, subjects []activity.Subject, start, end time.Time) []activity.Metered {
	start = start.UTC().Truncate(wholeDay)
	days := max(int((end.Sub(start)+wholeDay-1)/wholeDay), 0)
	out := make([]activity.Metered, len(subjects))
	var global, regional []question
	for i := range subjects {
		s, m := &subjects[i], &out[i]
		m.Stored = make([]*uint64, days)
		if s.DistributionID != "" {
			global = append(global,
				sum(m, ofSite("Requests", "Sum", s.DistributionID), &m.Requests),
				sum(m, ofSite("BytesDownloaded", "Sum", s.DistributionID), &m.BytesDownloaded),
				sum(m, ofSite("BytesUploaded", "Sum", s.DistributionID), &m.BytesUploaded))
		}
		if s.Bucket != "" {
			regional = append(regional, stored(m, s.Bucket, start))
		}
	}
	until := start.AddDate(0, 0, days)
	ask(ctx, r.Global, global, start, until)
	ask(ctx, r.Regional, regional, start, until)
	r.hold(ctx, subjects, out)
	return out
}

// sum asks for a metric, and adds up its days.
func sum(m *activity.Metered, of metric, into *uint64) question {
	return question{of, m, func(told series) {
		for _, v := range told.values {
			*into += uint64(max(v, 0))
		}
	}}
}

// stored asks for a bucket's size day by day.
func stored(m *activity.Metered, bucket string, start time.Time) question {
	size := metric{"AWS/S3", "BucketSizeBytes", "Average", []types.Dimension{dimension("BucketName", bucket), dimension("StorageType", "StandardStorage")}}
	return question{size, m, func(told series) {
		for at, v := range told.values {
			if day := int(time.Unix(at, 0).Sub(start) / wholeDay); day >= 0 && day < len(m.Stored) {
				bytes := uint64(max(v, 0))
				m.Stored[day] = &bytes
			}
		}
	}}
}

func ask(ctx context.Context, from Metrics, questions []question, start, end time.Time) {
	all := make([]metric, len(questions))
	for i := range questions {
		all[i] = questions[i].metric
	}
	for i, told := range read(ctx, from, all, start, end, wholeDay) {
		q := &questions[i]
		if told.unknown != "" {
			q.of.Unknown = append(q.of.Unknown, told.unknown)
		}
		q.take(told)
	}
}

// hold asks ECR what the repositories hold, of a few at once.
func (r *Reader) hold(ctx context.Context, subjects []activity.Subject, out []activity.Metered) {
	var looking errgroup.Group
	looking.SetLimit(looksAtOnce)
	for i := range subjects {
		if subjects[i].Repository == "" {
			continue
		}
		looking.Go(func() error {
			held, err := holdings(ctx, r.Images, subjects[i].Repository)
			if out[i].Held = held; err != nil {
				out[i].Unknown = append(out[i].Unknown, unlisted(subjects[i].Repository, err))
			}
			return nil
		})
	}
	_ = looking.Wait() // a look tells its troubles in what it metered
}
