package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"github.com/mayfly-dev/mayfly/awserr"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// absent is the status of an execution that was never started.
const absent sfntypes.ExecutionStatus = ""

func provisionName(id string) string             { return "provision-" + id }
func updateName(id string, attempt int) string   { return fmt.Sprintf("update-%s-%d", id, attempt) }
func teardownName(id string, attempt int) string { return fmt.Sprintf("teardown-%s-%d", id, attempt) }
func releaseName(releaseID string) string        { return "release-" + releaseID }
func rolloutName(releaseID string) string        { return "rollout-" + releaseID }

// run starts the execution with an ARN, whose name and machine are in the ARN.
// Starting one that was started before is no error: names are never used
// twice, so it is this one.
func (a *API) run(ctx context.Context, arn string, input any) error {
	text, err := json.Marshal(input)
	if err != nil {
		return fmt.Errorf("input of %s: %w", arn, err)
	}
	at := strings.LastIndex(arn, ":")
	machine, name, document := strings.Replace(arn[:at], ":execution:", ":stateMachine:", 1), arn[at+1:], string(text)
	if a.Machines.Alias != "" {
		machine += ":" + a.Machines.Alias
	}
	_, err = a.Executions.StartExecution(ctx, &sfn.StartExecutionInput{StateMachineArn: &machine, Name: &name, Input: &document, TraceHeader: trace(ctx)})
	if err != nil && !awserr.Is(err, "ExecutionAlreadyExists") {
		return fmt.Errorf("start execution %s: %w", name, err)
	}
	return nil
}

// trace returns X-Ray's header of the request that is answered, so that what it
// starts is a part of the same trace; nil when there is none, as on one machine.
func trace(ctx context.Context) *string {
	header, ok := ctx.Value("x-amzn-trace-id").(string) // the Lambda runtime's key
	if !ok || header == "" {
		return nil
	}
	return &header
}

// status returns how an execution is, absent when there is none.
func (a *API) status(ctx context.Context, arn string) (sfntypes.ExecutionStatus, error) {
	if arn == "" {
		return absent, nil
	}
	out, err := a.Executions.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	if awserr.Is(err, "ExecutionDoesNotExist") {
		return absent, nil
	}
	if err != nil {
		return absent, fmt.Errorf("describe execution %s: %w", arn, err)
	}
	return out.Status, nil
}

// isOf reports whether an execution is one of a machine's.
func isOf(arn, machine string) bool { return strings.HasPrefix(arn, sandbox.ExecutionARN(machine, "")) }

// changes reports whether an execution changes a sandbox that is there.
func (a *API) changes(arn string) bool {
	return isOf(arn, a.Machines.Update) || isOf(arn, a.Machines.Sleep) || isOf(arn, a.Machines.Wake)
}

// input returns what the execution that s names is started with. It follows
// from the record alone, so that whoever starts it starts the same.
func (a *API) input(s *sandbox.Sandbox) events.Flow {
	flow := events.Flow{Sandbox: s.Event(), Execution: s.Execution}
	switch {
	case a.changes(s.Execution):
		flow.Made = s.Made()
	case isOf(s.Execution, a.Machines.Teardown) && !s.DeleteRequested:
		flow.Keep, flow.Error = events.KeepFailed, s.Failure
	}
	return flow
}

// heal makes sure that what s's phase promises is under way: it starts an
// execution that was written down and never started, and follows one that
// ended without writing how. It returns the sandbox as it is then.
func (a *API) heal(ctx context.Context, s sandbox.Sandbox) (sandbox.Sandbox, error) {
	if s.ActiveRelease != "" && s.Phase != sandbox.PhaseDeleting {
		if err := a.healRelease(ctx, &s); err != nil {
			return s, err
		}
	}
	switch {
	case s.Phase == sandbox.PhaseUpdating && s.ActiveRelease == "":
	case s.Phase == sandbox.PhaseProvisioning, s.Phase == sandbox.PhaseDeleting:
	default:
		return s, nil
	}
	status, err := a.status(ctx, s.Execution)
	if err != nil {
		return s, err
	}
	switch {
	case status == absent:
		return s, a.run(ctx, s.Execution, a.input(&s))
	case status == sfntypes.ExecutionStatusRunning && (s.Phase != sandbox.PhaseDeleting || !a.changes(s.Execution)):
		return s, nil
	}
	// It ended, and has written how if it could: only what still stands as it
	// was read is followed up.
	return a.next(ctx, s, func(s *sandbox.Sandbox) (string, string) {
		if s.Phase == sandbox.PhaseUpdating {
			what, again := "update", sandbox.ExecutionARN(a.Machines.Update, updateName(s.ID, s.Attempt))
			switch {
			case isOf(s.Execution, a.Machines.Sleep):
				what, again = "sleep", sandbox.ExecutionARN(a.Machines.Sleep, sandbox.SleepName(s.ID, s.Attempt))
			case isOf(s.Execution, a.Machines.Wake):
				what, again = "waking", sandbox.ExecutionARN(a.Machines.Wake, sandbox.WakeName(s.ID, s.Attempt))
			}
			return again, "the " + what + " is started again: its execution ended as " + string(status)
		}
		if s.Phase == sandbox.PhaseProvisioning {
			s.Failure = &events.Failure{Error: "ExecutionEnded", Cause: fmt.Sprintf("the execution %s ended as %s before the sandbox was ready", s.Execution, status)}
			s.FailedStep, s.Phase = s.Step, sandbox.PhaseDeleting
		}
		return sandbox.ExecutionARN(a.Machines.Teardown, teardownName(s.ID, s.Attempt)), "the teardown is started again"
	})
}

// next writes down the next execution of s and starts it, unless somebody else
// has written another one since s was read. change alters the record, whose
// Attempt is new already, and returns the execution and a line about it.
func (a *API) next(ctx context.Context, s sandbox.Sandbox, change func(*sandbox.Sandbox) (arn, message string)) (sandbox.Sandbox, error) {
	// Whoever happens to look does not ask for it.
	ctx = sandbox.As(ctx, sandbox.Actor{Principal: s.AskedBy.Principal, Trigger: "started again after " + s.Execution})
	var mine bool
	after, err := a.Store.Update(ctx, s.Ref(), func(current *sandbox.Sandbox) ([]sandbox.Event, error) {
		mine = current.Execution == s.Execution && current.Attempt == s.Attempt && current.Phase == s.Phase
		if !mine {
			return nil, nil
		}
		current.Attempt++
		var message string
		current.Execution, message = change(current)
		return []sandbox.Event{{Type: sandbox.EventPhase, Message: message}}, nil
	})
	if err != nil || !mine {
		return after, err
	}
	return after, a.run(ctx, after.Execution, a.input(&after))
}

// healRelease does for the release under way what heal does for a sandbox.
func (a *API) healRelease(ctx context.Context, s *sandbox.Sandbox) error {
	r, err := a.Store.GetRelease(ctx, s.Ref(), s.ActiveRelease)
	if err != nil {
		return fmt.Errorf("release under way of sandbox %s: %w", s.Name, err)
	}
	status, err := a.status(ctx, r.Execution)
	if err != nil {
		return err
	}
	switch status {
	case absent:
		return a.run(ctx, r.Execution, events.ReleaseFlow{Sandbox: s.Event(), Release: r.Event(), Execution: r.Execution})
	case sfntypes.ExecutionStatusRunning:
		return nil
	}
	if err := sandbox.EndAbandoned(ctx, a.Store, s.Ref(), r.ID, string(status), a.now()); err != nil {
		return err
	}
	*s, err = a.Store.Get(ctx, s.Name)
	return err
}

// stalled is how long a sandbox under way may be silent before a look at it
// looks at its execution too.
const stalled = time.Minute

// Reconcile goes through all sandboxes and puts what is stuck under way again;
// to be called when Mayfly starts on one machine. One sandbox's trouble does
// not keep it from the others: the errors come back joined.
func (a *API) Reconcile(ctx context.Context) error {
	var troubles []error
	for after := sandbox.Cursor(""); ; {
		page, next, err := a.Store.List(ctx, sandbox.Filter{}, sandbox.Page{Limit: sandbox.MaxPage, After: after})
		if err != nil {
			return errors.Join(append(troubles, fmt.Errorf("reconcile: %w", err))...)
		}
		for _, s := range page {
			if _, err := a.heal(ctx, s); err != nil && !errors.Is(err, sandbox.ErrNotFound) {
				troubles = append(troubles, fmt.Errorf("reconcile sandbox %s: %w", s.Name, err))
			}
		}
		if next == "" {
			return errors.Join(troubles...)
		}
		after = next
	}
}
