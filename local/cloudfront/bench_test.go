package cloudfront_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/cloudfront"
)

func BenchmarkCreateDistribution(b *testing.B) {
	s, err := cloudfront.New(cloudfront.Options{Dir: b.TempDir(), Quotas: cloudfront.Quotas{Distributions: 1 << 30}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	n := 0
	for b.Loop() {
		n++
		body := strings.Replace(rawConfig, "raw", strconv.Itoa(n), 1)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/2020-05-31/distribution", strings.NewReader(body)))
		if w.Code != http.StatusCreated {
			b.Fatal(w.Body)
		}
	}
}

func BenchmarkByHost(b *testing.B) {
	s, err := cloudfront.New(cloudfront.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/2020-05-31/distribution", strings.NewReader(rawConfig)))
	host := s.Distributions()[0].DomainName + ":4566"
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := s.ByHost(host); !ok {
			b.Fatal("not found")
		}
	}
}
