package cloudwatch_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/mayfly-dev/mayfly/local/cloudwatch"
)

// BenchmarkPut measures one flush of the meter: six data about each of 100
// distributions.
func BenchmarkPut(b *testing.B) {
	s, err := cloudwatch.New(cloudwatch.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var data []cloudwatch.Datum
	for i := range 600 {
		data = append(data, cloudwatch.Datum{
			Name: fmt.Sprint("m", i%6), Set: &cloudwatch.StatisticSet{SampleCount: 9, Sum: 9, Minimum: 1, Maximum: 1},
			Dimensions: []cloudwatch.Dimension{{Name: "DistributionId", Value: fmt.Sprint("E", i/6)}, {Name: "Region", Value: "Global"}},
		})
	}
	at := time.Now()
	for b.Loop() {
		at = at.Add(time.Second)
		for i := range data {
			data[i].At = at
		}
		if err := s.Put(b.Context(), "AWS/CloudFront", data); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(data)*b.N)/b.Elapsed().Seconds(), "data/s")
}

// BenchmarkGetMetricData measures what the idleness of 500 sandboxes is judged
// by: a day of each in five minutes, by the AWS SDK.
func BenchmarkGetMetricData(b *testing.B) {
	w := newWorld(b, cloudwatch.Options{})
	var queries []types.MetricDataQuery
	for i := range 500 {
		site := dimension("DistributionId", fmt.Sprint("E", i))
		var data []cloudwatch.Datum
		for minute := range 24 * 12 {
			data = append(data, cloudwatch.Datum{
				Name: "Requests", At: start.Add(time.Duration(minute) * -5 * time.Minute), Set: &cloudwatch.StatisticSet{SampleCount: 9, Sum: 9, Minimum: 1, Maximum: 1},
				Dimensions: []cloudwatch.Dimension{{Name: "DistributionId", Value: *site.Value}},
			})
		}
		if err := w.service.Put(b.Context(), "AWS/CloudFront", data); err != nil {
			b.Fatal(err)
		}
		queries = append(queries, ask(fmt.Sprint("q", i), "AWS/CloudFront", "Requests", "Sum", 5*time.Minute, site))
	}
	from := aws.Time(start.Add(-24 * time.Hour))
	points := 0
	for b.Loop() {
		points = 0
		for _, of := range w.get(*from, start.Add(time.Minute), queries...) {
			points += len(of)
		}
	}
	if points != 500*288 {
		b.Fatalf("%d points", points)
	}
	b.ReportMetric(float64(points*b.N)/b.Elapsed().Seconds(), "points/s")
}
