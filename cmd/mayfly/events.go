package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/events"
)

func (a *app) eventsCommand() *cobra.Command {
	var after int64
	var follow bool
	cmd := &cobra.Command{
		Use:               "events NAME",
		Short:             "Show what happened to a sandbox",
		Long:              "Show what happened to a sandbox. With --follow it goes on until the sandbox is gone; as JSON, one event a line.",
		Args:              exactArgs("NAME"),
		ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			if after < 0 {
				return &usageError{message: "--after must be 0 or more", command: cmd}
			}
			api, err := a.client()
			if err != nil {
				return err
			}
			if follow {
				err = api.Follow(cmd.Context(), args[0], after, false, a.printEvent)
			} else {
				var log []events.SandboxEvent
				if log, err = allEvents(cmd.Context(), api, args[0], after); err == nil && a.json() {
					return a.printValue(events.EventPage{Events: log})
				}
				for _, e := range log {
					err = a.printEvent(e)
				}
			}
			if cmd.Context().Err() != nil {
				return nil // Ctrl-C is how one stops following
			}
			if err != nil {
				return fmt.Errorf("events of %s: %w", args[0], err)
			}
			return nil
		},
	}
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on as things happen")
	cmd.Flags().Int64Var(&after, "after", 0, "only what happened after the event with this number")
	return cmd
}

func (a *app) printEvent(e events.SandboxEvent) error {
	if a.json() {
		return json.NewEncoder(a.out).Encode(e)
	}
	a.printf("%4d  %s  %-12s  %s\n", e.Seq, e.At.Local().Format("2006-01-02 15:04:05.000"), e.Phase, describe(e))
	return nil
}
