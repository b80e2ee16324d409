package asl_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/journal"
)

const machineARN = "arn:aws:states:us-east-1:000000000000:stateMachine:bench"

// chain is a machine of n states of a type.
func chain(n int, state string) string {
	var b strings.Builder
	b.WriteString(`{"StartAt":"S0","States":{`)
	for i := range n {
		next := fmt.Sprintf(`"Next":"S%d"`, i+1)
		if i == n-1 {
			next = `"End":true`
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"S%d":{%s,%s}`, i, state, next)
	}
	b.WriteString("}}")
	return b.String()
}

const (
	passState = `"Type":"Pass"`
	taskState = `"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:x"`
)

func machine(tb testing.TB, definition string) *asl.Machine {
	tb.Helper()
	m, err := asl.Parse([]byte(definition))
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func engine(tb testing.TB, o asl.Options) *asl.Engine {
	tb.Helper()
	if o.Tasks == nil {
		o.Tasks = asl.TaskFunc(func(_ context.Context, t asl.Task) ([]byte, error) { return t.Input, nil })
	}
	e, err := asl.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := e.Close(); err != nil {
			tb.Error(err)
		}
	})
	return e
}

func execute(tb testing.TB, e *asl.Engine, m *asl.Machine, input []byte) asl.Result {
	started, err := e.Start(tb.Context(), asl.StartInput{Machine: m, MachineARN: machineARN, Input: input})
	if err != nil {
		tb.Fatal(err)
	}
	result, err := e.Wait(tb.Context(), started.ExecutionARN)
	if err != nil {
		tb.Fatal(err)
	}
	if result.Status != asl.StatusSucceeded {
		tb.Fatalf("%s %s %s", result.Status, result.Error, result.Cause)
	}
	return result
}

func BenchmarkMemory(b *testing.B) {
	for _, c := range []struct{ name, definition string }{
		{"10pass", chain(10, passState)},
		{"110pass", chain(110, passState)},
		{"10task", chain(10, taskState)},
	} {
		b.Run(c.name, func(b *testing.B) {
			e, m := engine(b, asl.Options{RetainEnded: 10000}), machine(b, c.definition)
			input := []byte(`{"hello":"world","n":1}`)
			b.ReportAllocs()
			for b.Loop() {
				execute(b, e, m, input)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "executions/s")
		})
	}
}

func BenchmarkMap1000x3(b *testing.B) {
	e := engine(b, asl.Options{RetainEnded: 10})
	m := machine(b, `{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":`+chain(3, passState)+`}}}`)
	input := []byte("[" + strings.Repeat(`{"id":1,"name":"item"},`, 999) + `{"id":1,"name":"item"}]`)
	b.ReportAllocs()
	for b.Loop() {
		execute(b, e, m, input)
	}
}

func BenchmarkDurable256(b *testing.B) {
	for _, c := range []struct{ name, state string }{{"10pass", passState}, {"10task", taskState}} {
		b.Run(c.name, func(b *testing.B) {
			j, err := journal.Open(b.TempDir(), journal.Options{})
			if err != nil {
				b.Fatal(err)
			}
			e, m := engine(b, asl.Options{Journal: j, RetainEnded: 10000}), machine(b, chain(10, c.state))
			input := []byte(`{"hello":"world","n":1}`)
			var left atomic.Int64
			left.Store(int64(b.N))
			b.ResetTimer()
			var all sync.WaitGroup
			for range 256 {
				all.Go(func() {
					for left.Add(-1) >= 0 {
						execute(b, e, m, input)
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "executions/s")
		})
	}
}
