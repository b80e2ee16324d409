package asl_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/journal"
)

// BenchmarkMapRun runs distributed maps over data sets of lines with a hundred
// bytes each, and writes what comes of them to files.
func BenchmarkMapRun(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		for _, durable := range []bool{false, true} {
			name := fmt.Sprintf("%d", n)
			if durable {
				name += "durable"
			}
			b.Run(name, func(b *testing.B) {
				line := `{"id":1,"name":"` + strings.Repeat("x", 80) + "\"}\n"
				store := &bucket{objects: map[string]string{"b/in": strings.Repeat(line, n)}}
				o := asl.Options{Items: store, RetainEnded: 1}
				if durable {
					j, err := journal.Open(b.TempDir(), journal.Options{NoSync: true})
					if err != nil {
						b.Fatal(err)
					}
					o.Journal = j
				}
				m := machine(b, mapping("STANDARD", `"ItemReader":{"Resource":"arn:aws:states:::s3:getObject","Parameters":{"Bucket":"b","Key":"in"},"ReaderConfig":{"InputType":"JSONL"}},`+
					writer(`"Transformation":"COMPACT","OutputType":"JSONL"`), keepStates))
				e := engine(b, o)
				before := heap()
				b.ReportAllocs()
				began := processorTime()
				for b.Loop() {
					execute(b, e, m, []byte(`{}`))
				}
				b.ReportMetric(float64((processorTime()-began).Microseconds())/float64(b.N*n), "cpu-µs/item")
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/item")
				if b.N == 1 { // else others are kept, too
					b.ReportMetric(float64(heap()-before)/float64(n), "B/item")
				}
			})
		}
	}
}
