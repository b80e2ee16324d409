package mock

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/mayfly-dev/mayfly/local/asl"
)

// Tasks answers the tasks of one execution. It is an [asl.TaskRunner]; its
// methods may be called at any time by any goroutine, but for those that say
// what it answers.
type Tasks struct {
	// Otherwise runs the tasks of states that are not mocked; nil fails them.
	Otherwise asl.TaskRunner

	mu     sync.Mutex
	states map[string]*mocked
	tokens func(token string, output []byte) error
}

// mocked is a state with its answers.
type mocked struct {
	response *response
	called   int // how often it was invoked: retries, loops and iterations count
}

// NewTasks returns Tasks in which no state is mocked.
func NewTasks() *Tasks { return &Tasks{states: map[string]*mocked{}} }

// Return has a state's tasks succeed with a result, which is JSON.
func (t *Tasks) Return(state string, result []byte) { t.always(state, answer{result: result}) }

// Throw has a state's tasks fail.
func (t *Tasks) Throw(state, name, cause string) {
	t.always(state, answer{failed: &asl.TaskError{Name: name, Cause: cause}})
}

func (t *Tasks) always(state string, a answer) {
	a.last = int(^uint(0) >> 1)
	t.states[state] = &mocked{response: &response{name: state, answers: []answer{a}}}
}

// Case mocks the states of a test case. A machine of "" is the only one that
// has the test case, and a test case of "" the only one that there is. The error
// is a [*FileError] when the test case names a state that the machine has not.
func (t *Tasks) Case(c *Config, m *asl.Machine, machine, test string) error {
	machine, test, err := c.choose(machine, test)
	if err != nil {
		return err
	}
	kinds := map[string]asl.Kind{}
	for _, s := range m.States() {
		kinds[s.Name()] = s.Kind()
	}
	var findings []Finding
	cases := c.machines[machine][test]
	for _, state := range slices.Sorted(maps.Keys(cases)) {
		location := at(at(at(at("/StateMachines", machine), "TestCases"), test), state)
		switch kind := kinds[state]; kind {
		case asl.KindTask:
			t.states[state] = &mocked{response: c.responses[cases[state]]}
		case 0:
			findings = append(findings, Finding{location, "the state machine has no such state"})
		default:
			findings = append(findings, Finding{location, fmt.Sprintf("it is a %s state, and only Task states are mocked", kind)})
		}
	}
	if findings != nil {
		return &FileError{findings}
	}
	return nil
}

// choose completes the names of a machine and of a test case.
func (c *Config) choose(machine, test string) (string, string, error) {
	var found [][2]string
	for name, cases := range c.machines {
		for one := range cases {
			if (machine == "" || name == machine) && (test == "" || one == test) {
				found = append(found, [2]string{name, one})
			}
		}
	}
	if len(found) == 1 {
		return found[0][0], found[0][1], nil
	}
	var all []string
	for name, cases := range c.machines {
		for one := range cases {
			all = append(all, name+"#"+one)
		}
	}
	slices.Sort(all)
	if len(found) == 0 {
		return "", "", fmt.Errorf("there is no test case %s; there are: %s", strings.Trim(machine+"#"+test, "#"), strings.Join(all, ", "))
	}
	return "", "", fmt.Errorf("which test case? There are: %s", strings.Join(all, ", "))
}

// AnswerTokens has tasks that wait for a token succeed by it, as
// [asl.Engine.SendTaskSuccess] does: a task's result is sent for its token.
func (t *Tasks) AnswerTokens(send func(token string, output []byte) error) { t.tokens = send }

// RunTask answers a task. It fails with States.Runtime, which no Catch catches,
// when nothing is said about it.
func (t *Tasks) RunTask(ctx context.Context, task asl.Task) ([]byte, error) {
	result, known, err := t.next(task.StateName)
	switch {
	case !known && t.Otherwise != nil:
		return t.Otherwise.RunTask(ctx, task) //nolint:wrapcheck // it is the task's own error
	case !known:
		return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: "nothing says what " + task.Resource + " answers to the state " + task.StateName}
	case err != nil:
		return nil, err
	}
	if strings.HasSuffix(task.Resource, ".waitForTaskToken") && t.tokens != nil {
		task.Submit([]byte("{}"))
		if err := t.tokens(task.Token, result); err != nil {
			return nil, fmt.Errorf("answer the token of %s: %w", task.StateName, err)
		}
	}
	return result, nil
}

// next returns a state's next answer.
func (t *Tasks) next(state string) (result []byte, known bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m := t.states[state]
	if m == nil {
		return nil, false, nil
	}
	n := m.called
	m.called++
	for _, a := range m.response.answers {
		if a.first <= n && n <= a.last {
			if a.failed != nil {
				return nil, true, &asl.TaskError{Name: a.failed.Name, Cause: a.failed.Cause}
			}
			return a.result, true, nil
		}
	}
	return nil, true, &asl.TaskError{Name: asl.ErrorRuntime, Cause: fmt.Sprintf(
		"the mocked response %q has no answer for invocation %d of the state %q (the first is 0)", m.response.name, n, state)}
}

// Work answers the tasks of an activity, as its worker, until the context or
// the engine ends. A task of a state about which nothing is said is failed.
func (t *Tasks) Work(ctx context.Context, e *asl.Engine, activityARN string) {
	for {
		task, err := e.NextActivityTask(ctx, activityARN, "mock")
		if err != nil {
			return
		}
		result, err := t.RunTask(ctx, asl.Task{Resource: activityARN, StateName: task.StateName, Input: task.Input, ExecutionARN: task.ExecutionARN, Token: task.Token})
		if err == nil {
			err = e.SendTaskSuccess(task.Token, result)
		} else {
			failed := asTaskError(err)
			err = e.SendTaskFailure(task.Token, failed.Name, failed.Cause)
		}
		_ = err // the task timed out meanwhile: its history says so
	}
}

func asTaskError(err error) *asl.TaskError {
	var failed *asl.TaskError
	if errors.As(err, &failed) {
		return failed
	}
	return &asl.TaskError{Name: asl.ErrorTaskFailed, Cause: err.Error()}
}
