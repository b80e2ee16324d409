package s3_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	local "github.com/mayfly-dev/mayfly/local/s3"
)

// each calls do b.N times, so many at once.
func each(b *testing.B, atOnce int, do func(i int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	b.ResetTimer()
	for range atOnce {
		group.Go(func() {
			for i := int(next.Add(1)); i <= b.N; i = int(next.Add(1)) {
				do(i)
			}
		})
	}
	group.Wait()
	b.StopTimer()
}

func BenchmarkSDK(b *testing.B) {
	ctx := context.Background()
	for _, size := range []int{1 << 10, 100 << 10} {
		body := strings.Repeat("x", size)
		for _, atOnce := range []int{1, 16} {
			b.Run(fmt.Sprintf("Put/%dKiB/%d", size>>10, atOnce), func(b *testing.B) {
				f := start(b, local.Options{})
				f.versionedBucket("bench")
				b.SetBytes(int64(size))
				each(b, atOnce, func(i int) {
					_, err := f.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("bench"), Key: aws.String(fmt.Sprintf("d%d/k%d", i%50, i)), Body: strings.NewReader(body)})
					if err != nil {
						b.Error(err)
					}
				})
			})
			b.Run(fmt.Sprintf("Get/%dKiB/%d", size>>10, atOnce), func(b *testing.B) {
				f := start(b, local.Options{})
				f.versionedBucket("bench")
				f.put("bench", "key", body)
				b.SetBytes(int64(size))
				each(b, atOnce, func(int) {
					out, err := f.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("bench"), Key: aws.String("key")})
					if err != nil {
						b.Error(err)
						return
					}
					_, err = io.Copy(io.Discard, out.Body)
					if err != nil || out.Body.Close() != nil {
						b.Error(err)
					}
				})
			})
		}
	}
}

// What the edge pays for a miss, without a socket or a client.
func BenchmarkInProcess(b *testing.B) {
	f := start(b, local.Options{})
	f.versionedBucket("bench")
	f.put("bench", "key", strings.Repeat("x", 1<<10))
	transport := f.service.RoundTripper(local.Root())
	b.ReportAllocs()
	for b.Loop() {
		r, err := http.NewRequest(http.MethodGet, "http://s3.localhost/bench/key", nil)
		must(b, err)
		response, err := transport.RoundTrip(r)
		must(b, err)
		_, err = io.Copy(io.Discard, response.Body)
		must(b, err)
		must(b, response.Body.Close())
	}
}
