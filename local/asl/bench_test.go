package asl_test

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/journal"
)

const machineARN = "arn:aws:states:us-east-1:000000000000:stateMachine:bench"

// chain is a machine of n states of a type. In it, # is the state's number, and
// %s the next state, for types that have no Next.
func chain(n int, state string) string {
	var b strings.Builder
	b.WriteString(`{"StartAt":"S0","States":{`)
	for i := range n {
		state := strings.ReplaceAll(state, "#", strconv.Itoa(i))
		next := fmt.Sprintf(`"Next":"S%d"`, i+1)
		if i == n-1 {
			next = `"End":true`
		}
		if i > 0 {
			b.WriteByte(',')
		}
		if strings.Contains(state, "%s") {
			fmt.Fprintf(&b, `"S%d":{%s}`, i, strings.ReplaceAll(state, "%s", fmt.Sprintf("S%d", i+1)))
			continue
		}
		fmt.Fprintf(&b, `"S%d":{%s,%s}`, i, state, next)
	}
	if strings.Contains(state, "%s") {
		fmt.Fprintf(&b, `,"S%d":{"Type":"Succeed"}`, n)
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

// small is an input as most are.
var small = []byte(`{"hello":"world","n":1}`)

// BenchmarkMemory runs machines of ten states, one execution at a time, with
// their history kept in memory. By the time that the processor was at work, it
// gives the same figures on a machine that others use, too.
func BenchmarkMemory(b *testing.B) {
	for _, c := range []struct{ name, definition string }{{"10pass", chain(10, passState)}, {"10task", chain(10, taskState)}} {
		b.Run(c.name, func(b *testing.B) {
			e, m := engine(b, asl.Options{RetainEnded: 10000}), machine(b, c.definition)
			b.ReportAllocs()
			began := processorTime()
			for b.Loop() {
				execute(b, e, m, small)
			}
			b.ReportMetric(float64(b.N)/(processorTime()-began).Seconds(), "executions/cpu-s")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "executions/s")
		})
	}
}

// BenchmarkState is what one more state costs, of each type: the processor time
// that a machine of 110 of them takes beyond one of 10, by 100.
func BenchmarkState(b *testing.B) {
	one := func(name string) string {
		return `{"StartAt":"` + name + `#","States":{"` + name + `#":{"Type":"Pass","End":true}}}`
	}
	for _, c := range []struct{ name, state string }{
		{"Pass", passState},
		{"Pass with Parameters", passState + `,"Parameters":{"a.$":"$.n","b":{"c.$":"$.hello","d":[1,"x"]}},"ResultPath":"$.p"`},
		{"Pass with an intrinsic function", passState + `,"Parameters":{"n.$":"States.MathAdd($.n, 1)","hello.$":"States.Format('{}', $.hello)"}`},
		{"Pass in JSONata, a path", passState + `,"QueryLanguage":"JSONata","Output":{"n":"{% $states.input.n %}"}`},
		{"Pass in JSONata, a simple expression", passState + `,"QueryLanguage":"JSONata","Output":{"n":"{% $states.input.n + 1 %}"}`},
		{"Pass in JSONata, interpreted", passState + `,"QueryLanguage":"JSONata","Output":{"n":"{% $sum([$states.input.n, 1]) %}"}`},
		{"Task", taskState},
		{"Choice", `"Type":"Choice","Choices":[{"Variable":"$.hello","StringEquals":"nobody","Next":"%s"}],"Default":"%s"`},
		{"Wait 0", `"Type":"Wait","Seconds":0`},
		{"Parallel of two Pass", `"Type":"Parallel","ResultPath":null,"Branches":[` + one("A") + "," + one("B") + `]`},
		{"Map of two Pass", `"Type":"Map","ItemsPath":"$.list","ResultPath":null,"ItemProcessor":` + one("A")},
	} {
		b.Run(c.name, func(b *testing.B) {
			e := engine(b, asl.Options{RetainEnded: 1000})
			few, many := machine(b, chain(10, c.state)), machine(b, chain(110, c.state))
			input := []byte(`{"hello":"world","n":1,"list":[1,2]}`)
			var spent time.Duration
			for b.Loop() {
				began := processorTime()
				execute(b, e, many, input)
				between := processorTime()
				execute(b, e, few, input)
				spent += between - began - (processorTime() - between)
			}
			b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N)/100, "cpu-ns/state")
			b.ReportMetric(0, "ns/op") // of 120 states, which is of no interest
		})
	}
}

// map1000 is a machine whose Map state has three states for each item.
func map1000() (definition string, input []byte) {
	return `{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":` + chain(3, passState) + `}}}`,
		[]byte("[" + strings.Repeat(`{"id":1,"name":"item"},`, 999) + `{"id":1,"name":"item"}]`)
}

func BenchmarkMap1000x3(b *testing.B) {
	e := engine(b, asl.Options{RetainEnded: 10})
	definition, input := map1000()
	m := machine(b, definition)
	b.ReportAllocs()
	began := processorTime()
	for b.Loop() {
		execute(b, e, m, input)
	}
	b.ReportMetric(float64((processorTime()-began).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

// BenchmarkWaiting is how much memory an execution takes that waits, as it is
// after its start; BenchmarkRestore says it of one that was read from a journal.
func BenchmarkWaiting(b *testing.B) {
	const n = 20_000
	m := machine(b, `{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"W"},"W":{"Type":"Wait","Seconds":100000,"End":true}}}`)
	var bytes float64
	waiting := func() {
		before := heap()
		e := engine(b, asl.Options{})
		for i := range n {
			if _, err := e.Start(b.Context(), asl.StartInput{Machine: m, MachineARN: machineARN, Name: fmt.Sprint(i), Input: small}); err != nil {
				b.Fatal(err)
			}
		}
		bytes = float64(heap()-before) / n
		runtime.KeepAlive(e)
	}
	for b.Loop() {
		waiting()
	}
	b.ReportMetric(bytes, "B/waiting")
}

func BenchmarkDurable256(b *testing.B) {
	for _, c := range []struct{ name, state string }{{"10pass", passState}, {"10task", taskState}} {
		b.Run(c.name, func(b *testing.B) {
			j, err := journal.Open(b.TempDir(), journal.Options{})
			if err != nil {
				b.Fatal(err)
			}
			e, m := engine(b, asl.Options{Journal: j, RetainEnded: 10000}), machine(b, chain(10, c.state))
			var left atomic.Int64
			left.Store(int64(b.N))
			b.ResetTimer()
			var all sync.WaitGroup
			for range 256 {
				all.Go(func() {
					for left.Add(-1) >= 0 {
						execute(b, e, m, small)
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "executions/s")
		})
	}
}
