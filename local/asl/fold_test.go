package asl

import (
	"slices"
	"testing"
)

// FuzzFold gives the restoring of executions damaged logs, which checksums keep
// away from it: it must refuse them or not, and never panic.
func FuzzFold(f *testing.F) {
	const definition = `{"StartAt":"P","States":{"P":{"Type":"Parallel","End":true,"Branches":[
		{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:x","Retry":[{"ErrorEquals":["E"]}],"End":true}}},
		{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1000,"End":true}}}}}},
		{"StartAt":"D","States":{"D":{"Type":"Map","End":true,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
			"StartAt":"V","States":{"V":{"Type":"Wait","Seconds":1000,"End":true}}}}}}]}}}`
	m, err := Parse([]byte(definition))
	if err != nil {
		f.Fatal(err)
	}
	e, err := New(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := e.Close(); err != nil {
			f.Error(err)
		}
	})
	x := e.newExecution(&StartInput{Machine: m, MachineARN: "arn:aws:states:us-east-1:000000000000:stateMachine:m", Name: "n"})
	x.mu.Lock()
	x.begin(value{raw: []byte(`[1,2]`)})
	f.Add(slices.Clone(x.log))
	// And one that failed and was redriven.
	x.stateFailed(x.root.group.children[0], &TaskError{Name: "F"}, 0)
	f.Add(slices.Clone(x.log))
	x.shown.status = x.status
	if err := x.redrive("token", 0); err != nil {
		f.Fatal(err)
	}
	f.Add(slices.Clone(x.log))
	x.mu.Unlock()
	f.Fuzz(func(t *testing.T, log []byte) {
		damaged := &execution{e: e, m: m, source: m.root, log: log}
		if err := damaged.fold(); err == nil {
			if _, err := damaged.history(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
