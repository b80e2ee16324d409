package asl_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/asltest"
)

// details writes a history as AWS's API has it, without ids and times, one event
// on a line: "TaskScheduled{"resource":"invoke",…}".
func details(history []asl.Event) string {
	var lines []string
	for i := range history {
		var event map[string]json.RawMessage
		if err := json.Unmarshal(history[i].AppendJSON(nil, true), &event); err != nil {
			return err.Error()
		}
		line := history[i].Type
		for name, value := range event {
			if strings.HasSuffix(name, "EventDetails") {
				line += string(value)
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// TestHistoryOfEachState has the events of every type of state: their order,
// their ids and those before them, as they were recorded of AWS.
func TestHistoryOfEachState(t *testing.T) {
	for _, c := range []struct{ state, definition, input, want string }{
		{"Choice", `{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{"Variable":"$.v","NumericEquals":3,"Next":"P"}],"Default":"P"},"P":{"Type":"Pass","End":true}}}`, `{"v":3}`,
			"1<0 ExecutionStarted\n2<0 ChoiceStateEntered\n3<2 ChoiceStateExited\n4<3 PassStateEntered\n5<4 PassStateExited\n6<5 ExecutionSucceeded"},
		{"Wait", one(`{"Type":"Wait","Seconds":1,"End":true}`), `{}`, "1<0 ExecutionStarted\n2<0 WaitStateEntered\n3<2 WaitStateExited\n4<3 ExecutionSucceeded"},
		{"Succeed", one(`{"Type":"Succeed"}`), `{}`, "1<0 ExecutionStarted\n2<0 SucceedStateEntered\n3<2 SucceedStateExited\n4<3 ExecutionSucceeded"},
		{"Fail", one(`{"Type":"Fail","Error":"E"}`), `{}`, "1<0 ExecutionStarted\n2<0 FailStateEntered\n3<2 ExecutionFailed"},
		{"Task, a function", one(`{"Type":"Task","Resource":"` + function + `x","End":true}`), `{}`,
			"1<0 ExecutionStarted\n2<0 TaskStateEntered\n3<2 LambdaFunctionScheduled\n4<3 LambdaFunctionStarted\n5<4 LambdaFunctionSucceeded\n6<5 TaskStateExited\n7<6 ExecutionSucceeded"},
		{"Task, a service", one(`{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","End":true}`), `{}`,
			"1<0 ExecutionStarted\n2<0 TaskStateEntered\n3<2 TaskScheduled\n4<3 TaskStarted\n5<4 TaskSucceeded\n6<5 TaskStateExited\n7<6 ExecutionSucceeded"},
		{"Task, its time over", one(`{"Type":"Task","Resource":"` + function + `slow","TimeoutSeconds":5,"End":true}`), `{}`,
			"1<0 ExecutionStarted\n2<0 TaskStateEntered\n3<2 LambdaFunctionScheduled\n4<3 LambdaFunctionStarted\n5<4 LambdaFunctionTimedOut\n6<5 ExecutionFailed"},
		{"Task, tried again", one(`{"Type":"Task","Resource":"` + function + `flaky","Retry":[{"ErrorEquals":["Flaky"]}],"End":true}`), `{}`,
			"1<0 ExecutionStarted\n2<0 TaskStateEntered\n3<2 LambdaFunctionScheduled\n4<3 LambdaFunctionStarted\n5<4 LambdaFunctionFailed\n6<5 LambdaFunctionScheduled\n7<6 LambdaFunctionStarted\n" +
				"8<7 LambdaFunctionFailed\n9<8 LambdaFunctionScheduled\n10<9 LambdaFunctionStarted\n11<10 LambdaFunctionSucceeded\n12<11 TaskStateExited\n13<12 ExecutionSucceeded"},
		{"Task, caught", caught(`{"ErrorEquals":["States.ALL"],"Next":"B"}`), `{}`,
			"1<0 ExecutionStarted\n2<0 TaskStateEntered\n3<2 LambdaFunctionScheduled\n4<3 LambdaFunctionStarted\n5<4 LambdaFunctionFailed\n6<5 TaskStateExited\n7<6 PassStateEntered\n8<7 PassStateExited\n9<8 ExecutionSucceeded"},
		{"Parallel", one(`{"Type":"Parallel","End":true,"Branches":[{"StartAt":"B","States":{"B":{"Type":"Wait","Seconds":1,"End":true}}},{"StartAt":"C","States":{"C":{"Type":"Pass","End":true}}}]}`), `{}`,
			"1<0 ExecutionStarted\n2<0 ParallelStateEntered\n3<2 ParallelStateStarted\n4<3 WaitStateEntered\n5<3 PassStateEntered\n6<5 PassStateExited\n7<4 WaitStateExited\n8<7 ParallelStateSucceeded\n9<7 ParallelStateExited\n10<9 ExecutionSucceeded"},
		// What is aborted names the event that is to blame as the one before.
		{"Map, one iteration fails", one(`{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{"Variable":"$","NumericEquals":1,"Next":"F"}],"Default":"W"},
			"W":{"Type":"Task","Resource":"` + function + `slow","End":true},"F":{"Type":"Wait","Seconds":1,"Next":"F2"},"F2":{"Type":"Fail","Error":"E"}}}}`), `[1,2]`,
			"1<0 ExecutionStarted\n2<0 MapStateEntered\n3<2 MapStateStarted\n4<3 MapIterationStarted\n5<4 ChoiceStateEntered\n6<5 ChoiceStateExited\n7<6 WaitStateEntered\n8<3 MapIterationStarted\n" +
				"9<8 ChoiceStateEntered\n10<9 ChoiceStateExited\n11<10 TaskStateEntered\n12<11 LambdaFunctionScheduled\n13<12 LambdaFunctionStarted\n14<7 WaitStateExited\n15<14 FailStateEntered\n" +
				"16<15 MapIterationFailed\n17<15 MapIterationAborted\n18<15 TaskStateAborted\n19<15 MapStateFailed\n20<19 ExecutionFailed"},
		{"the machine's time over", `{"TimeoutSeconds":1,"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":9,"End":true}}}`, `{}`, "1<0 ExecutionStarted\n2<0 WaitStateEntered\n3<0 ExecutionTimedOut"},
		{"an evaluation fails", query(`{"Type":"Pass","Output":"{% $nope %}","End":true}`), `{}`, "1<0 ExecutionStarted\n2<0 PassStateEntered\n3<2 EvaluationFailed\n4<3 ExecutionFailed"},
	} {
		t.Run(c.state, func(t *testing.T) {
			if got := events(run(t, c.definition, c.input).Events); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestHistoryDetails(t *testing.T) {
	for _, c := range []struct{ state, definition, want string }{
		{"a function", one(`{"Type":"Task","Resource":"` + function + `x","TimeoutSeconds":5,"Assign":{"v":1},"End":true}`), `ExecutionStarted{"input":"{}","inputDetails":{"truncated":false}}
TaskStateEntered{"name":"A","input":"{}","inputDetails":{"truncated":false}}
LambdaFunctionScheduled{"resource":"` + function + `x","input":"{}","inputDetails":{"truncated":false},"timeoutInSeconds":5}
LambdaFunctionStarted
LambdaFunctionSucceeded{"output":"{}","outputDetails":{"truncated":false}}
TaskStateExited{"name":"A","output":"{}","outputDetails":{"truncated":false},"assignedVariables":{"v":"1"},"assignedVariablesDetails":{"truncated":false}}
ExecutionSucceeded{"output":"{}","outputDetails":{"truncated":false}}`},
		{"a service", one(`{"Type":"Task","Resource":"arn:aws:states:::aws-sdk:s3:getObject","Parameters":{"Bucket":"b"},"End":true}`), `ExecutionStarted{"input":"{}","inputDetails":{"truncated":false}}
TaskStateEntered{"name":"A","input":"{}","inputDetails":{"truncated":false}}
TaskScheduled{"resource":"getObject","resourceType":"aws-sdk:s3","region":"us-east-1","parameters":"{\"Bucket\":\"b\"}"}
TaskStarted{"resource":"getObject","resourceType":"aws-sdk:s3"}
TaskSucceeded{"resource":"getObject","resourceType":"aws-sdk:s3","output":"{\"Bucket\":\"b\"}","outputDetails":{"truncated":false}}
TaskStateExited{"name":"A","output":"{\"Bucket\":\"b\"}","outputDetails":{"truncated":false}}
ExecutionSucceeded{"output":"{\"Bucket\":\"b\"}","outputDetails":{"truncated":false}}`},
		{"a failure", one(`{"Type":"Task","Resource":"` + function + `boom","End":true}`), `ExecutionStarted{"input":"{}","inputDetails":{"truncated":false}}
TaskStateEntered{"name":"A","input":"{}","inputDetails":{"truncated":false}}
LambdaFunctionScheduled{"resource":"` + function + `boom","input":"{}","inputDetails":{"truncated":false}}
LambdaFunctionStarted
LambdaFunctionFailed{"error":"Boom","cause":"it went off"}
ExecutionFailed{"error":"Boom","cause":"it went off"}`},
		{"an evaluation", query(`{"Type":"Pass","Output":{"v":["{% $nope %}"]},"End":true}`), `ExecutionStarted{"input":"{}","inputDetails":{"truncated":false}}
PassStateEntered{"name":"A","input":"{}","inputDetails":{"truncated":false}}
EvaluationFailed{"error":"States.QueryEvaluationError","cause":"An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Output/v[0]' returned nothing (undefined).","state":"A","location":"Output/v[0]"}
ExecutionFailed{"error":"States.QueryEvaluationError","cause":"An error occurred while executing the state 'A' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Output/v[0]' returned nothing (undefined)."}`},
	} {
		t.Run(c.state, func(t *testing.T) {
			if got := details(run(t, c.definition, `{}`).Events); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// TestHistoryOfJobs has the events of tasks whose service is waited for.
func TestHistoryOfJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, err := asltest.Run(t.Context(), one(`{"Type":"Task","Resource":"arn:aws:states:::ecs:runTask.sync","End":true}`), `{}`,
			asl.TaskFunc(func(_ context.Context, task asl.Task) ([]byte, error) {
				task.Submit([]byte(`{"TaskArn":"t"}`))
				return []byte(`"done"`), nil
			}))
		want := "1<0 ExecutionStarted\n2<0 TaskStateEntered\n3<2 TaskScheduled\n4<3 TaskStarted\n5<4 TaskSubmitted\n6<5 TaskSucceeded\n7<6 TaskStateExited\n8<7 ExecutionSucceeded"
		if err != nil || events(got.Events) != want || string(got.Events[4].Output) != `{"TaskArn":"t"}` {
			t.Errorf("%v\n%s", err, events(got.Events))
		}
	})
}
