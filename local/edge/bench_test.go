package edge_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/mayfly-dev/mayfly/local/edge"
	"github.com/mayfly-dev/mayfly/local/meter"
)

// BenchmarkHit measures hits over loopback connections, client included, and
// the handler alone; metered, they are counted for CloudWatch, too.
func BenchmarkHit(b *testing.B) {
	for name, edit := range map[string]func(*world, *types.DistributionConfig){
		"plain":    nil,
		"metered":  nil,
		"function": withFunctions(map[types.EventType]string{"viewer-request": folders}),
	} {
		var options edge.Options
		if name == "metered" {
			options.Observe = meter.New(nil, time.Now).Request // nothing is flushed here
		}
		w := build(b, options, edit)
		w.bucket.put("/a", object{body: strings.Repeat("x", 1<<10), kind: "text/html", etag: `"v"`})
		w.bucket.put("/100k", object{body: strings.Repeat("x", 100<<10), kind: "image/png"})
		address := w.listen()
		for _, path := range []string{"/a", "/100k"} {
			expect(b, w.get(path), 200, "Miss")
			expect(b, w.get(path), 200, "Hit")
			b.Run(name+path, func(b *testing.B) {
				b.ReportAllocs()
				b.RunParallel(func(p *testing.PB) { hits(b, w, address, path, p) })
			})
		}
		b.Run(name+"/handler", func(b *testing.B) {
			b.ReportAllocs()
			r := httptest.NewRequest(http.MethodGet, "http://"+w.host+"/a", nil)
			for b.Loop() {
				w.edge.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
}

func hits(b *testing.B, w *world, address, path string, p *testing.PB) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Error(err)
		return
	}
	defer func() { _ = conn.Close() }()
	in := bufio.NewReaderSize(conn, 64<<10)
	request := []byte("GET " + path + " HTTP/1.1\r\nHost: " + w.host + "\r\n\r\n")
	for p.Next() {
		if _, err := conn.Write(request); err != nil {
			b.Error(err)
			return
		}
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			b.Error(err)
			return
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
			b.Error(answer.StatusCode, err)
			return
		}
	}
}
