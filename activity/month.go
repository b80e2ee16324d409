package activity

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Metered is what AWS counts of a sandbox that it asks money for.
type Metered struct {
	// What its distribution served.
	Requests, BytesDownloaded, BytesUploaded uint64
	// Stored is what its bucket held, all versions and unfinished uploads, in
	// bytes, by days of the window; a day of which S3 did not tell is nil. S3 tells
	// once a day, of the day before.
	Stored []*uint64
	// Held is what its private repository holds now.
	Held Holdings
	// Unknown says what could not be found out; the figures of it are zero.
	Unknown []string
}

// question is a metric that is asked for, and where its answer goes.
type question struct {
	metric metric
	of     *Metered
	take   func(series)
}

// Meter returns what was counted of each subject, in their order, from the
// beginning of a day in UTC to an end, which may be within a day. All metrics are
// asked for together, 500 in a request. It does not fail: what can't be found out
// of one subject is in its Unknown.
func (r *Reader) Meter(ctx context.Context, subjects []Subject, start, end time.Time) []Metered {
	start = start.UTC().Truncate(wholeDay)
	days := max(int((end.Sub(start)+wholeDay-1)/wholeDay), 0)
	out := make([]Metered, len(subjects))
	var global, regional []question
	for i := range subjects {
		s, m := &subjects[i], &out[i]
		m.Stored = make([]*uint64, days)
		if s.DistributionID != "" {
			global = append(global,
				m.sum(ofSite("Requests", "Sum", s.DistributionID), &m.Requests),
				m.sum(ofSite("BytesDownloaded", "Sum", s.DistributionID), &m.BytesDownloaded),
				m.sum(ofSite("BytesUploaded", "Sum", s.DistributionID), &m.BytesUploaded))
		}
		if s.Bucket != "" {
			regional = append(regional, m.stored(s.Bucket, start))
		}
	}
	until := start.AddDate(0, 0, days)
	ask(ctx, r.Global, global, start, until)
	ask(ctx, r.Regional, regional, start, until)
	r.hold(ctx, subjects, out)
	return out
}

// sum asks for a metric, and adds up its days.
func (m *Metered) sum(of metric, into *uint64) question {
	return question{of, m, func(told series) {
		for _, v := range told.values {
			*into += uint64(max(v, 0))
		}
	}}
}

// stored asks for a bucket's size day by day.
func (m *Metered) stored(bucket string, start time.Time) question {
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
func (r *Reader) hold(ctx context.Context, subjects []Subject, out []Metered) {
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
