package mock_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/asltest"
	"github.com/mayfly-dev/mayfly/local/asl/mock"
)

// config is the example of AWS's developer guide, with one more machine.
const config = `{"StateMachines":{"LambdaSQSIntegration":{"TestCases":{
	"HappyPath":{"LambdaState":"MockedLambdaSuccess","SQSState":"MockedSQSSuccess"},
	"RetryPath":{"LambdaState":"MockedLambdaRetry","SQSState":"MockedSQSSuccess"},
	"HybridPath":{"LambdaState":"MockedLambdaSuccess"}}},
	"Other":{"TestCases":{"HappyPath":{"X":"MockedLambdaSuccess"},"Only":{"Pass":"MockedLambdaSuccess","Gone":"MockedLambdaSuccess"}}}},
"MockedResponses":{
	"MockedLambdaSuccess":{"0":{"Return":{"StatusCode":200,"Payload":{"body":"Hello"}}}},
	"MockedSQSSuccess":{"0":{"Return":{"MessageId":"3bcb6e8e"}}},
	"MockedLambdaRetry":{"0":{"Throw":{"Error":"Lambda.ResourceNotReadyException","Cause":"Lambda resource is not ready."}},
		"1-2":{"Throw":{"Error":"Lambda.TimeoutException","Cause":"Lambda timed out."}},
		"3":{"Return":{"StatusCode":200,"Payload":{"body":"Hello again"}}}}}}`

const definition = `{"StartAt":"LambdaState","States":{
	"LambdaState":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f"},
		"Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":3,"MaxAttempts":3}],"OutputPath":"$.Payload.body","Next":"SQSState"},
	"SQSState":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","Parameters":{"QueueUrl":"q","MessageBody.$":"$"},"ResultPath":null,"Next":"Pass"},
	"Pass":{"Type":"Pass","End":true}}}`

func parse(t *testing.T, definition string) *asl.Machine {
	t.Helper()
	m, err := asl.Parse([]byte(definition))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// run runs a machine in virtual time.
func run(t *testing.T, m *asl.Machine, tasks *mock.Tasks, input string) asltest.Outcome {
	t.Helper()
	clock := asl.NewVirtualClock(asltest.Epoch)
	e, err := asl.New(asl.Options{Clock: clock, Tasks: tasks})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	tasks.AnswerTokens(e.SendTaskSuccess)
	clock.Go(t.Context(), func(ctx context.Context) { tasks.Work(ctx, e, activity) })
	outcome, err := asltest.RunOn(t.Context(), e, m, input)
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

const activity = "arn:aws:states:us-east-1:000000000000:activity:a"

func TestTestCases(t *testing.T) {
	c, err := mock.Parse([]byte(config))
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct{ machine, test, output, cause string }{
		{"", "RetryPath", `"Hello again"`, ""},
		{"LambdaSQSIntegration", "HappyPath", `"Hello"`, ""},
		{"LambdaSQSIntegration", "HybridPath", ``, "nothing says what arn:aws:states:::sqs:sendMessage answers to the state SQSState"},
	} {
		m, tasks := parse(t, definition), mock.NewTasks()
		if err := tasks.Case(c, m, one.machine, one.test); err != nil {
			t.Fatal(err)
		}
		got := run(t, m, tasks, `{}`)
		if got.Output != one.output || !strings.Contains(got.Cause, one.cause) {
			t.Errorf("%s: %s %s %s", one.test, got.Status, got.Output, got.Cause)
		}
		if one.test == "RetryPath" {
			tried := slices.DeleteFunc(got.Events, func(e asl.Event) bool { return e.Type != "TaskFailed" })
			if len(tried) != 3 || tried[0].Error != "Lambda.ResourceNotReadyException" || tried[2].Cause != "Lambda timed out." {
				t.Errorf("%+v", tried)
			}
		}
	}
}

func TestCasesAreChosenOrRefused(t *testing.T) {
	c, err := mock.Parse([]byte(config))
	if err != nil {
		t.Fatal(err)
	}
	m := parse(t, definition)
	for _, one := range []struct{ machine, test, want string }{
		{"", "HappyPath", "which test case? There are: LambdaSQSIntegration#HappyPath, LambdaSQSIntegration#HybridPath, LambdaSQSIntegration#RetryPath, Other#HappyPath, Other#Only"},
		{"", "Sad", "there is no test case Sad; there are:"},
		{"Third", "", "there is no test case Third; there are:"},
		{"Other", "Only", "/StateMachines/Other/TestCases/Only/Gone: the state machine has no such state; " +
			"/StateMachines/Other/TestCases/Only/Pass: it is a Pass state, and only Task states are mocked"},
	} {
		if err := mock.NewTasks().Case(c, m, one.machine, one.test); err == nil || !strings.Contains(err.Error(), one.want) {
			t.Errorf("%s#%s: %v", one.machine, one.test, err)
		}
	}
}

// A state has one count of invocations over loops, retries and iterations.
func TestInvocationsAreCountedOverIterations(t *testing.T) {
	c, err := mock.Parse([]byte(`{"StateMachines":{"M":{"TestCases":{"T":{"I":"R"}}}},
		"MockedResponses":{"R":{"0":{"Throw":{"Error":"Boom"}},"1":{"Return":"one"},"2-3":{"Return":"more"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	m := parse(t, `{"StartAt":"M","States":{"M":{"Type":"Map","MaxConcurrency":1,"End":true,"ItemProcessor":{"StartAt":"I","States":{
		"I":{"Type":"Task","Resource":"`+activity+`","Retry":[{"ErrorEquals":["Boom"]}],"End":true}}}}}}`)
	for input, want := range map[string]string{
		`[1,2,3]`:   `["one","more","more"]`,
		`[1,2,3,4]`: `the mocked response "R" has no answer for invocation 4 of the state "I" (the first is 0)`,
	} {
		tasks := mock.NewTasks()
		if err := tasks.Case(c, m, "", ""); err != nil {
			t.Fatal(err)
		}
		if got := run(t, m, tasks, input); got.Output+got.Cause != want {
			t.Errorf("%s %s %s", got.Status, got.Output, got.Cause)
		}
	}
}

func TestResultsByState(t *testing.T) {
	m := parse(t, `{"StartAt":"A","States":{
		"A":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage.waitForTaskToken","Parameters":{"token.$":"$$.Task.Token"},"Next":"B"},
		"B":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:x","Catch":[{"ErrorEquals":["Boom"],"ResultPath":"$.failed","Next":"C"}],"Next":"C"},
		"C":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:000000000000:function:x","ResultPath":"$.last","End":true}}}`)
	tasks := mock.NewTasks()
	tasks.Return("A", []byte(`{"n":1}`))
	tasks.Throw("B", "Boom", "because")
	tasks.Otherwise = asl.TaskFunc(func(_ context.Context, task asl.Task) ([]byte, error) {
		if task.StateName != "C" {
			return nil, errors.New("no such state")
		}
		return []byte(`true`), nil
	})
	got := run(t, m, tasks, `{}`)
	if got.Output != `{"n":1,"failed":{"Error":"Boom","Cause":"because"},"last":true}` {
		t.Errorf("%s %s %s", got.Status, got.Output, got.Cause)
	}
	var types []string
	for _, e := range got.Events[:6] {
		types = append(types, e.Type)
	}
	if want := "ExecutionStarted TaskStateEntered TaskScheduled TaskStarted TaskSubmitted TaskSucceeded"; strings.Join(types, " ") != want {
		t.Errorf("%v", types)
	}
}

func TestWrongFilesAreRefusedWithTheirPlaces(t *testing.T) {
	responses := func(text string) string { return `{"StateMachines":{},"MockedResponses":` + text + `}` }
	for text, want := range map[string]string{
		`{`:                    `: invalid JSON`,
		`[]`:                   `: it must be an object`,
		`{"StateMachines":{}}`: `: the file must have StateMachines and MockedResponses`,
		`{"StateMachines":{"A/b":{"Cases":{}}},"MockedResponses":{}}`:                `/StateMachines/A~1b: a state machine must have TestCases; /StateMachines/A~1b/Cases: a state machine has TestCases`,
		`{"StateMachines":{"M":{}},"MockedResponses":{}}`:                            `/StateMachines/M: a state machine must have TestCases`,
		`{"StateMachines":{"M":{"TestCases":{"T":{"S":1}}}},"MockedResponses":{}}`:   `/StateMachines/M/TestCases/T/S: it must be a string`,
		`{"StateMachines":{"M":{"TestCases":{"T":{"S":"R"}}}},"MockedResponses":{}}`: `/StateMachines/M/TestCases/T/S: there is no mocked response "R"`,
		`{"Mocks":{},"StateMachines":{},"MockedResponses":{}}`:                       `/Mocks: the file has`,
		responses(`{"R":{"first":{"Return":1}}}`):                                    `/MockedResponses/R/first: it must be the number of an invocation`,
		responses(`{"R":{"2-1":{"Return":1}}}`):                                      `/MockedResponses/R/2-1: it must be the number`,
		responses(`{"R":{"-1":{"Return":1}}}`):                                       `/MockedResponses/R/-1: it must be the number`,
		responses(`{"R":{"0-2":{"Return":1},"1":{"Return":1}}}`):                     `/MockedResponses/R/1: invocation 1 has an answer already`,
		responses(`{"R":{"0":{"Return":1},"0":{"Return":1}}}`):                       `/MockedResponses/R/0: it is there twice`,
		responses(`{"R":{"0":{}}}`):                                                  `/MockedResponses/R/0: it must have one of Return and Throw`,
		responses(`{"R":{"0":{"Return":1,"Throw":{"Error":"E"}}}}`):                  `/MockedResponses/R/0: it must have one of`,
		responses(`{"R":{"0":{"Throw":"E"}}}`):                                       `/MockedResponses/R/0/Throw: it must be an object`,
		responses(`{"R":{"0":{"Throw":{"Cause":"c"}}}}`):                             `/MockedResponses/R/0/Throw: Throw must have Error`,
		responses(`{"R":{"0":{"Throw":{"Error":""}}}}`):                              `/MockedResponses/R/0/Throw/Error: it must not be empty`,
		responses(`{"R":{"0":{"Throw":{"Error":"E","Cause":1}}}}`):                   `/MockedResponses/R/0/Throw/Cause: it must be a string`,
		responses(`{"R":{"0":{"Throw":{"Error":"E","Name":"x"}}}}`):                  `/MockedResponses/R/0/Throw/Name: Throw has`,
	} {
		_, err := mock.Parse([]byte(text))
		var refused *mock.FileError
		if !errors.As(err, &refused) || !strings.HasPrefix(err.Error(), "mock configuration: "+want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}
