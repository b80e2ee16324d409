package meter_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/local/meter"
)

func TestWhatWAFDecidesIsCounted(t *testing.T) {
	start := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	cloud := &told{sums: map[string]float64{}, at: map[time.Time]bool{}, err: errors.New("not now")}
	m := meter.New(cloud, func() time.Time { return start })
	for range 3 {
		m.Inspected("mayfly-dev", "RateLimit", "BlockedRequests")
	}
	m.Inspected("mayfly-dev", "ALL", "AllowedRequests")
	if err := m.Flush(t.Context()); !errors.Is(err, cloud.err) {
		t.Fatalf("got %v", err)
	}
	cloud.err = nil
	for range 2 { // what CloudWatch did not take is told with the next, and once
		if err := m.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	blocked, allowed := "AWS/WAFV2 BlockedRequests Rule=RateLimit WebACL=mayfly-dev", "AWS/WAFV2 AllowedRequests Rule=ALL WebACL=mayfly-dev"
	if diff := cmp.Diff(map[string]float64{blocked: 3, blocked + " samples": 3, allowed: 1, allowed + " samples": 1}, cloud.sums); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
