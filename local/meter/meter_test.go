package meter_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mayfly-dev/mayfly/local/cloudwatch"
	"github.com/mayfly-dev/mayfly/local/edge"
	"github.com/mayfly-dev/mayfly/local/meter"
)

// told is a CloudWatch that adds up sums and samples, and may fail.
type told struct {
	sums map[string]float64
	at   map[time.Time]bool
	err  error
}

func (c *told) Put(_ context.Context, namespace string, data []cloudwatch.Datum) error {
	if c.err != nil {
		return c.err
	}
	for _, d := range data {
		name := namespace + " " + d.Name
		for _, dimension := range d.Dimensions {
			name += " " + dimension.Name + "=" + dimension.Value
		}
		set := d.Set
		if set == nil {
			set = &cloudwatch.StatisticSet{}
			for i, v := range d.Values {
				count := 1.0
				if d.Counts != nil {
					count = d.Counts[i]
				}
				set.SampleCount, set.Sum = set.SampleCount+count, set.Sum+count*v
			}
		}
		if set.Minimum > set.Maximum {
			return fmt.Errorf("%s: %+v", name, set)
		}
		c.sums[name] += set.Sum
		c.sums[name+" samples"] += set.SampleCount
		c.at[d.At] = true
	}
	return nil
}

func TestWhatIsServedIsToldByAWSNames(t *testing.T) {
	start := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	now, cloud := start, &told{sums: map[string]float64{}, at: map[time.Time]bool{}}
	m := meter.New(cloud, func() time.Time { return now })
	for _, r := range []edge.Request{
		{DistributionID: "E1", Method: "GET", Status: 200, Bytes: 100, Hit: true},
		{DistributionID: "E1", Method: "GET", Status: 200, Bytes: 50},
		{DistributionID: "E1", Method: "HEAD", Status: 304, Hit: true},
		{DistributionID: "E1", Method: "GET", Status: 404, Bytes: 10, Hit: true},
		{DistributionID: "E1", Method: "POST", Status: 502, Uploaded: 7},
		{DistributionID: "E2", Method: "GET", Status: 200, Bytes: 1},
		{Method: "GET", Status: 403, Bytes: 1}, // nobody's
	} {
		m.Request(r)
	}
	m.Pulled("web", start)
	m.Pulled("web", start)
	cloud.err = errors.New("disk full")
	if err := m.Flush(t.Context()); !errors.Is(err, cloud.err) {
		t.Fatalf("got %v", err)
	}
	cloud.err, now = nil, start.Add(time.Second)
	for range 2 { // nothing is told twice
		if err := m.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	one, two := " DistributionId=E1 Region=Global", " DistributionId=E2 Region=Global"
	want := map[string]float64{"AWS/ECR RepositoryPullCount RepositoryName=web": 2, "AWS/ECR RepositoryPullCount RepositoryName=web samples": 2}
	for name, of := range map[string][4]float64{ // sum and samples of each
		"Requests": {5, 5, 1, 1}, "BytesDownloaded": {160, 5, 1, 1}, "BytesUploaded": {7, 5, 0, 1},
		"4xxErrorRate": {100, 5, 0, 1}, "5xxErrorRate": {100, 5, 0, 1}, "TotalErrorRate": {200, 5, 0, 1}, "CacheHitRate": {200, 3, 0, 1},
	} {
		name = "AWS/CloudFront " + name
		want[name+one], want[name+one+" samples"], want[name+two], want[name+two+" samples"] = of[0], of[1], of[2], of[3]
	}
	if diff := cmp.Diff(want, cloud.sums); diff != "" {
		t.Error(diff)
	}
	if used := m.TakeUsed(); !used.Distributions["E1"] || !used.Distributions["E2"] || len(used.Distributions) != 2 || len(used.Repositories) != 1 || !used.Repositories["web"] {
		t.Errorf("used are %v", used)
	}
	if used := m.TakeUsed(); len(used.Distributions)+len(used.Repositories) != 0 {
		t.Errorf("used since are %v", used)
	}
	if times := slices.Collect(maps.Keys(cloud.at)); len(times) != 1 || !times[0].Equal(start) {
		t.Errorf("told of %v, want %v", times, start)
	}
}

// TestAClockThatJumps: what was counted at one side of the gap is told as if it
// had been at the later one.
func TestAClockThatJumps(t *testing.T) {
	start := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct{ passes, at time.Duration }{
		"a second":   {time.Second, 0},
		"a minute":   {time.Minute, 0},
		"a sleep":    {8 * time.Hour, 8 * time.Hour},
		"a set back": {-time.Hour, -time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			now, cloud := start, &told{sums: map[string]float64{}, at: map[time.Time]bool{}}
			m := meter.New(cloud, func() time.Time { return now })
			m.Request(edge.Request{DistributionID: "E1", Method: "GET", Status: 200})
			now = now.Add(test.passes)
			if err := m.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			if want := start.Add(test.at); !cloud.at[want] || len(cloud.at) != 1 {
				t.Errorf("told of %v, want %s", cloud.at, want)
			}
		})
	}
}

func TestNothingIsLostWhileManyCount(t *testing.T) {
	cloud := &told{sums: map[string]float64{}, at: map[time.Time]bool{}}
	m := meter.New(cloud, time.Now)
	const each = 2000
	var counting sync.WaitGroup
	for i := range 4 {
		counting.Go(func() {
			for j := range each {
				m.Request(edge.Request{DistributionID: fmt.Sprint("E", (i+j)%7), Method: "GET", Status: 200, Bytes: 3})
			}
		})
	}
	done := make(chan struct{})
	go func() { counting.Wait(); close(done) }()
	for flushing := true; flushing; {
		select {
		case <-done:
			flushing = false
		default:
		}
		if err := m.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	requests, down := 0.0, 0.0
	for i := range 7 {
		id := fmt.Sprintf(" DistributionId=E%d Region=Global", i)
		requests += cloud.sums["AWS/CloudFront Requests"+id]
		down += cloud.sums["AWS/CloudFront BytesDownloaded"+id]
	}
	if requests != 4*each || down != 12*each {
		t.Errorf("told of %g requests and %g bytes, want %d and %d", requests, down, 4*each, 12*each)
	}
}

func BenchmarkRequest(b *testing.B) {
	m := meter.New(&told{}, time.Now)
	for i := range 100 {
		m.Request(edge.Request{DistributionID: fmt.Sprint("E", i)})
	}
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			m.Request(edge.Request{DistributionID: "E7", Method: "GET", Status: 200, Bytes: 1000, Hit: true})
		}
	})
}
