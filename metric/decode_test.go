package metric_test

import (
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/metric"
)

func TestDecode(t *testing.T) {
	line := func(directive, rest string) string {
		return `{"_aws":{"Timestamp":1,"CloudWatchMetrics":[` + directive + `]}` + rest + `}`
	}
	many := strings.TrimSuffix(strings.Repeat(`{"Name":"a"},`, 101), ",")
	for _, test := range []struct {
		name, line string
		data       int
		wrong      string // a part of the error
	}{
		{"plain text", `started`, 0, ""},
		{"another log line", `{"msg":"the word \"_aws\" in it"}`, 0, ""},
		{"the word inside", `{"msg":{"_aws":1}}`, 0, ""},
		{"one metric", line(`{"Namespace":"N","Dimensions":[["d"]],"Metrics":[{"Name":"a","Unit":"Count"}]}`, `,"d":"x","a":1`), 1, ""},
		{"no dimension at all", line(`{"Namespace":"N","Dimensions":[[]],"Metrics":[{"Name":"a"}]}`, `,"a":[1,2]`), 1, ""},
		{"two combinations", line(`{"Namespace":"N","Dimensions":[["d"],[]],"Metrics":[{"Name":"a"}]}`, `,"d":"x","a":1`), 2, ""},
		{"no time", `{"_aws":{"CloudWatchMetrics":[]}}`, 0, "Timestamp"},
		{"not an object", `{"_aws":[]}`, 0, "_aws"},
		{"no namespace", line(`{"Dimensions":[[]],"Metrics":[{"Name":"a"}]}`, `,"a":1`), 0, "namespace"},
		{"a missing value", line(`{"Namespace":"N","Dimensions":[[]],"Metrics":[{"Name":"a"},{"Name":"b"}]}`, `,"b":1`), 1, `"a"`},
		{"a null", line(`{"Namespace":"N","Dimensions":[[]],"Metrics":[{"Name":"a"}]}`, `,"a":null`), 0, `"a"`},
		{"a text", line(`{"Namespace":"N","Dimensions":[[]],"Metrics":[{"Name":"a"}]}`, `,"a":"1"`), 0, `"a"`},
		{"a missing dimension", line(`{"Namespace":"N","Dimensions":[["d"],[]],"Metrics":[{"Name":"a"}]}`, `,"a":1`), 1, `"d"`},
		{"an empty dimension", line(`{"Namespace":"N","Dimensions":[["d"]],"Metrics":[{"Name":"a"}]}`, `,"d":"","a":1`), 0, `"d"`},
		{"101 metrics", line(`{"Namespace":"N","Dimensions":[[]],"Metrics":[`+many+`]}`, `,"a":1`), 0, "at most 100"},
		{"101 values", line(`{"Namespace":"N","Dimensions":[[]],"Metrics":[{"Name":"a"}]}`, `,"a":[`+strings.TrimSuffix(strings.Repeat("1,", 101), ",")+`]`), 0, "1 to 100"},
		{"31 dimensions", line(`{"Namespace":"N","Dimensions":[[`+strings.TrimSuffix(strings.Repeat(`"d",`, 31), ",")+`]],"Metrics":[{"Name":"a"}]}`, `,"d":"x","a":1`), 0, "at most 30"},
	} {
		t.Run(test.name, func(t *testing.T) {
			data, err := metric.Decode([]byte(test.line))
			if len(data) != test.data {
				t.Errorf("%d metrics, want %d", len(data), test.data)
			}
			if (err != nil) != (test.wrong != "") || err != nil && !strings.Contains(err.Error(), test.wrong) {
				t.Errorf("error %v, want one that names %q", err, test.wrong)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"N","Dimensions":[["d"]],"Metrics":[{"Name":"a","Unit":"Count"}]}]},"d":"x","a":[1,2]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		data, _ := metric.Decode(line)
		for _, d := range data {
			if d.Namespace == "" || d.Name == "" || len(d.Values) == 0 || len(d.Values) > 100 || len(d.Dimensions) > 30 {
				t.Errorf("a metric against the rules: %+v", d)
			}
		}
	})
}
