package cloudwatch_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/cloudwatch"
)

// send makes a request that no SDK makes, and returns its answer.
func (w *world) send(header map[string]string, body []byte) (int, http.Header, string) {
	w.Helper()
	r, err := http.NewRequestWithContext(w.Context(), http.MethodPost, w.server.URL, bytes.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	for name, text := range header {
		r.Header.Set(name, text)
	}
	answer, err := w.server.Client().Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }() // it is read to its end
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		w.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(text)
}

func (w *world) form(pairs ...string) (int, string) {
	w.Helper()
	form := url.Values{"Version": {"2010-08-01"}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	status, _, text := w.send(map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, []byte(form.Encode()))
	return status, text
}

func TestTheQueryProtocol(t *testing.T) {
	w := newWorld(t, cloudwatch.Options{NewID: func() string { return "id" }})
	status, text := w.form("Action", "PutMetricData", "Namespace", "App",
		"MetricData.member.1.MetricName", "Visits", "MetricData.member.1.Value", "2.5", "MetricData.member.1.Unit", "Count", "MetricData.member.1.Timestamp", "2026-07-01T12:10:00Z",
		"MetricData.member.1.Dimensions.member.1.Name", "Site", "MetricData.member.1.Dimensions.member.1.Value", "a<b",
		"MetricData.member.2.MetricName", "Visits", "MetricData.member.2.Values.member.1", "1", "MetricData.member.2.Values.member.2", "3", "MetricData.member.2.Counts.member.1", "2", "MetricData.member.2.Counts.member.2", "1")
	const ns = `xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"`
	if want := `<PutMetricDataResponse ` + ns + `><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></PutMetricDataResponse>`; status != http.StatusOK || text != want {
		t.Errorf("put: got %d %s, want %s", status, text, want)
	}
	status, text = w.form("Action", "GetMetricStatistics", "Namespace", "App", "MetricName", "Visits", "Period", "60",
		"StartTime", "2026-07-01T12:00:00Z", "EndTime", "2026-07-01T13:00:00+00:00", "Statistics.member.1", "Sum", "Statistics.member.2", "SampleCount")
	if want := `<GetMetricStatisticsResponse ` + ns + `><GetMetricStatisticsResult><Datapoints><member><Timestamp>2026-07-01T12:10:00Z</Timestamp><SampleCount>3</SampleCount><Sum>5</Sum><Unit>None</Unit></member></Datapoints><Label>Visits</Label></GetMetricStatisticsResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></GetMetricStatisticsResponse>`; status != http.StatusOK || text != want {
		t.Errorf("statistics: got %d %s, want %s", status, text, want)
	}
	status, text = w.form("Action", "GetMetricStatistics", "Namespace", "App", "MetricName", "Visits", "Period", "60",
		"StartTime", "2026-07-01T12:00:00Z", "EndTime", "2026-07-01T13:00:00Z", "ExtendedStatistics.member.1", "p0")
	if want := `<ExtendedStatistics><entry><key>p0</key><value>1</value></entry></ExtendedStatistics>`; status != http.StatusOK || !strings.Contains(text, want) {
		t.Errorf("percentiles: got %d %s, want %s", status, text, want)
	}
	status, text = w.form("Action", "ListMetrics", "Dimensions.member.1.Name", "Site")
	if want := `<ListMetricsResult><Metrics><member><Namespace>App</Namespace><MetricName>Visits</MetricName><Dimensions><member><Name>Site</Name><Value>a&lt;b</Value></member></Dimensions></member></Metrics></ListMetricsResult>`; status != http.StatusOK || !strings.Contains(text, want) {
		t.Errorf("list: got %d %s, want %s", status, text, want)
	}
	status, text = w.form("Action", "GetMetricData", "StartTime", "2026-07-01T12:00:00Z", "EndTime", "2026-07-01T13:00:00Z",
		"MetricDataQueries.member.1.Id", "a", "MetricDataQueries.member.1.MetricStat.Metric.Namespace", "App", "MetricDataQueries.member.1.MetricStat.Metric.MetricName", "Visits",
		"MetricDataQueries.member.1.MetricStat.Period", "300", "MetricDataQueries.member.1.MetricStat.Stat", "Sum", "MetricDataQueries.member.1.ReturnData", "true")
	if want := `<MetricDataResults><member><Id>a</Id><Label>Visits</Label><Timestamps><member>2026-07-01T12:10:00Z</member></Timestamps><Values><member>5</member></Values><StatusCode>Complete</StatusCode></member></MetricDataResults>`; status != http.StatusOK || !strings.Contains(text, want) {
		t.Errorf("data: got %d %s, want %s", status, text, want)
	}
	status, text = w.form("Action", "PutMetricData", "Namespace", "App", "MetricData.member.1.MetricName", "Visits")
	if want := `<ErrorResponse ` + ns + `><Error><Type>Sender</Type><Code>MissingParameter</Code><Message>The parameter MetricData.member.1.Value is required.</Message></Error><RequestId>id</RequestId></ErrorResponse>`; status != http.StatusBadRequest || text != want {
		t.Errorf("refusal: got %d %s, want %s", status, text, want)
	}
}

func TestFormsThatSayNothing(t *testing.T) {
	w := newWorld(t, cloudwatch.Options{})
	for name, pairs := range map[string][]string{
		"no action":               {},
		"an unknown action":       {"Action", "PutDashboard"},
		"a value and a structure": {"Action", "PutMetricData", "Namespace", "a", "Namespace.b", "c"},
		"a number that is none":   {"Action", "PutMetricData", "Namespace", "a", "MetricData.member.1.Value", "x"},
		"a time that is none":     {"Action", "ListMetrics", "NextToken", "-1"},
		"a member of no number":   {"Action", "PutMetricData", "Namespace", "a", "MetricData.member.x.Value", "1"},
		"a name that is too deep": {"Action", "PutMetricData", strings.Repeat("a.", 100) + "b", "c"},
	} {
		if status, text := w.form(pairs...); status != http.StatusBadRequest || !strings.Contains(text, "<Type>Sender</Type>") {
			t.Errorf("%s: got %d %s", name, status, text)
		}
	}
}

func TestTheJSONProtocol(t *testing.T) {
	w := newWorld(t, cloudwatch.Options{})
	call := func(operation, body string) (int, http.Header, string) {
		return w.send(map[string]string{"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "GraniteServiceVersion20100801." + operation}, []byte(body))
	}
	if status, _, text := call("PutMetricData", `{"Namespace":"App","MetricData":[{"MetricName":"Visits","Value":2,"Timestamp":1782907800}]}`); status != http.StatusOK || text != "{}" {
		t.Fatalf("put: %d %s", status, text)
	}
	status, header, text := call("GetMetricData", `{"StartTime":1782907200.5,"EndTime":1782910800,"MetricDataQueries":[{"Id":"a","MetricStat":{"Metric":{"Namespace":"App","MetricName":"Visits"},"Period":60,"Stat":"Sum"}}]}`)
	var got struct {
		MetricDataResults []struct {
			Timestamps, Values []float64
			StatusCode         string
		}
	}
	if err := json.Unmarshal([]byte(text), &got); err != nil || status != http.StatusOK || header.Get("Content-Type") != "application/x-amz-json-1.0" {
		t.Fatalf("get: %d %v %s", status, err, text)
	}
	if r := got.MetricDataResults; len(r) != 1 || len(r[0].Values) != 1 || r[0].Values[0] != 2 || r[0].Timestamps[0] != 1782907800 {
		t.Errorf("got %s", text)
	}
	status, header, text = call("PutMetricData", `{"Namespace":"App"}`)
	if status != http.StatusBadRequest || !strings.Contains(text, `"__type":"com.amazonaws.cloudwatch#MissingRequiredParameterException"`) || header.Get("X-Amzn-Query-Error") != "MissingParameter;Sender" {
		t.Errorf("refusal: %d %s %v", status, text, header)
	}
	for _, body := range []string{"", "{", `{"MetricData":7}`, "\xff"} {
		if status, _, text := call("PutMetricData", body); status != http.StatusBadRequest || !strings.Contains(text, "SerializationException") {
			t.Errorf("%q: got %d %s", body, status, text)
		}
	}
}

func TestRequestsMayBePackedAndAreBounded(t *testing.T) {
	w := newWorld(t, cloudwatch.Options{})
	pack := func(text string) []byte {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := z.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return packed.Bytes()
	}
	header := map[string]string{"Content-Encoding": "gzip"}
	form := "Action=PutMetricData&Namespace=App&MetricData.member.1.MetricName=a&MetricData.member.1.Value=1"
	if status, _, text := w.send(header, pack(form)); status != http.StatusOK {
		t.Errorf("packed: got %d %s", status, text)
	}
	if status, _, text := w.send(header, pack(form+"&x="+strings.Repeat("a", 8<<20))); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a bomb: got %d %s", status, text)
	}
	if status, _, text := w.send(header, []byte(form)); status != http.StatusBadRequest {
		t.Errorf("not packed: got %d %s", status, text)
	}
	if status, _, text := w.send(map[string]string{"Content-Encoding": "br"}, []byte(form)); status != http.StatusBadRequest {
		t.Errorf("packed by what is not known: got %d %s", status, text)
	}
	if status, _, text := w.send(map[string]string{"Smithy-Protocol": "rpc-v2-cbor"}, bytes.Repeat([]byte{0x9f}, 1000)); status != http.StatusBadRequest {
		t.Errorf("nested CBOR: got %d %s", status, text)
	}
}
