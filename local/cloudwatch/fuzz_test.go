package cloudwatch_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/local/cloudwatch"
)

// FuzzRequest sends anything in any protocol: the answer is never a fault of
// the service's own.
func FuzzRequest(f *testing.F) {
	s, err := cloudwatch.New(cloudwatch.Options{Dir: f.TempDir(), Now: func() time.Time { return start }})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := s.Close(); err != nil {
			f.Error(err)
		}
	})
	operations := []string{"PutMetricData", "GetMetricData", "GetMetricStatistics", "ListMetrics"}
	f.Add(uint8(0), uint8(0), []byte("\xa1iNamespaceaa"))
	f.Add(uint8(1), uint8(0), []byte(`{"Namespace":"a","MetricData":[{"MetricName":"a","Values":[1e308,2],"Counts":[1e300,2]}]}`))
	f.Add(uint8(1), uint8(1), []byte(`{"StartTime":0,"EndTime":1e11,"MetricDataQueries":[{"Id":"a","MetricStat":{"Metric":{"Namespace":"a","MetricName":"a"},"Period":60,"Stat":"p99"}}]}`))
	f.Add(uint8(1), uint8(2), []byte(`{"Namespace":"a","MetricName":"a","StartTime":1,"EndTime":"2026-07-01T00:00:00Z","Period":86400000,"Statistics":["Sum"]}`))
	f.Add(uint8(2), uint8(0), []byte(`Namespace=a&MetricData.member.1.MetricName=a&MetricData.member.1.Value=1&MetricData.member.1.Timestamp=2026-07-01T00:00:00Z`))
	f.Fuzz(func(t *testing.T, protocol, operation uint8, body []byte) {
		name := operations[int(operation)%len(operations)]
		r := httptest.NewRequest(http.MethodPost, "/service/GraniteServiceVersion20100801/operation/"+name+"?Action="+name, bytes.NewReader(body))
		switch protocol % 3 {
		case 0:
			r.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
		case 1:
			r.Header.Set("X-Amz-Target", "GraniteServiceVersion20100801."+name)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError {
			t.Errorf("%s by protocol %d: %d %s", name, protocol%3, w.Code, w.Body)
		}
	})
}
