package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/mock"
	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// aslTaskFlags say what tasks answer.
type aslTaskFlags struct {
	results, errors         []string
	mock, testCase, machine string
	endpoint                string
}

func (f *aslTaskFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.results, "task", nil, "STATE=JSON or STATE=@FILE: what the task of a state answers")
	flags.StringArrayVar(&f.errors, "throw", nil, "STATE=ERROR or STATE=ERROR:CAUSE: with what the task of a state fails, each time")
	flags.StringVar(&f.mock, "mock", "", "a mock configuration file of AWS Step Functions Local (MockConfigFile.json)")
	flags.StringVar(&f.testCase, "test-case", "", "which of its test cases (default the only one)")
	flags.StringVar(&f.machine, "state-machine", "", "of which of its state machines (default the only one that has the test case)")
	flags.StringVar(&f.endpoint, "endpoint", "", "address of AWS services, as of mayfly local, that do the other tasks, like http://127.0.0.1:4566")
	must(cmd.MarkFlagFilename("mock", "json"))
}

// tasksOf makes what answers the tasks.
func (a *app) tasksOf(f *aslTaskFlags, m *asl.Machine) (*mock.Tasks, error) {
	tasks := mock.NewTasks()
	tasks.Otherwise = asl.TaskFunc(nothingSaid)
	if f.mock != "" {
		if err := a.mockCase(tasks, f, m); err != nil {
			return nil, err
		}
	} else if cmp.Or(f.testCase, f.machine) != "" {
		return nil, notStarted("--test-case and --state-machine are of a mock file, and --mock is missing")
	}
	for _, given := range f.results {
		state, result, err := stateAndValue("--task", given, m)
		if err != nil {
			return nil, err
		}
		text := []byte(result)
		if path, ok := strings.CutPrefix(result, "@"); ok {
			if text, err = a.readInput(path); err != nil {
				return nil, notStarted("--task %s: %v", state, err)
			}
		}
		if err := rawjson.Valid(text); err != nil {
			return nil, notStarted("--task %s: %v", state, err)
		}
		tasks.Return(state, text)
	}
	for _, given := range f.errors {
		state, failure, err := stateAndValue("--throw", given, m)
		if err != nil {
			return nil, err
		}
		name, reason, _ := strings.Cut(failure, ":")
		if name == "" {
			return nil, notStarted("--throw %s: the error is missing", state)
		}
		tasks.Throw(state, name, strings.TrimSpace(reason))
	}
	return tasks, nil
}

// mockCase reads a mock file, and shows all that is wrong with it.
func (a *app) mockCase(tasks *mock.Tasks, f *aslTaskFlags, m *asl.Machine) error {
	text, err := a.readInput(f.mock)
	if err != nil {
		return notStarted("--mock: %v", err)
	}
	config, err := mock.Parse(text)
	if err == nil {
		err = tasks.Case(config, m, f.machine, f.testCase)
	}
	var refused *mock.FileError
	if !errors.As(err, &refused) {
		if err != nil {
			return advise(notStarted("%s: %v", f.mock, err), "Say which with --test-case and --state-machine")
		}
		return nil
	}
	d := &definition{path: f.mock, source: text, text: text}
	for _, found := range refused.Findings {
		at := d.place(asl.Diagnostic{Location: found.Location})
		where := ""
		if at.pointer != "" {
			where = " (" + at.pointer + ")"
		}
		_, _ = fmt.Fprintf(a.err, "%s:%s: %s%s\n", f.mock, at, found.Message, where) // a closed pipe has no one to tell
	}
	return notStarted("%s is no mock configuration for this state machine", f.mock)
}

// stateAndValue takes STATE=VALUE apart. A state's name may have a = in it.
func stateAndValue(flag, given string, m *asl.Machine) (state, value string, err error) {
	var names []string
	for _, s := range m.States() {
		if s.Kind() != asl.KindTask {
			continue
		}
		names = append(names, fmt.Sprintf("%q", s.Name()))
		if rest, ok := strings.CutPrefix(given, s.Name()+"="); ok && len(s.Name()) > len(state) {
			state, value = s.Name(), rest
		}
	}
	if state != "" {
		return state, value, nil
	}
	slices.Sort(names)
	switch name, _, ok := strings.Cut(given, "="); {
	case !ok:
		return "", "", notStarted("%s %q: must be STATE=…", flag, given)
	case names == nil:
		return "", "", notStarted("%s: there is no Task state", flag)
	default:
		return "", "", notStarted("%s: there is no Task state %q; there are: %s", flag, name, strings.Join(names, ", "))
	}
}

// nothingSaid fails a task about which nothing is said. States.Runtime is never
// caught, so that it does not pass for a failure of the task.
func nothingSaid(_ context.Context, t asl.Task) ([]byte, error) {
	cause := fmt.Sprintf("nothing says what %s answers to the state %q. Say it with --task '%[2]s=JSON' or --throw '%[2]s=ERROR', or in a mock file with --mock", t.Resource, t.StateName)
	if t.StateName == "" {
		cause = fmt.Sprintf("a distributed Map state reads or writes %s, and there is no S3 here", t.Resource)
	}
	return nil, &asl.TaskError{Name: asl.ErrorRuntime, Cause: cause}
}

// serve has the activities that the machine uses answered, until ctx ends.
func serve(ctx context.Context, e *asl.Engine, clock asl.Clock, tasks *mock.Tasks, m *asl.Machine) *sync.WaitGroup {
	tasks.AnswerTokens(e.SendTaskSuccess)
	var all sync.WaitGroup
	served := map[string]bool{}
	for _, s := range m.States() {
		activity := s.Resource()
		if !strings.Contains(activity, ":activity:") || served[activity] {
			continue
		}
		served[activity] = true
		all.Add(1)
		work := func(ctx context.Context) {
			defer all.Done()
			tasks.Work(ctx, e, activity)
		}
		if virtual, ok := clock.(*asl.VirtualClock); ok {
			virtual.Go(ctx, work)
		} else {
			go work(ctx)
		}
	}
	return &all
}
