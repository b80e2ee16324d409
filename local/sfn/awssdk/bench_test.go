package awssdk

import (
	"strings"
	"testing"
)

func BenchmarkCheck(b *testing.B) {
	for name, d := range map[string]struct{ service, action, parameters string }{
		"getObject":  {"s3", "getObject", `{"Bucket":"b","Key":"k"}`},
		"putItem":    {"dynamodb", "putItem", `{"TableName":"t","Item":{"id":{"S":"a"},"n":{"N":"1"},"deep":{"M":{"l":{"L":[{"S":"x"},{"S":"y"}]}}}}}`},
		"putObject":  {"s3", "putObject", `{"Bucket":"b","Key":"k","Body":"` + strings.Repeat("x", 200_000) + `"}`},
		"invalidate": {"cloudfront", "createInvalidation", `{"DistributionId":"E","InvalidationBatch":{"CallerReference":"r","Paths":{"Quantity":1,"Items":["/*"]}}}`},
	} {
		b.Run(name, func(b *testing.B) {
			o, _ := Find(d.service, d.action)
			parameters := []byte(d.parameters)
			b.ReportAllocs()
			for b.Loop() {
				if faults := o.Check(parameters, Plain); faults != nil {
					b.Fatal(faults)
				}
			}
		})
	}
}
