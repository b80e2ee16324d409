package cloudwatch_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	client "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"

	"github.com/mayfly-dev/mayfly/local/cloudwatch"
)

// start is a Wednesday, ten past noon.
var start = time.Date(2026, 7, 1, 12, 10, 0, 0, time.UTC)

// world is a CloudWatch with a clock that tests move.
type world struct {
	testing.TB
	options cloudwatch.Options
	service *cloudwatch.Service
	server  *httptest.Server
	aws     *client.Client

	mu  sync.Mutex
	now time.Time
}

func newWorld(t testing.TB, options cloudwatch.Options) *world {
	t.Helper()
	w := &world{TB: t, options: options, now: start}
	w.options.Dir, w.options.Now = t.TempDir(), w.clock
	w.open()
	w.server = httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) { w.service.ServeHTTP(out, r) }))
	transport := &http.Transport{}
	w.aws = client.New(client.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(w.server.URL), HTTPClient: &http.Client{Transport: transport}, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		w.server.Close()
		if err := w.service.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) open() {
	w.Helper()
	var err error
	if w.service, err = cloudwatch.New(w.options); err != nil {
		w.Fatal(err)
	}
}

// restart closes the service and opens what it kept.
func (w *world) restart() {
	w.Helper()
	if err := w.service.Close(); err != nil {
		w.Fatal(err)
	}
	w.open()
}

func (w *world) clock() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now }

func (w *world) pass(d time.Duration) { w.mu.Lock(); defer w.mu.Unlock(); w.now = w.now.Add(d) }

// put puts data by the AWS SDK.
func (w *world) put(namespace string, data ...types.MetricDatum) {
	w.Helper()
	if _, err := w.aws.PutMetricData(w.Context(), &client.PutMetricDataInput{Namespace: &namespace, MetricData: data}); err != nil {
		w.Fatal(err)
	}
}

func value(name string, at time.Time, v float64, dimensions ...types.Dimension) types.MetricDatum {
	return types.MetricDatum{MetricName: &name, Timestamp: &at, Value: &v, Dimensions: dimensions}
}

func dimension(name, of string) types.Dimension { return types.Dimension{Name: &name, Value: &of} }

// ask is a query for a metric's statistic.
func ask(id, namespace, name, stat string, period time.Duration, dimensions ...types.Dimension) types.MetricDataQuery {
	return types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{
		Metric: &types.Metric{Namespace: &namespace, MetricName: &name, Dimensions: dimensions},
		Period: aws.Int32(int32(period / time.Second)), Stat: &stat,
	}}
}

// get asks GetMetricData, page by page, the earliest first, and returns the
// values of each query by their times.
func (w *world) get(from, to time.Time, queries ...types.MetricDataQuery) map[string]map[string]float64 {
	w.Helper()
	all := make(map[string]map[string]float64)
	pages := client.NewGetMetricDataPaginator(w.aws, &client.GetMetricDataInput{
		StartTime: &from, EndTime: &to, MetricDataQueries: queries, ScanBy: types.ScanByTimestampAscending,
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		for _, r := range page.MetricDataResults {
			if all[*r.Id] == nil {
				all[*r.Id] = make(map[string]float64)
			}
			for i, at := range r.Timestamps {
				all[*r.Id][at.UTC().Format(time.DateTime)] = r.Values[i]
			}
		}
	}
	return all
}

// expectError checks an error's code as the SDK tells it.
func expectError(t *testing.T, err error, code string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		t.Errorf("got %v, want %s", err, code)
	}
}
