package sfn_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	api "github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/journal"
	"github.com/mayfly-dev/mayfly/local/sfn"
)

// passes is a machine of n Pass states.
func passes(n int) string {
	states := make([]string, n)
	for i := range states {
		next := fmt.Sprintf(`"Next":"S%d"`, i+1)
		if i == n-1 {
			next = `"End":true`
		}
		states[i] = fmt.Sprintf(`"S%d":{"Type":"Pass",%s}`, i, next)
	}
	return `{"StartAt":"S0","States":{` + strings.Join(states, ",") + `}}`
}

// durable gives a service a journal that is synced to the disk, as mayfly local does.
func durable(b *testing.B) func(*sfn.Options) {
	return func(o *sfn.Options) {
		o.Engine = func(tasks asl.TaskRunner) (*asl.Engine, error) {
			log, err := journal.Open(filepath.Join(b.TempDir(), "journal"), journal.Options{})
			if err != nil {
				return nil, err
			}
			return asl.New(asl.Options{Tasks: tasks, Journal: log, RetainEnded: 1000})
		}
	}
}

// atOnce calls f, so many at once, as often as the benchmark says.
func atOnce(b *testing.B, n int, f func() error) {
	var left atomic.Int64
	left.Store(int64(b.N))
	var all sync.WaitGroup
	b.ResetTimer()
	for range n {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				if err := f(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "executions/s")
}

// ownBody sends each request with a body of its own. The SDK closes the one that
// it made as soon as an answer begins, and a connection on which that was not
// quite read to its end is closed: the SDK then tries again, after up to a second.
type ownBody struct{ http.RoundTripper }

func (t ownBody) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return t.RoundTripper.RoundTrip(r)
}

// benchmarked starts a service for a benchmark.
func benchmarked(b *testing.B) *cloud {
	c := start(b, b.TempDir(), nil, durable(b))
	options := c.Options()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	b.Cleanup(transport.CloseIdleConnections)
	options.HTTPClient = &http.Client{Transport: ownBody{transport}}
	c.Client = api.New(options)
	return c
}

// BenchmarkAPI runs executions to their end through the API, by AWS's own client
// over HTTP on loopback: Express ones by StartSyncExecution, Standard ones by
// StartExecution, each of which is on the disk before the answer.
func BenchmarkAPI(b *testing.B) {
	for _, c := range []struct{ name, definition, input string }{
		{"10pass", passes(10), `{"hello":"world","n":1}`},
		{"map1000x3", `{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":` + passes(3) + `}}}`,
			"[" + strings.Repeat(`{"id":1,"name":"item"},`, 999) + `{"id":1,"name":"item"}]`},
	} {
		for _, n := range []int{1, 16} {
			b.Run(fmt.Sprintf("express/%s/%d", c.name, n), func(b *testing.B) {
				cloud := benchmarked(b)
				machine := cloud.create(b, "flow", c.definition, express)
				in := &api.StartSyncExecutionInput{StateMachineArn: &machine, Input: &c.input}
				atOnce(b, n, func() error {
					out, err := cloud.StartSyncExecution(b.Context(), in)
					if err == nil && out.Status != types.SyncExecutionStatusSucceeded {
						err = fmt.Errorf("%s %s", out.Status, *out.Cause)
					}
					return err
				})
			})
		}
	}
	for _, n := range []int{1, 16} {
		b.Run(fmt.Sprintf("standard/10pass/%d", n), func(b *testing.B) {
			cloud := benchmarked(b)
			machine := cloud.create(b, "flow", passes(10))
			input := `{"hello":"world","n":1}`
			atOnce(b, n, func() error {
				out, err := cloud.StartExecution(b.Context(), &api.StartExecutionInput{StateMachineArn: &machine, Input: &input})
				if err == nil {
					_, err = cloud.service.Engine().Wait(b.Context(), *out.ExecutionArn)
				}
				return err
			})
		})
	}
}
