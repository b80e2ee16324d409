package bus_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/mayfly-dev/mayfly/local/bus"
)

// BenchmarkPut puts events of which one in four matches one of 300 rules, and
// waits until the last one is delivered. The journal is synced to the disk.
func BenchmarkPut(b *testing.B) {
	for _, writers := range []int{1, 16} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			service, err := bus.New(bus.Options{Dir: b.TempDir(), Targets: targetFunc(func(context.Context, bus.Delivery) error { return nil })})
			if err != nil {
				b.Fatal(err)
			}
			service.Start()
			l := &local{Service: service}
			defer func() {
				if err := service.Close(); err != nil {
					b.Error(err)
				}
			}()
			for i := range 300 {
				l.do(b, "PutRule", fmt.Sprintf(`{"Name": "r%d", "EventPattern": "{\"source\": [\"app\"], \"detail\": {\"site\": [\"site-%d\"]}}"}`, i, i))
				l.do(b, "PutTargets", fmt.Sprintf(`{"Rule": "r%d", "Targets": [%s]}`, i, to("f", "")))
			}
			b.ReportAllocs()
			b.SetParallelism(writers)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					detail := fmt.Appendf(nil, `{"site": "site-%d", "digest": "sha256:7f5b2640fe6fb4f46592dfd3410c4a79dac4f89e4782432e0378abcd12340000"}`, i%1200)
					if _, err := service.Put(context.Background(), bus.Entry{Source: "app", DetailType: "push", Detail: detail}); err != nil {
						b.Error(err)
						return
					}
				}
			})
			if err := service.Idle(context.Background()); err != nil {
				b.Error(err)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
