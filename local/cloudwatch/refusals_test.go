package cloudwatch_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	client "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/mayfly-dev/mayfly/local/cloudwatch"
)

func TestDataThatCloudWatchRefuses(t *testing.T) {
	w := newWorld(t, cloudwatch.Options{})
	many := make([]types.Dimension, 31)
	for i := range many {
		many[i] = dimension(fmt.Sprint("d", i), "v")
	}
	tooMany := make([]types.MetricDatum, 1001)
	for i := range tooMany {
		tooMany[i] = value("m", start, 1)
	}
	set := func(count, least, most float64) types.MetricDatum {
		return types.MetricDatum{MetricName: aws.String("m"), StatisticValues: &types.StatisticSet{SampleCount: &count, Sum: aws.Float64(1), Minimum: &least, Maximum: &most}}
	}
	const badValue, badPair, absent = "InvalidParameterValue", "InvalidParameterCombination", "MissingParameter"
	for _, tc := range []struct {
		name, namespace, code string
		data                  []types.MetricDatum
	}{
		{"no data", "App", absent, nil},
		{"a namespace with a colon first", ":App", badValue, []types.MetricDatum{value("m", start, 1)}},
		{"a namespace that is too long", strings.Repeat("n", 256), badValue, []types.MetricDatum{value("m", start, 1)}},
		{"a name that is too long", "App", badValue, []types.MetricDatum{value(strings.Repeat("n", 256), start, 1)}},
		{"a name that is not ASCII", "App", badValue, []types.MetricDatum{value("m\u00fc", start, 1)}},
		{"an empty name", "App", absent, []types.MetricDatum{value("", start, 1)}},
		{"too many dimensions", "App", badValue, []types.MetricDatum{value("m", start, 1, many...)}},
		{"a dimension twice", "App", badValue, []types.MetricDatum{value("m", start, 1, dimension("a", "1"), dimension("a", "2"))}},
		{"a dimension without a value", "App", absent, []types.MetricDatum{value("m", start, 1, dimension("a", ""))}},
		{"a value that is no number", "App", badValue, []types.MetricDatum{value("m", start, math.NaN())}},
		{"an infinite value", "App", badValue, []types.MetricDatum{value("m", start, math.Inf(-1))}},
		{"a value that is too large", "App", badValue, []types.MetricDatum{value("m", start, math.Pow(2, 361))}},
		{"no value", "App", absent, []types.MetricDatum{{MetricName: aws.String("m")}}},
		{"a value and values", "App", badPair, []types.MetricDatum{{MetricName: aws.String("m"), Value: aws.Float64(1), Values: []float64{1}}}},
		{"more counts than values", "App", badPair, []types.MetricDatum{{MetricName: aws.String("m"), Values: []float64{1}, Counts: []float64{1, 2}}}},
		{"a count of zero", "App", badValue, []types.MetricDatum{{MetricName: aws.String("m"), Values: []float64{1}, Counts: []float64{0}}}},
		{"too many values", "App", badValue, []types.MetricDatum{{MetricName: aws.String("m"), Values: make([]float64, 151)}}},
		{"a set without samples", "App", badValue, []types.MetricDatum{set(0, 1, 1)}},
		{"a set whose minimum is above its maximum", "App", badValue, []types.MetricDatum{set(1, 2, 1)}},
		{"data of three weeks ago", "App", badValue, []types.MetricDatum{value("m", start.Add(-21*24*time.Hour), 1)}},
		{"data of tomorrow", "App", badValue, []types.MetricDatum{value("m", start.Add(24*time.Hour), 1)}},
		{"an unknown unit", "App", badValue, []types.MetricDatum{{MetricName: aws.String("m"), Value: aws.Float64(1), Unit: "Parsec"}}},
		{"a resolution of 7", "App", badValue, []types.MetricDatum{{MetricName: aws.String("m"), Value: aws.Float64(1), StorageResolution: aws.Int32(7)}}},
		{"too many data", "App", badValue, tooMany},
		{"a bad datum behind a good one", "App", badValue, []types.MetricDatum{value("good", start, 1), value("m", start, math.NaN())}},
	} {
		_, err := w.aws.PutMetricData(t.Context(), &client.PutMetricDataInput{Namespace: &tc.namespace, MetricData: tc.data})
		if err == nil {
			t.Errorf("%s: taken", tc.name)
			continue
		}
		t.Run(tc.name, func(t *testing.T) { expectError(t, err, tc.code) })
	}
	list, err := w.aws.ListMetrics(t.Context(), &client.ListMetricsInput{})
	if err != nil || len(list.Metrics) != 0 {
		t.Errorf("after refusals alone there are %v, %v", list.Metrics, err)
	}
}

func TestQuestionsThatCloudWatchRefuses(t *testing.T) {
	w := newWorld(t, cloudwatch.Options{})
	hour := start.Add(time.Hour)
	good := ask("a", "App", "m", "Sum", time.Minute)
	many := make([]types.MetricDataQuery, 501)
	for i := range many {
		many[i] = ask(fmt.Sprint("q", i), "App", "m", "Sum", time.Minute)
	}
	for name, in := range map[string]*client.GetMetricDataInput{
		"too many queries":      {StartTime: &start, EndTime: &hour, MetricDataQueries: many},
		"no query":              {StartTime: &start, EndTime: &hour, MetricDataQueries: []types.MetricDataQuery{}},
		"an end before a start": {StartTime: &hour, EndTime: &start, MetricDataQueries: []types.MetricDataQuery{good}},
		"an id twice":           {StartTime: &start, EndTime: &hour, MetricDataQueries: []types.MetricDataQuery{good, good}},
		"an id in capitals":     {StartTime: &start, EndTime: &hour, MetricDataQueries: []types.MetricDataQuery{ask("A", "App", "m", "Sum", time.Minute)}},
		"a period of 90 s":      {StartTime: &start, EndTime: &hour, MetricDataQueries: []types.MetricDataQuery{ask("a", "App", "m", "Sum", 90*time.Second)}},
		"an unknown statistic":  {StartTime: &start, EndTime: &hour, MetricDataQueries: []types.MetricDataQuery{ask("a", "App", "m", "tm90", time.Minute)}},
		"a percentile above":    {StartTime: &start, EndTime: &hour, MetricDataQueries: []types.MetricDataQuery{ask("a", "App", "m", "p100.1", time.Minute)}},
		"metric math":           {StartTime: &start, EndTime: &hour, MetricDataQueries: []types.MetricDataQuery{{Id: aws.String("e"), Expression: aws.String("m1 + m2")}}},
		"too many data points":  {StartTime: &start, EndTime: &hour, MetricDataQueries: []types.MetricDataQuery{good}, MaxDatapoints: aws.Int32(100_801)},
	} {
		_, err := w.aws.GetMetricData(t.Context(), in)
		t.Run(name, func(t *testing.T) { expectError(t, err, "ValidationError") })
	}
	statistics := func(from, to time.Time, period int32, plain []types.Statistic, extended []string) error {
		_, err := w.aws.GetMetricStatistics(t.Context(), &client.GetMetricStatisticsInput{
			Namespace: aws.String("App"), MetricName: aws.String("m"), StartTime: &from, EndTime: &to, Period: &period, Statistics: plain, ExtendedStatistics: extended,
		})
		return err
	}
	sum := []types.Statistic{"Sum"}
	expectError(t, statistics(hour, start, 60, sum, nil), "InvalidParameterCombination")
	expectError(t, statistics(start, start.Add(1441*time.Minute), 60, sum, nil), "InvalidParameterCombination")
	expectError(t, statistics(start, hour, 61, sum, nil), "InvalidParameterValue")
	expectError(t, statistics(start, hour, 60, nil, nil), "MissingParameter")
	expectError(t, statistics(start, hour, 60, sum, []string{"p50"}), "InvalidParameterCombination")
	expectError(t, statistics(start, hour, 60, []types.Statistic{"Median"}, nil), "InvalidParameterValue")
	_, err := w.aws.ListMetrics(t.Context(), &client.ListMetricsInput{NextToken: aws.String("zz")})
	expectError(t, err, "InvalidParameterValue")
	_, err = w.aws.DescribeAlarms(t.Context(), &client.DescribeAlarmsInput{})
	expectError(t, err, "InvalidAction")
}
