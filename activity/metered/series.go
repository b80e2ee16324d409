package metered

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/mayfly-dev/mayfly/awserr"
)

// Metrics is what the package needs of CloudWatch.
type Metrics interface {
	GetMetricData(context.Context, *cloudwatch.GetMetricDataInput, ...func(*cloudwatch.Options)) (*cloudwatch.GetMetricDataOutput, error)
}

// mostQueries is how many metrics CloudWatch takes in one request.
const mostQueries = 500

// metric is a metric and the statistic that is wanted of it.
type metric struct {
	namespace, name, stat string
	dimensions            []types.Dimension
}

// series is what CloudWatch told of a metric, by the beginning of each period
// that has data.
type series struct {
	values map[int64]float64 // by seconds since 1970
	// unknown says why it is not all there is; "" when it is.
	unknown string
}

// read asks for metrics over a window, in as many requests as it takes, each
// paged to its end. It answers for each metric, in their order: a request that
// fails leaves those in it unknown, and no others.
func read(ctx context.Context, from Metrics, all []metric, start, end time.Time, period time.Duration) []series {
	out := make([]series, len(all))
	done := 0
	for batch := range slices.Chunk(all, mostQueries) {
		readBatch(ctx, from, batch, out[done:done+len(batch)], start, end, period)
		done += len(batch)
	}
	return out
}

func readBatch(ctx context.Context, from Metrics, batch []metric, out []series, start, end time.Time, period time.Duration) {
	in := &cloudwatch.GetMetricDataInput{StartTime: &start, EndTime: &end, ScanBy: types.ScanByTimestampAscending}
	place := make(map[string]*series, len(batch))
	for i := range batch {
		id := fmt.Sprintf("m%d", i)
		out[i] = series{values: make(map[int64]float64), unknown: "CloudWatch did not answer for " + batch[i].String()}
		place[id] = &out[i]
		in.MetricDataQueries = append(in.MetricDataQueries, types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{
			Metric: &types.Metric{Namespace: &batch[i].namespace, MetricName: &batch[i].name, Dimensions: batch[i].dimensions},
			Period: aws.Int32(int32(period / time.Second)), Stat: &batch[i].stat,
		}})
	}
	for pages := cloudwatch.NewGetMetricDataPaginator(from, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			for i := range out {
				if out[i].unknown != "" { // what was answered whole is known
					out[i].unknown = fmt.Sprintf("CloudWatch was asked for %s: %s", &batch[i], awserr.Told(err))
				}
			}
			return
		}
		for i := range page.MetricDataResults {
			result := &page.MetricDataResults[i]
			if to := place[aws.ToString(result.Id)]; to != nil {
				to.add(result)
			}
		}
	}
}

// add adds a page of an answer. A page that is not the last of its metric is in
// part; the last one says whether all is there.
func (s *series) add(result *types.MetricDataResult) {
	for i := range min(len(result.Timestamps), len(result.Values)) {
		s.values[result.Timestamps[i].Unix()] = result.Values[i]
	}
	s.unknown = ""
	if result.StatusCode != types.StatusCodeComplete {
		s.unknown = fmt.Sprintf("CloudWatch's answer is %s", result.StatusCode)
		for _, m := range result.Messages {
			s.unknown += ": " + aws.ToString(m.Value)
		}
	}
}

// String names the metric to a person.
func (m *metric) String() string {
	text := m.namespace + " " + m.name
	for _, d := range m.dimensions {
		text += " " + aws.ToString(d.Value)
	}
	return text
}

func dimension(name, value string) types.Dimension {
	return types.Dimension{Name: &name, Value: &value}
}

// ofSite is a metric of CloudFront's about a distribution.
func ofSite(name, stat, id string) metric {
	return metric{"AWS/CloudFront", name, stat, []types.Dimension{dimension("DistributionId", id), dimension("Region", "Global")}}
}

// pullsOf is ECR's count of pulls from a repository.
func pullsOf(repository string) metric {
	return metric{"AWS/ECR", "RepositoryPullCount", "Sum", []types.Dimension{dimension("RepositoryName", repository)}}
}
