package statemachine_test

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/mayfly-dev/mayfly/local/asl"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// script says what the tasks of an execution answer, by the name of the state:
// JSON, or "!" and the name of an error, or hang. Each try takes the next answer; the
// last one stays. A state without answers gives the usual one of its function.
type script map[string][]string

// hang is the answer that never comes.
const hang = "..."

// usual is what each function, and a machine that another one starts, answers
// when all goes well.
var usual = map[string]string{
	"createbucket":        `{"name":"b1","region":"us-east-1"}`,
	"enableversioning":    `{"name":"b1","region":"us-east-1"}`,
	"hostwebsite":         `{"name":"b1","region":"us-east-1","websiteUrl":"http://b1"}`,
	"createoai":           `{"kind":"oai","id":"I1"}`,
	"createrepository":    `{"name":"docs","uri":"localhost:4566/docs"}`,
	"updaterepository":    `{"name":"docs","uri":"localhost:4566/docs"}`,
	"deleterepository":    `{"phase":"deleting"}`,
	"createdistribution":  `{"id":"E1","domainName":"d1","deployed":false,"waitSeconds":165}`,
	"updatedistribution":  `{"id":"E1","domainName":"d1","deployed":false,"waitSeconds":165}`,
	"disabledistribution": `{"id":"E1","domainName":"d1","deployed":false,"waitSeconds":165}`,
	"enabledistribution":  `{"id":"E1","domainName":"d1","deployed":false,"waitSeconds":165}`,
	"closewebsite":        `{"name":"b1","region":"us-east-1"}`,
	"awaitdistribution":   `{"id":"E1","domainName":"d1","deployed":true,"waitSeconds":0}`,
	"applypolicy":         `{"phase":"provisioning"}`,
	"record":              `{"phase":"ready"}`,
	"beginteardown":       `{"bucket":{"name":"b1","region":"us-east-1"},"originAccess":{"kind":"oai","id":"I1"},"distribution":{"id":"E1"},"repository":{"name":"docs"}}`,
	"emptybucket":         `{"done":true,"deleted":3}`,
	"deletedistribution":  `{"phase":"deleting"}`,
	"deletebucket":        `{"phase":"deleting"}`,
	"deleteoai":           `{"phase":"deleting"}`,
	"ensurewebacl":        `{"name":"mayfly-dev","arn":"arn:acl"}`,
	"deletewebacl":        `{"phase":"deleting"}`,
	"forget":              `{"phase":"deleted"}`,
	"inspectcontent":      `{"bucket":"u","key":"k","files":2,"write":2,"remove":1,"changed":true}`,
	"writeobjects":        `{"done":true,"next":2,"objects":2,"bytes":10}`,
	"removeobjects":       `{"done":true,"next":1,"objects":1,"bytes":0}`,
	"invalidate":          `{"distributionId":"E1","id":"N1","settled":false,"seconds":5}`,
	"awaitinvalidation":   `{"distributionId":"E1","id":"N1","settled":true,"seconds":0}`,
	"finishrelease":       `{}`,
	"finishrollout":       `{"phase":"ready"}`,

	"registertaskdefinition": `{"cluster":"c","service":"s","taskDefinition":"arn:2","before":"arn:1"}`,
	"updateservice":          `{"cluster":"c","service":"s","taskDefinition":"arn:2","before":"arn:1","deployment":"ecs-svc/1"}`,
	"awaitservice":           `{"settled":true,"seconds":0}`,
	"updatefunctioncode":     `{"function":"f","alias":"live","codeSha256":"c"}`,
	"awaitfunction":          `{"settled":true,"seconds":0}`,
	"publishversion":         `{"function":"f","alias":"live","codeSha256":"c","version":"2"}`,
	"movealias":              `{"function":"f","alias":"live","codeSha256":"c","version":"2","before":"1"}`,

	"patchdeployment":  `{"cluster":"eu","namespace":"shop","deployment":"web","image":"docs@sha256:1","before":"docs@sha256:0","generation":2}`,
	"awaitrollout":     `{"settled":true,"seconds":0}`,
	"undorollout":      `{"undone":true}`,
	"resolvedeploy":    `{"verdict":"deploy","sandbox":{"id":"abcdefgh23","name":"docs"},"target":"site"}`,
	"verifyimage":      `{"verdict":"deploy","image":{"repository":"docs","digest":"sha256:1","tag":"v1"}}`,
	"begindeploy":      `{"verdict":"deploy","flow":{"sandbox":{"id":"abcdefgh23","name":"docs"},"release":{"id":"r-1","source":{"kind":"image"}}}}`,
	"protectimage":     `{"phase":"ready"}`,
	"faildeploy":       `{"phase":"ready"}`,
	"reconciledeploys": `{"missed":[{"name":"missed-1","event":{"id":"1"}}],"unprotected":[{"sandbox":{"name":"docs"}}],"done":true}`,
	"estimatecosts":    `{"metered":3,"ended":1,"done":true,"usd":"1.000000000"}`,
	"findorphans":      `{"teardowns":[],"tried":[]}`,
	"beginnight":       `{"night":"n","begun":true}`,
	"decidenight":      `{"starts":[{"act":"sleep","waitSeconds":1,"name":"sleep-1","flow":{}},{"act":"teardown","waitSeconds":2,"name":"teardown-1","flow":{}}],"done":true}`,
	"settlenight":      `{"done":true,"waitSeconds":20}`,
	"endnight":         `{"status":"done"}`,
	machine:            `{"Status":"SUCCEEDED","Output":{"found":{"orphans":2,"proven":1,"gone":3}}}`,
}

// slower tasks make the order of what runs at once the same every time, a
// retry in the other branch included.
var slower = map[string]time.Duration{
	"createoai": 250 * time.Millisecond, "createrepository": 300 * time.Millisecond, "emptybucket": 20 * time.Second,
}

// tasks answers by a script, in virtual time, and keeps what was asked.
type tasks struct {
	script script

	mu     sync.Mutex
	tries  map[string]int
	inputs map[string][]string
}

func functionOf(resource string) string {
	if name, ok := strings.CutPrefix(resource, functionPrefix); ok {
		return name
	}
	return machine
}

// machine stands for any machine that another one starts.
const machine = "machine"

func (r *tasks) RunTask(ctx context.Context, t asl.Task) ([]byte, error) {
	function := functionOf(t.Resource)
	r.mu.Lock()
	n := r.tries[t.StateName]
	r.tries[t.StateName]++
	r.inputs[t.StateName] = append(r.inputs[t.StateName], string(t.Input))
	answers := r.script[t.StateName]
	r.mu.Unlock()
	if len(answers) == 0 {
		answers = []string{usual[function]}
	}
	answer := answers[min(n, len(answers)-1)]
	if answer == hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	timer := time.NewTimer(max(slower[function], 100*time.Millisecond))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if name, failed := strings.CutPrefix(answer, "!"); failed {
		return nil, &asl.TaskError{Name: name, Cause: "said the test"}
	}
	return []byte(answer), nil
}

// outcome is how an execution went.
type outcome struct {
	path        []string
	result      asl.Result
	transitions int
	// children are the executions of its distributed maps, and inChildren the
	// transitions that those made.
	children, inChildren int
	took                 time.Duration
	tries                map[string]int
	inputs               map[string][]string
}

// run runs a machine from start to end in virtual time.
func run(t *testing.T, name, input string, s script) outcome {
	t.Helper()
	machine := bind(t, name)
	var o outcome
	synctest.Test(t, func(t *testing.T) {
		runner := &tasks{script: s, tries: map[string]int{}, inputs: map[string][]string{}}
		engine, err := asl.New(asl.Options{Tasks: runner, Jitter: func() float64 { return 0.5 }})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		started, err := engine.Start(t.Context(), asl.StartInput{Machine: machine, MachineARN: arnOf(name), Name: "test", Input: []byte(input)})
		if err != nil {
			t.Fatal(err)
		}
		if o.result, err = engine.Wait(t.Context(), started.ExecutionARN); err != nil {
			t.Fatal(err)
		}
		o.took = time.Since(begin)
		history, err := engine.Events(started.ExecutionARN)
		if err != nil {
			t.Fatal(err)
		}
		o.path = asl.Path(history)
		if o.transitions, err = engine.Transitions(started.ExecutionARN); err != nil {
			t.Fatal(err)
		}
		o.lookAtChildren(t, engine, started.ExecutionARN)
		if err := engine.Close(); err != nil {
			t.Fatal(err)
		}
		o.tries, o.inputs = runner.tries, runner.inputs
	})
	return o
}

// lookAtChildren counts what an execution's distributed maps took.
func (o *outcome) lookAtChildren(t *testing.T, engine *asl.Engine, arn string) {
	t.Helper()
	for _, run := range engine.MapRuns(arn) {
		for listing := (asl.Listing{MapRunARN: run.MapRunARN, Limit: 1000}); ; {
			page, token := engine.List(listing)
			for _, child := range page {
				n, err := engine.Transitions(child.ExecutionARN)
				if err != nil {
					t.Fatal(err)
				}
				o.children, o.inChildren = o.children+1, o.inChildren+n
			}
			if listing.Token = token; token == "" {
				break
			}
		}
	}
}

// wantPath fails the test unless the execution entered these states and ended
// with this error, "" for success.
func (o outcome) wantPath(t *testing.T, path, failure string) {
	t.Helper()
	if got := strings.Join(o.path, " "); got != strings.Join(strings.Fields(path), " ") {
		t.Errorf("went\n  %s, want\n  %s", got, strings.Join(strings.Fields(path), " "))
	}
	if want := asl.StatusSucceeded; failure == "" && o.result.Status != want || o.result.Error != failure {
		t.Errorf("ended %s with %s: %s; want error %q", o.result.Status, o.result.Error, o.result.Cause, failure)
	}
}

// input returns what the nth try of a state was given, as a flow of anything.
func (o outcome) input(t *testing.T, state string, n int) map[string]any {
	t.Helper()
	if len(o.inputs[state]) <= n {
		t.Fatalf("state %s was tried %d times", state, len(o.inputs[state]))
	}
	var document map[string]any
	if err := json.Unmarshal([]byte(o.inputs[state][n]), &document); err != nil {
		t.Fatal(err)
	}
	return document
}
