package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
)

func (a *app) deleteCommand() *cobra.Command {
	var wait, yes bool
	cmd := &cobra.Command{
		Use:               "delete NAME",
		Aliases:           []string{"rm"},
		Short:             "Delete a sandbox and everything that was made for it",
		Args:              exactArgs("NAME"),
		ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			name := args[0]
			if !yes {
				if err := a.confirm(cmd, name); err != nil {
					return err
				}
			}
			api, err := a.client()
			if err != nil {
				return err
			}
			after, err := lastEvent(cmd.Context(), api, name)
			if err != nil {
				return fmt.Errorf("delete %s: %w", name, err)
			}
			deleting, err := client.Read[events.SandboxState](api.DeleteSandboxWithResponse(cmd.Context(), name))
			if err != nil {
				return fmt.Errorf("delete %s: %w", name, err)
			}
			if wait {
				v := a.newView(name)
				var left error
				err := watch(cmd.Context(), api, name, after, v, func(e events.SandboxEvent) (bool, error) {
					if e.Phase == events.PhaseFailed {
						left = advise(fmt.Errorf("delete %s: %s", name, describe(e)), "Try again with: mayfly delete %s --wait", name)
					}
					return left != nil, nil
				})
				v.stop()
				if err != nil || left != nil {
					return firstOf(left, err)
				}
			}
			switch {
			case a.json():
				return a.printJSON(deleting.Raw)
			case wait:
				a.printf("%s is deleted; nothing is left\n", name)
			default:
				a.printf("%s is being deleted; see: mayfly events %s --follow\n", name, name)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&wait, "wait", false, "wait until nothing is left, showing each step")
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

// confirm asks on a terminal; elsewhere --yes is needed.
func (a *app) confirm(cmd *cobra.Command, name string) error {
	if a.json() || !term.IsTerminal(int(os.Stdin.Fd())) {
		return &usageError{message: "nobody is there to be asked: give --yes to delete " + name, command: cmd}
	}
	_, _ = fmt.Fprintf(a.err, "Delete %s and everything that was made for it? [y/N] ", name)
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if answer := strings.ToLower(strings.TrimSpace(line)); err != nil || answer != "y" && answer != "yes" {
		return fmt.Errorf("%s is kept", name)
	}
	return nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
