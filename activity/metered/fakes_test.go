package metered_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	ecrtypes "github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/sandbox"
)

// watch is a CloudWatch with some data points by metric, told in pages of so
// many metrics. It refuses as CloudWatch does.
type watch struct {
	points map[string]map[time.Time]float64 // by "namespace name dimension-value…"
	page   int
	status map[string]types.StatusCode
	// silent are metrics that answers leave out.
	silent map[string]bool
	// fail is what the request with a number answers, counted from 1.
	fail     map[int]error
	requests int
	queries  int
}

func (w *watch) GetMetricData(_ context.Context, in *cloudwatch.GetMetricDataInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error) {
	w.requests++
	if err := w.fail[w.requests]; err != nil {
		return nil, err
	}
	if len(in.MetricDataQueries) > 500 {
		return nil, &smithy.GenericAPIError{Code: "ValidationError", Message: "The collection MetricDataQueries must not have a size greater than 500."}
	}
	from, _ := strconv.Atoi(aws.ToString(in.NextToken))
	to := len(in.MetricDataQueries)
	out := &cloudwatch.GetMetricDataOutput{}
	if w.page > 0 && from+w.page < to {
		to = from + w.page
		out.NextToken = aws.String(strconv.Itoa(to))
	}
	for i, q := range in.MetricDataQueries {
		w.queries++
		m := q.MetricStat
		key := *m.Metric.Namespace + " " + *m.Metric.MetricName
		for _, d := range m.Metric.Dimensions {
			key += " " + *d.Value
		}
		if w.silent[key] {
			continue
		}
		r := types.MetricDataResult{Id: q.Id, StatusCode: types.StatusCodeComplete}
		if i < from || i >= to { // told on other pages
			continue
		}
		if status, ok := w.status[key]; ok {
			r.StatusCode = status
			r.Messages = []types.MessageData{{Code: aws.String("x"), Value: aws.String("a reason")}}
		}
		period := time.Duration(*m.Period) * time.Second
		sums := make(map[time.Time]float64)
		for at, v := range w.points[key] {
			if !at.Before(*in.StartTime) && at.Before(*in.EndTime) {
				sums[in.StartTime.Add(at.Sub(*in.StartTime).Truncate(period))] += v
			}
		}
		for at, v := range sums {
			r.Timestamps, r.Values = append(r.Timestamps, at), append(r.Values, v)
		}
		out.MetricDataResults = append(out.MetricDataResults, r)
	}
	return out, nil
}

// images is an ECR with images by repository, in pages of two.
type images struct {
	mu    sync.Mutex
	all   map[string][]ecrtypes.ImageDetail
	err   error
	asked []string
}

func (i *images) DescribeImages(_ context.Context, in *ecr.DescribeImagesInput, _ ...func(*ecr.Options)) (*ecr.DescribeImagesOutput, error) {
	i.mu.Lock()
	i.asked = append(i.asked, *in.RepositoryName)
	i.mu.Unlock()
	if i.err != nil {
		return nil, i.err
	}
	all, ok := i.all[*in.RepositoryName]
	if !ok {
		return nil, &ecrtypes.RepositoryNotFoundException{Message: aws.String("The repository does not exist")}
	}
	from, _ := strconv.Atoi(aws.ToString(in.NextToken))
	to := min(from+2, len(all))
	out := &ecr.DescribeImagesOutput{ImageDetails: all[from:to]}
	if to < len(all) {
		out.NextToken = aws.String(strconv.Itoa(to))
	}
	return out, nil
}

// releases is a store with the newest release of some sandboxes.
type releases struct {
	newest map[string]sandbox.Release
	err    error
}

func (r *releases) ListReleases(_ context.Context, ref sandbox.Ref, page sandbox.Page) ([]sandbox.Release, sandbox.Cursor, error) {
	if page.Limit != 1 {
		return nil, "", fmt.Errorf("asked for %d releases", page.Limit)
	}
	if found, ok := r.newest[ref.Name]; ok {
		return []sandbox.Release{found}, "", r.err
	}
	return nil, "", r.err
}
