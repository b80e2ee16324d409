package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/local/asl"
	"github.com/mayfly-dev/mayfly/local/asl/rawjson"
)

// aslRunFlags are the flags of the command asl run.
type aslRunFlags struct {
	aslFlags
	aslTaskFlags
	input           string
	realTime, quiet bool
	seed            uint64
	seeded          bool
	now             string
	history         bool
	items           int
}

func (a *app) aslRunCommand() *cobra.Command {
	var flags aslRunFlags
	cmd := &cobra.Command{
		Use:   "run FILE",
		Short: "Run a state machine by itself and show its path",
		Long: `Run a state machine by itself, without a cloud, and show the states that it goes through and its output. The file - is standard
input.

Time is virtual: a machine that waits a week ends at once, and says that a week has passed. Tasks answer what --task, --throw or a
mock file (--mock) says; a task about which nothing is said fails the execution. With --endpoint the AWS services at an address do
the others, and time is real.

It ends with 0 when the execution has succeeded, with 1 when it has failed or timed out, and with 2 when it could not be started.`,
		Example: `  mayfly asl run order.asl.json --input '{"id": 7}' --task 'Charge={"paid": true}' --throw Pack=OutOfStock
  mayfly asl run order.asl.json --input @order.json --mock MockConfigFile.json --test-case HappyPath
  mayfly asl run order.asl.json --endpoint http://127.0.0.1:4566
  mayfly asl run order.asl.json --seed 1 --json | jq .path`,
		Args: exactArgs("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			flags.seeded = cmd.Flags().Changed("seed")
			return a.runASL(cmd.Context(), args[0], &flags)
		},
	}
	flags.aslFlags.add(cmd)
	flags.aslTaskFlags.add(cmd)
	f := cmd.Flags()
	f.StringVarP(&flags.input, "input", "i", "{}", "the input: JSON, @FILE, or - for standard input")
	f.BoolVar(&flags.realTime, "real-time", false, "wait as long as the machine says")
	f.Uint64Var(&flags.seed, "seed", 0, "make chance, names and the time the same each time, and so all that is printed")
	f.StringVar(&flags.now, "now", "", "when virtual time begins, like 2026-01-31T12:00:00Z (default now; with --seed 2026-01-01T00:00:00Z)")
	f.BoolVar(&flags.history, "history", false, "print the history's events, too")
	f.BoolVarP(&flags.quiet, "quiet", "q", false, "print the output alone")
	f.IntVar(&flags.items, "items", 10, "how many items of a Map state are shown, and how many more that failed")
	a.jsonFlag(cmd)
	return cmd
}

// notStarted is an error about what keeps an execution from being started.
func notStarted(format string, args ...any) error {
	return &usageError{message: fmt.Sprintf(format, args...)}
}

func (a *app) runASL(ctx context.Context, path string, flags *aslRunFlags) error {
	d, err := a.readDefinition(path, flags.substitutes)
	if err != nil {
		return err
	}
	m, err := a.machine(d, flags.options())
	if err != nil {
		return err
	}
	input, err := a.inputOf(flags.input)
	if err != nil {
		return err
	}
	tasks, err := a.tasksOf(&flags.aslTaskFlags, m)
	if err != nil {
		return err
	}
	options, err := flags.engine(tasks)
	if err != nil {
		return err
	}
	var e *asl.Engine
	var closeEngine func() error
	if flags.endpoint != "" {
		e, closeEngine, err = engineAt(flags.endpoint, tasks, options)
	} else if e, err = asl.New(options); err == nil {
		closeEngine = e.Close
	}
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done := serve(ctx, e, options.Clock, tasks, m)
	run := &aslRun{app: a, flags: flags, machine: m, engine: e, virtual: options.Clock != nil}
	err = run.run(ctx, d.name(), input)
	stop()
	if closing := closeEngine(); err == nil {
		err = closing
	}
	done.Wait()
	return err
}

// machine parses a definition, and shows all that is wrong with it.
func (a *app) machine(d *definition, options []asl.ParseOption) (*asl.Machine, error) {
	m, err := asl.Parse(d.text, options...)
	if err == nil {
		return m, nil
	}
	v := d.verdict(options, false)
	for _, line := range v.lines() {
		_, _ = fmt.Fprintln(a.err, line) // a closed pipe has no one to tell
	}
	return nil, notStarted("%s is no state machine that can be run", d.path)
}

// inputOf reads --input.
func (a *app) inputOf(given string) ([]byte, error) {
	text := []byte(given)
	if path, ok := strings.CutPrefix(given, "@"); ok || given == "-" {
		var err error
		if text, err = a.readInput(path); err != nil {
			return nil, notStarted("--input: %v", err)
		}
	}
	if err := rawjson.Valid(text); err != nil {
		return nil, notStarted("--input: %v", err)
	}
	return text, nil
}

// engine makes the options of the engine.
func (f *aslRunFlags) engine(tasks asl.TaskRunner) (asl.Options, error) {
	o := asl.Options{Tasks: tasks}
	now := time.Now()
	if f.seeded {
		now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		source := &lockedSource{source: rand.NewPCG(f.seed, 0)} //nolint:gosec // it is to be the same each time
		o.Random = source.Uint64
		o.Jitter = rand.New(source).Float64 //nolint:gosec // the same
	}
	if f.now != "" {
		var err error
		if now, err = time.Parse(time.RFC3339Nano, f.now); err != nil {
			return o, notStarted("--now %q: must be like 2026-01-31T12:00:00Z", f.now)
		}
		if f.realTime || f.endpoint != "" {
			return o, notStarted("--now is for virtual time, and --real-time and --endpoint wait")
		}
	}
	if !f.realTime && f.endpoint == "" {
		o.Clock = asl.NewVirtualClock(now.Truncate(time.Millisecond))
	}
	return o, nil
}

// lockedSource is a source of random numbers for several goroutines.
type lockedSource struct {
	mu     sync.Mutex
	source rand.Source
}

func (s *lockedSource) Uint64() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.source.Uint64()
}

// aslRun is an execution that somebody looks at.
type aslRun struct {
	*app
	flags   *aslRunFlags
	machine *asl.Machine
	engine  *asl.Engine
	virtual bool
	arn     string
}

// look is how often a running execution is looked at.
const look = 100 * time.Millisecond

func (r *aslRun) run(ctx context.Context, name string, input []byte) error {
	started, err := r.engine.Start(ctx, asl.StartInput{
		Machine: r.machine, MachineARN: "arn:aws:states:us-east-1:000000000000:stateMachine:" + name, Input: input,
		RoleARN: "arn:aws:iam::000000000000:role/mayfly", Express: r.flags.express,
	})
	if err != nil {
		return notStarted("%v", err)
	}
	r.arn = started.ExecutionARN
	ended := make(chan error, 1)
	go func() {
		_, err := r.engine.Wait(ctx, r.arn)
		ended <- err
	}()
	show := r.newPath()
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for going := true; going; {
		select {
		case err = <-ended:
			going = false
		case <-ticker.C:
		}
		if showing := show.update(); showing != nil {
			return showing
		}
	}
	show.clear()
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return errors.New("interrupted; the execution had not ended")
		}
		return err //nolint:wrapcheck // it says what was waited for
	}
	return r.finish()
}

// failedError is an execution that did not succeed.
type failedError struct{ result aslResult }

func (e *failedError) Error() string {
	text := "the execution " + map[asl.Status]string{asl.StatusFailed: "failed", asl.StatusTimedOut: "timed out", asl.StatusAborted: "was aborted"}[e.result.Status]
	if e.result.Error != "" {
		text += " with " + e.result.Error
	}
	if e.result.Cause != "" {
		text += ": " + e.result.Cause
	}
	return text
}
