package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
)

// endPoll is how often the end of a class is looked at.
const endPoll = 500 * time.Millisecond

func (a *app) classEndCommand() *cobra.Command {
	var wait, yes bool
	cmd := &cobra.Command{
		Use:   "end NAME",
		Short: "End a class and delete all its sandboxes",
		Long: `End a class and delete all its sandboxes, with everything in them. Nobody can join any more, and the students' tokens are void.
One sandbox that can't be deleted never keeps the others; the same command again goes on with what is left.`,
		Args: exactArgs("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := args[0]
			api, err := a.client()
			if err != nil {
				return err
			}
			before, err := client.Read[events.ClassState](api.GetClassWithResponse(cmd.Context(), name))
			if err != nil {
				return noClass(fmt.Errorf("end class %s: %w", name, err))
			}
			if !yes {
				if err := a.confirm(cmd, fmt.Sprintf("class %s, its %s", name, plural(len(before.Value.Students), "sandbox"))); err != nil {
					return err
				}
			}
			return a.endClass(cmd.Context(), api, name, wait)
		},
	}
	cmd.Flags().BoolVar(&wait, "wait", true, "wait until nothing is left, showing how many are gone")
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

// endClass ends a class, and waits until nothing is left of it, or only what
// can't be deleted.
func (a *app) endClass(ctx context.Context, api *client.ClientWithResponses, name string, wait bool) error {
	shown := ""
	for again := true; ; {
		var state events.ClassState
		var err error
		if again {
			state, err = askToEnd(ctx, api, name)
		} else {
			var answer client.Answer[events.ClassState]
			answer, err = client.Read[events.ClassState](api.GetClassWithResponse(ctx, name))
			state = answer.Value
		}
		if client.IsGone(err) {
			return a.ended(name)
		}
		if err != nil {
			return fmt.Errorf("end class %s: %w", name, err)
		}
		there, stuck := remaining(&state)
		if text := fmt.Sprintf("%d of %d gone", state.Taken-there, state.Taken); wait && text != shown && !a.json() {
			a.printf("  %s\n", text)
			shown = text
		}
		switch {
		case !wait && a.json():
			return a.printValue(state)
		case !wait:
			a.printf("Class %s has ended; %s being deleted. See: mayfly class show %s\n", name, plural(there, "sandbox"), name)
			return nil
		case there > 0 && there == len(stuck):
			return advise(fmt.Errorf("class %s has ended, and %d of its %s could not be deleted:\n  %s", name, there, plural(state.Taken, "sandbox"), strings.Join(stuck, "\n  ")),
				"Try again with: mayfly class end %s", name)
		}
		// What is left is asked to go once more when all else is gone, and the
		// class when nothing is.
		again = there == 0
		if there > 0 {
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(endPoll):
			}
		}
	}
}

// askToEnd asks for a class's end; when nothing is left, it is an error that the
// class is gone.
func askToEnd(ctx context.Context, api *client.ClientWithResponses, name string) (events.ClassState, error) {
	answer, err := api.EndClassWithResponse(ctx, name)
	if err == nil && answer.StatusCode() == http.StatusNoContent {
		return events.ClassState{}, &client.ProblemError{Problem: events.Problem{Status: http.StatusNotFound}}
	}
	state, err := client.Read[events.ClassState](answer, err)
	return state.Value, err
}

// remaining counts the sandboxes of a class that are still there, and says which
// of them nothing goes on with.
func remaining(c *events.ClassState) (there int, stuck []string) {
	for i := range c.Students {
		s := &c.Students[i]
		if s.Phase == events.PhaseDeleted {
			continue
		}
		there++
		switch {
		case s.Trouble != "":
			stuck = append(stuck, s.Sandbox+": "+s.Trouble)
		case s.Phase == events.PhaseFailed:
			stuck = append(stuck, fmt.Sprintf("%s: %s: %s", s.Sandbox, s.Failure.Error, s.Failure.Cause))
		}
	}
	return there, stuck
}

func (a *app) ended(name string) error {
	if a.json() {
		raw, err := json.Marshal(map[string]string{"class": name, "status": "ended"})
		if err != nil {
			return err
		}
		return a.printJSON(raw)
	}
	a.printf("Class %s has ended; nothing is left\n", name)
	return nil
}
