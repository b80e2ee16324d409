package meter

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mayfly-dev/mayfly/local/cloudwatch"
)

// inspection counts requests that a rule of a web ACL decided about alike.
type inspection struct{ requests atomic.Int64 }

// Inspected counts a request that WAF decided about, by the names of the metric
// and of its dimensions.
func (m *Meter) Inspected(webACL, rule, metric string) {
	// None of the names has a space.
	m.inspected.of(metric + " " + webACL + " " + rule).requests.Add(1)
}

// tellInspected tells CloudWatch what WAF decided, as WAF does for CloudFront:
// without a region.
func (m *Meter) tellInspected(ctx context.Context, at time.Time) error {
	var data []cloudwatch.Datum
	var undo []func()
	for name, i := range m.inspected.all() {
		requests := i.requests.Swap(0)
		if requests == 0 {
			continue
		}
		undo = append(undo, func() { i.requests.Add(requests) })
		metric, names, _ := strings.Cut(name, " ")
		webACL, rule, _ := strings.Cut(names, " ")
		data = append(data, cloudwatch.Datum{
			Name: metric, At: at, Unit: "Count", Values: []float64{1}, Counts: []float64{float64(requests)},
			Dimensions: []cloudwatch.Dimension{{Name: "Rule", Value: rule}, {Name: "WebACL", Value: webACL}},
		})
	}
	return m.tell(ctx, "AWS/WAFV2", data, undo)
}
