package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

const definition = `{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}`

// consolesRoutes are more of everyRoute; FIRST is the name of the first
// execution.
func consolesRoutes() map[string]asks {
	const one, run = "/v1/sandboxes/hello", "/v1/executions/provision/FIRST"
	return map[string]asks{
		"GET " + name + "/objects":                         {path: one + "/objects", admin: 200, ada: 200, bea: 403, readers: 200, nobodys: 401},
		"GET " + name + "/images":                          {path: one + "/images", admin: 200, ada: 200, bea: 403, readers: 200, nobodys: 401},
		"GET /v1/whoami":                                   {path: "/v1/whoami", admin: 200, ada: 200, bea: 200, readers: 200, nobodys: 401},
		"GET /v1/machines":                                 {path: "/v1/machines", admin: 200, ada: 200, bea: 200, readers: 200, nobodys: 401},
		"GET /v1/machines/{machine}":                       {path: "/v1/machines/provision", admin: 200, ada: 200, bea: 200, readers: 200, nobodys: 401},
		"GET /v1/machines/{machine}/executions":            {path: "/v1/machines/provision/executions", admin: 200, ada: 403, bea: 403, readers: 200, nobodys: 401},
		"GET /v1/executions/{machine}/{execution}":         {path: run, admin: 200, ada: 200, bea: 403, readers: 200, nobodys: 401},
		"GET /v1/executions/{machine}/{execution}/history": {path: run + "/history", admin: 200, ada: 200, bea: 403, readers: 200, nobodys: 401},
	}
}

func (m *machines) ListStateMachines(_ context.Context, in *sfn.ListStateMachinesInput, _ ...func(*sfn.Options)) (*sfn.ListStateMachinesOutput, error) {
	machine := func(name string) sfntypes.StateMachineListItem {
		return sfntypes.StateMachineListItem{StateMachineArn: aws.String(strings.TrimSuffix(machinePrefix, "mayfly-") + name)}
	}
	if in.NextToken == nil {
		return &sfn.ListStateMachinesOutput{StateMachines: []sfntypes.StateMachineListItem{machine("mayfly-teardown"), machine("theirs")}, NextToken: aws.String("2")}, nil
	}
	return &sfn.ListStateMachinesOutput{StateMachines: []sfntypes.StateMachineListItem{machine("mayfly-provision"), machine("mayfly-other-provision")}}, nil
}

func (m *machines) DescribeStateMachine(_ context.Context, in *sfn.DescribeStateMachineInput, _ ...func(*sfn.Options)) (*sfn.DescribeStateMachineOutput, error) {
	if !strings.HasSuffix(*in.StateMachineArn, "-provision") {
		return nil, &sfntypes.StateMachineDoesNotExist{}
	}
	return &sfn.DescribeStateMachineOutput{Definition: aws.String(definition)}, nil
}

func (m *machines) DescribeStateMachineForExecution(context.Context, *sfn.DescribeStateMachineForExecutionInput, ...func(*sfn.Options)) (*sfn.DescribeStateMachineForExecutionOutput, error) {
	return &sfn.DescribeStateMachineForExecutionOutput{Definition: aws.String(definition)}, nil
}

func (m *machines) ListExecutions(_ context.Context, in *sfn.ListExecutionsInput, _ ...func(*sfn.Options)) (*sfn.ListExecutionsOutput, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if in.NextToken != nil && *in.NextToken != "more" {
		return nil, &sfntypes.InvalidToken{}
	}
	out := &sfn.ListExecutionsOutput{NextToken: aws.String("more")}
	for _, arn := range m.order {
		if strings.HasPrefix(arn, strings.Replace(*in.StateMachineArn, ":stateMachine:", ":execution:", 1)+":") && (in.StatusFilter == "" || in.StatusFilter == m.status[arn]) {
			out.Executions = append(out.Executions, sfntypes.ExecutionListItem{
				ExecutionArn: &arn, Name: aws.String(arn[strings.LastIndex(arn, ":")+1:]), Status: m.status[arn], StartDate: aws.Time(time.Unix(1, 0)),
			})
		}
	}
	return out, nil
}

func (m *machines) GetExecutionHistory(_ context.Context, in *sfn.GetExecutionHistoryInput, _ ...func(*sfn.Options)) (*sfn.GetExecutionHistoryOutput, error) {
	if in.NextToken != nil {
		return nil, &sfntypes.InvalidToken{}
	}
	long := `"` + strings.Repeat("é", 4000) + `"`
	at := aws.Time(time.Unix(2, 0))
	return &sfn.GetExecutionHistoryOutput{NextToken: aws.String("more"), Events: []sfntypes.HistoryEvent{
		{Id: 1, Type: sfntypes.HistoryEventTypeExecutionStarted, Timestamp: at, ExecutionStartedEventDetails: &sfntypes.ExecutionStartedEventDetails{Input: &long}},
		{Id: 2, PreviousEventId: 1, Type: sfntypes.HistoryEventTypeTaskStateEntered, Timestamp: at, StateEnteredEventDetails: &sfntypes.StateEnteredEventDetails{Name: aws.String("A")}},
		{Id: 3, PreviousEventId: 2, Type: sfntypes.HistoryEventTypeLambdaFunctionFailed, Timestamp: at, LambdaFunctionFailedEventDetails: &sfntypes.LambdaFunctionFailedEventDetails{Error: aws.String("SlowDown"), Cause: aws.String("too fast")}},
		{Id: 4, PreviousEventId: 3, Type: sfntypes.HistoryEventTypeMapIterationStarted, Timestamp: at, MapIterationStartedEventDetails: &sfntypes.MapIterationEventDetails{Name: aws.String("B"), Index: 7}},
		{Id: 5, PreviousEventId: 4, Type: sfntypes.HistoryEventTypeMapRunStarted, Timestamp: at, MapRunStartedEventDetails: &sfntypes.MapRunStartedEventDetails{MapRunArn: aws.String("arn:run")}},
	}}, nil
}

func TestMachinesAreThoseOfTheInstallation(t *testing.T) {
	w := newWorld(t)
	list := into[events.MachineList](t, w.want(http.StatusOK, "GET", "/v1/machines", ""))
	if len(list.Machines) != 2 || list.Machines[0].Name != "provision" || list.Machines[1].Name != "teardown" {
		t.Errorf("%+v", list)
	}
	one := into[events.MachineState](t, w.want(http.StatusOK, "GET", "/v1/machines/provision", ""))
	if string(one.Definition) != definition {
		t.Errorf("%s", one.Definition)
	}
	for _, path := range []string{"/v1/machines/nightly", "/v1/machines/x-provision", "/v1/machines/x:provision/executions", "/v1/executions/provision/absent", "/v1/executions/provision/a%20b/history"} {
		w.want(http.StatusNotFound, "GET", path, "")
	}
}

func TestExecutionsAreListedAndShown(t *testing.T) {
	w := newWorld(t)
	w.readyFor("ada", "hello")
	first := w.machines.started()[0]
	page := into[events.ExecutionPage](t, w.want(http.StatusOK, "GET", "/v1/machines/provision/executions?limit=1&cursor=more", ""))
	if len(page.Executions) != 1 || page.Executions[0].Name != first || page.Next != "more" {
		t.Fatalf("%+v", page)
	}
	if page := into[events.ExecutionPage](t, w.want(http.StatusOK, "GET", "/v1/machines/provision/executions?status=FAILED", "")); len(page.Executions) != 0 {
		t.Errorf("none failed: %+v", page)
	}
	for _, query := range []string{"status=failed", "cursor=x", "limit=0"} {
		w.want(http.StatusBadRequest, "GET", "/v1/machines/provision/executions?"+query, "")
	}
	shown := into[events.ExecutionState](t, w.want(http.StatusOK, "GET", "/v1/executions/provision/"+first, ""))
	if shown.Sandbox != "hello" || string(shown.Definition) != definition || !strings.Contains(shown.Input, `"hello"`) {
		t.Errorf("%+v", shown)
	}
	history := into[events.HistoryPage](t, w.want(http.StatusOK, "GET", "/v1/executions/provision/"+first+"/history", ""))
	if len(history.Events) != 5 || history.Events[3].Index != 7 || history.Events[4].MapRun != "arn:run" || history.Next != "more" || history.Events[1].State != "A" || history.Events[2].Error != "SlowDown" || history.Events[2].Previous != 2 {
		t.Fatalf("%+v", history)
	}
	if in := history.Events[0].Input; len(in) > 4100 || !strings.HasSuffix(in, "é…") {
		t.Errorf("an input of 8002 bytes is shown as %d: …%s", len(in), in[len(in)-10:])
	}
	w.want(http.StatusBadRequest, "GET", "/v1/executions/provision/"+first+"/history?cursor=x", "")
}

// TestAnExecutionFollowsItsSandboxsOwner: who gives a sandbox away no longer
// sees what is done to it, and what is no sandbox's is for those who see all.
func TestAnExecutionFollowsItsSandboxsOwner(t *testing.T) {
	w := newWorld(t, asTold)
	w.readyFor("ada", "hello")
	path := "/v1/executions/provision/" + w.machines.started()[0]
	w.change("hello", func(s *sandbox.Sandbox) { s.Owner = "bea" })
	for who, want := range map[string]int{"ada": 403, "bea": 200} {
		if a := w.do("GET", path, "", "Test-Name", who, "Test-Role", "owner"); a.StatusCode != want {
			t.Errorf("%s: %d", who, a.StatusCode)
		}
		if a := w.do("GET", "/v1/executions/provision/absent", "", "Test-Name", who, "Test-Role", "owner"); a.StatusCode != http.StatusForbidden {
			t.Errorf("%s is told by %d whether there is an execution", who, a.StatusCode)
		}
	}
}

func TestTheCallerIsToldHowFarItGoes(t *testing.T) {
	w := newWorld(t, asTold)
	for role, want := range map[string]string{"admin": "all", "owner": "own", "reader": "none"} {
		a := w.do("GET", "/v1/whoami", "", "Test-Name", "ada", "Test-Role", role)
		who := into[events.Caller](t, a)
		if who.Name != "ada" || who.Role != role || who.Principal != "test/ada" || who.Routes["DELETE /v1/sandboxes/{name}"] != want || who.Routes["GET /v1/health"] != "all" {
			t.Errorf("%+v", who)
		}
	}
}
