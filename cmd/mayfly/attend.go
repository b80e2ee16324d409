package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

type (
	oneState = client.Answer[events.SandboxState]
	askFor   = func(ctx context.Context, api *client.ClientWithResponses, args []string) (oneState, error)
)

func (a *app) extendCommand() *cobra.Command {
	var reason string
	cmd := a.attendCommand("extend NAME TIME", "Keep a sandbox for some time from now on, used or not", []string{"NAME", "TIME"},
		func(args []string) error {
			_, err := sandbox.ParseSpan("TIME", args[1])
			return err
		},
		func(ctx context.Context, api *client.ClientWithResponses, args []string) (oneState, error) {
			return client.Read[events.SandboxState](api.ExtendSandboxWithResponse(ctx, args[0], events.ExtendSandbox{For: args[1], Reason: reason}))
		})
	cmd.Example = "  mayfly extend preview 48h --reason 'review on Thursday'"
	cmd.Flags().StringVar(&reason, "reason", "", "why, for whoever looks")
	return cmd
}

func (a *app) pinCommand() *cobra.Command {
	var reason string
	cmd := a.attendCommand("pin NAME", "Keep a sandbox until it is unpinned, used or not", []string{"NAME"}, nil,
		func(ctx context.Context, api *client.ClientWithResponses, args []string) (oneState, error) {
			return client.Read[events.SandboxState](api.PinSandboxWithResponse(ctx, args[0], events.Reason{Reason: reason}))
		})
	cmd.Flags().StringVar(&reason, "reason", "", "why, for whoever looks")
	return cmd
}

func (a *app) unpinCommand() *cobra.Command {
	return a.attendCommand("unpin NAME", "Let a sandbox become idle again", []string{"NAME"}, nil,
		func(ctx context.Context, api *client.ClientWithResponses, args []string) (oneState, error) {
			return client.Read[events.SandboxState](api.UnpinSandboxWithResponse(ctx, args[0]))
		})
}

// attendCommand is a command that changes how a sandbox lives, at once.
func (a *app) attendCommand(use, short string, names []string, check func(args []string) error, ask askFor) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: exactArgs(names...), ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			if check != nil {
				if err := check(args); err != nil {
					return &usageError{message: err.Error(), command: cmd}
				}
			}
			api, err := a.client()
			if err != nil {
				return err
			}
			s, err := ask(cmd.Context(), api, args)
			if err != nil {
				return fmt.Errorf("%s %s: %w", cmd.Name(), args[0], err)
			}
			return a.printSandbox(s, "")
		},
	}
}

func (a *app) sleepCommand() *cobra.Command {
	var reason string
	cmd := a.turnCommand("sleep NAME", "Put a sandbox to sleep: its site is switched off, its content kept",
		func(ctx context.Context, api *client.ClientWithResponses, args []string) (oneState, error) {
			return client.Read[events.SandboxState](api.SleepSandboxWithResponse(ctx, args[0], events.Reason{Reason: reason}))
		})
	cmd.Flags().StringVar(&reason, "reason", "", "why, for whoever looks")
	return cmd
}

func (a *app) wakeCommand() *cobra.Command {
	return a.turnCommand("wake NAME", "Wake a sandbox that sleeps",
		func(ctx context.Context, api *client.ClientWithResponses, args []string) (oneState, error) {
			return client.Read[events.SandboxState](api.WakeSandboxWithResponse(ctx, args[0]))
		})
}

// turnCommand is a command whose change takes a flow, which it can wait for.
func (a *app) turnCommand(use, short string, ask askFor) *cobra.Command {
	var wait bool
	cmd := &cobra.Command{
		Use: use, Short: short, Args: exactArgs("NAME"), ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := a.client()
			if err != nil {
				return err
			}
			var s oneState
			if wait {
				s, err = a.turnAndWait(cmd.Context(), api, args, ask)
			} else {
				s, err = ask(cmd.Context(), api, args)
			}
			if err != nil {
				return fmt.Errorf("%s %s: %w", cmd.Name(), args[0], err)
			}
			return a.printSandbox(s, "")
		},
	}
	cmd.Flags().BoolVar(&wait, "wait", false, "wait until that has spread, showing each step")
	return cmd
}

// turnAndWait asks for a change that takes a flow, and waits for its end.
func (a *app) turnAndWait(ctx context.Context, api *client.ClientWithResponses, args []string, ask askFor) (oneState, error) {
	after, err := lastEvent(ctx, api, args[0])
	if err != nil {
		return oneState{}, err
	}
	s, err := ask(ctx, api, args)
	if err != nil || s.Value.Phase != events.PhaseUpdating {
		return s, err
	}
	v := a.newView(args[0])
	defer v.stop()
	return watchUntilSettled(ctx, api, args[0], after, v)
}

// wakeFor wakes a sandbox that sleeps before something is released to it: a
// release that nobody can see is none.
func (a *app) wakeFor(ctx context.Context, api *client.ClientWithResponses, name string, phase events.Phase) error {
	if phase != events.PhaseSleeping {
		return nil
	}
	_, err := a.turnAndWait(ctx, api, []string{name}, func(ctx context.Context, api *client.ClientWithResponses, args []string) (oneState, error) {
		return client.Read[events.SandboxState](api.WakeSandboxWithResponse(ctx, args[0]))
	})
	if err != nil {
		return fmt.Errorf("wake %s: %w", name, err)
	}
	return nil
}
