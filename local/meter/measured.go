package meter

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/mayfly-dev/mayfly/local/cloudwatch"
	"github.com/mayfly-dev/mayfly/metric"
)

// mostPending is how many data wait at most for CloudWatch to take them.
const mostPending = 10_000

// measured is what functions measured and CloudWatch was not told yet.
type measured struct {
	mu      sync.Mutex
	pending []metric.Datum
	lost    int
}

// Measured takes what a function measured. CloudWatch is told of it at the next
// Flush.
func (m *Meter) Measured(data []metric.Datum) {
	m.measured.mu.Lock()
	defer m.measured.mu.Unlock()
	room := mostPending - len(m.measured.pending)
	if len(data) > room {
		m.measured.lost += len(data) - room
		data = data[:room]
	}
	m.measured.pending = append(m.measured.pending, data...)
}

// tellMeasured tells CloudWatch, one namespace after the other. What it does not
// take is tried again, as far as there is room.
func (m *Meter) tellMeasured(ctx context.Context) error {
	m.measured.mu.Lock()
	pending, lost := m.measured.pending, m.measured.lost
	m.measured.pending, m.measured.lost = nil, 0
	m.measured.mu.Unlock()
	by := make(map[string][]metric.Datum)
	for i := range pending {
		by[pending[i].Namespace] = append(by[pending[i].Namespace], pending[i])
	}
	var failures []error
	for _, namespace := range slices.Sorted(maps.Keys(by)) {
		data := make([]cloudwatch.Datum, len(by[namespace]))
		for i, d := range by[namespace] {
			data[i] = cloudwatch.Datum{Name: d.Name, At: d.At, Unit: d.Unit, Values: d.Values, Dimensions: dimensions(d.Dimensions)}
		}
		if err := m.tell(ctx, namespace, data, []func(){func() { m.Measured(by[namespace]) }}); err != nil {
			failures = append(failures, err)
		}
	}
	if lost > 0 {
		failures = append(failures, fmt.Errorf("%d data of functions were lost: CloudWatch did not take them for long", lost))
	}
	return errors.Join(failures...)
}

func dimensions(by map[string]string) []cloudwatch.Dimension {
	all := make([]cloudwatch.Dimension, 0, len(by))
	for _, name := range slices.Sorted(maps.Keys(by)) {
		all = append(all, cloudwatch.Dimension{Name: name, Value: by[name]})
	}
	return all
}
