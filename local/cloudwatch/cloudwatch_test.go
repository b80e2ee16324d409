package cloudwatch_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	client "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/local/cloudwatch"
)

func TestWhatIsPutIsAddedUpByPeriod(t *testing.T) {
	w := newWorld(t, cloudwatch.Options{})
	site, other := dimension("Site", "a"), dimension("Site", "b")
	stage := dimension("Stage", "test")
	w.put("App",
		value("Visits", start, 1, site, stage), value("Visits", start.Add(59*time.Second), 2, stage, site), // the same metric
		value("Visits", start.Add(time.Minute), 4, site, stage), value("Visits", start, 8, other, stage),
		value("Visits", start.Add(30*time.Minute), 16, site, stage),
		types.MetricDatum{MetricName: aws.String("Visits"), Timestamp: aws.Time(start.Add(31 * time.Minute)), Dimensions: []types.Dimension{site, stage}, StatisticValues: &types.StatisticSet{SampleCount: aws.Float64(4), Sum: aws.Float64(32), Minimum: aws.Float64(2), Maximum: aws.Float64(20)}},
		types.MetricDatum{MetricName: aws.String("Visits"), Timestamp: aws.Time(start.Add(32 * time.Minute)), Dimensions: []types.Dimension{site, stage}, Values: []float64{1, 5}, Counts: []float64{3, 1}},
	)
	w.restart()
	got := w.get(start, start.Add(time.Hour),
		ask("minutes", "App", "Visits", "Sum", time.Minute, site, stage),
		ask("thirty", "App", "Visits", "Sum", 30*time.Minute, stage, site),
		ask("count", "App", "Visits", "SampleCount", 30*time.Minute, stage, site),
		ask("average", "App", "Visits", "Average", time.Hour, stage, site),
		ask("least", "App", "Visits", "Minimum", time.Hour, stage, site),
		ask("most", "App", "Visits", "Maximum", time.Hour, stage, site),
		ask("never", "App", "Visits", "Sum", time.Hour, site),
	)
	want := map[string]map[string]float64{
		"minutes": {"2026-07-01 12:10:00": 3, "2026-07-01 12:11:00": 4, "2026-07-01 12:40:00": 16, "2026-07-01 12:41:00": 32, "2026-07-01 12:42:00": 8},
		"thirty":  {"2026-07-01 12:10:00": 7, "2026-07-01 12:40:00": 56},
		"count":   {"2026-07-01 12:10:00": 3, "2026-07-01 12:40:00": 9},
		"average": {"2026-07-01 12:10:00": 63.0 / 12},
		"least":   {"2026-07-01 12:10:00": 1},
		"most":    {"2026-07-01 12:10:00": 20},
		"never":   {},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPercentiles(t *testing.T) {
	w := newWorld(t, cloudwatch.Options{})
	var data []cloudwatch.Datum
	for i := range 1000 {
		data = append(data,
			cloudwatch.Datum{Name: "Took", At: start.Add(time.Duration(i) * time.Second), Unit: "Milliseconds", Values: []float64{float64(i + 1)}},
			cloudwatch.Datum{Name: "Below", At: start, Values: []float64{float64(i - 1)}})
	}
	if err := w.service.Put(t.Context(), "App", data); err != nil {
		t.Fatal(err)
	}
	w.put("App", types.MetricDatum{MetricName: aws.String("Summed"), Timestamp: &start, StatisticValues: &types.StatisticSet{SampleCount: aws.Float64(2), Sum: aws.Float64(3), Minimum: aws.Float64(1), Maximum: aws.Float64(2)}})
	out, err := w.aws.GetMetricStatistics(t.Context(), &client.GetMetricStatisticsInput{
		Namespace: aws.String("App"), MetricName: aws.String("Took"), StartTime: &start, EndTime: aws.Time(start.Add(time.Hour)), Period: aws.Int32(3600),
		ExtendedStatistics: []string{"p0", "p50", "p99.9", "p100"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Datapoints) != 1 || out.Datapoints[0].Unit != types.StandardUnitMilliseconds {
		t.Fatalf("got %+v", out)
	}
	for name, want := range map[string]float64{"p0": 1, "p50": 500, "p99.9": 999, "p100": 1000} {
		if got := out.Datapoints[0].ExtendedStatistics[name]; math.Abs(got-want) > want/100 {
			t.Errorf("%s is %g, want %g within a hundredth", name, got, want)
		}
	}
	got := w.get(start, start.Add(time.Hour), ask("negative", "App", "Below", "p50", time.Hour), ask("summed", "App", "Summed", "p50", time.Hour))
	if diff := cmp.Diff(map[string]map[string]float64{"negative": {}, "summed": {}}, got); diff != "" {
		t.Errorf("there are no percentiles of what has negative values, or is only known summed up: %s", diff)
	}
}

func TestUnitsAreToldApart(t *testing.T) {
	w := newWorld(t, cloudwatch.Options{})
	a, b := value("Size", start, 1), value("Size", start, 1024)
	a.Unit, b.Unit = types.StandardUnitKilobytes, types.StandardUnitBytes
	w.put("App", a, b)
	in := &client.GetMetricStatisticsInput{
		Namespace: aws.String("App"), MetricName: aws.String("Size"), StartTime: &start, EndTime: aws.Time(start.Add(time.Minute)), Period: aws.Int32(60), Statistics: []types.Statistic{"Sum", "Maximum"},
	}
	for unit, want := range map[types.StandardUnit]string{"": "Bytes 1024 Kilobytes 1", "Bytes": "Bytes 1024", "Seconds": ""} {
		in.Unit = unit
		out, err := w.aws.GetMetricStatistics(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, p := range out.Datapoints {
			got += fmt.Sprintf(" %s %g", p.Unit, *p.Sum)
		}
		if got != "" {
			got = got[1:]
		}
		if got != want {
			t.Errorf("unit %q: got %q, want %q", unit, got, want)
		}
	}
}

func TestResultsComeInPages(t *testing.T) {
	w := newWorld(t, cloudwatch.Options{})
	var data []types.MetricDatum
	for i := range 10 {
		data = append(data, value("A", start.Add(time.Duration(i)*time.Minute), float64(i)), value("B", start.Add(time.Duration(i)*time.Minute), float64(100+i)))
	}
	w.put("App", data...)
	for _, order := range []types.ScanBy{types.ScanByTimestampAscending, types.ScanByTimestampDescending} {
		in := &client.GetMetricDataInput{
			StartTime: &start, EndTime: aws.Time(start.Add(time.Hour)), MaxDatapoints: aws.Int32(3), ScanBy: order,
			MetricDataQueries: []types.MetricDataQuery{ask("a", "App", "A", "Sum", time.Minute), ask("b", "App", "B", "Sum", time.Minute)},
		}
		got := map[string][]float64{}
		pages, last := 0, types.StatusCode("")
		for p := client.NewGetMetricDataPaginator(w.aws, in); p.HasMorePages(); pages++ {
			page, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.MetricDataResults {
				got[*r.Id], last = append(got[*r.Id], r.Values...), r.StatusCode
			}
			if page.NextToken != nil {
				other := *in
				other.StartTime, other.NextToken = aws.Time(start.Add(-time.Hour)), page.NextToken
				_, err := w.aws.GetMetricData(t.Context(), &other)
				expectError(t, err, "InvalidNextToken")
			}
		}
		want := map[string][]float64{"a": {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, "b": {100, 101, 102, 103, 104, 105, 106, 107, 108, 109}}
		if order == types.ScanByTimestampDescending {
			slices.Reverse(want["a"])
			slices.Reverse(want["b"])
		}
		if diff := cmp.Diff(want, got); diff != "" || pages != 7 || last != types.StatusCodeComplete {
			t.Errorf("%s: %d pages, the last %s: %s", order, pages, last, diff)
		}
	}
}

func TestMetricsAreListed(t *testing.T) {
	w := newWorld(t, cloudwatch.Options{})
	var data []types.MetricDatum
	for i := range 700 {
		data = append(data, value("Visits", start, 1, dimension("Site", fmt.Sprint(i)), dimension("Stage", []string{"test", "live"}[i%2])))
	}
	w.put("App", data...)
	w.put("Other", value("Visits", start.Add(-4*time.Hour), 1))
	w.put("Old", value("Visits", start.Add(-13*24*time.Hour), 1))
	list := func(in client.ListMetricsInput) (pages, metrics int) {
		t.Helper()
		for p := client.NewListMetricsPaginator(w.aws, &in); p.HasMorePages(); pages++ {
			page, err := p.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			metrics += len(page.Metrics)
		}
		return pages, metrics
	}
	w.pass(48 * time.Hour) // what is in Old is now older than two weeks
	for _, tc := range []struct {
		name           string
		in             client.ListMetricsInput
		pages, metrics int
	}{
		{"all", client.ListMetricsInput{}, 2, 701},
		{"a namespace", client.ListMetricsInput{Namespace: aws.String("Other")}, 1, 1},
		{"a name", client.ListMetricsInput{MetricName: aws.String("Visitors")}, 1, 0},
		{"a dimension", client.ListMetricsInput{Dimensions: []types.DimensionFilter{{Name: aws.String("Stage"), Value: aws.String("test")}}}, 1, 350},
		{"a dimension of any value", client.ListMetricsInput{Dimensions: []types.DimensionFilter{{Name: aws.String("Site")}}}, 2, 700},
		{"active in the last hours", client.ListMetricsInput{RecentlyActive: "PT3H"}, 1, 0},
	} {
		if pages, metrics := list(tc.in); pages != tc.pages || metrics != tc.metrics {
			t.Errorf("%s: %d metrics in %d pages, want %d in %d", tc.name, metrics, pages, tc.metrics, tc.pages)
		}
	}
}

func TestWhatAWSTellsLateIsToldLate(t *testing.T) {
	w := newWorld(t, cloudwatch.Options{Delay: 15 * time.Minute})
	for _, namespace := range []string{"AWS/CloudFront", "App"} {
		if err := w.service.Put(t.Context(), namespace, []cloudwatch.Datum{{Name: "Requests", At: start, Values: []float64{1}}}); err != nil {
			t.Fatal(err)
		}
	}
	told := func() (late, own int) {
		got := w.get(start, start.Add(time.Hour), ask("late", "AWS/CloudFront", "Requests", "Sum", time.Minute), ask("own", "App", "Requests", "Sum", time.Minute))
		return len(got["late"]), len(got["own"])
	}
	w.pass(15 * time.Minute)
	if late, own := told(); late != 0 || own != 1 {
		t.Errorf("after the delay's length: %d late, %d own", late, own)
	}
	w.pass(time.Minute)
	if late, own := told(); late != 1 || own != 1 {
		t.Errorf("a minute later: %d late, %d own", late, own)
	}
}
