package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func (a *app) executionsCommand() *cobra.Command {
	var status string
	var limit int
	cmd := &cobra.Command{
		Use:   "executions [MACHINE [EXECUTION]]",
		Short: "Show the state machines, the executions of one, or the history of an execution",
		Long: `Show the state machines; with MACHINE, its executions, newest first; with EXECUTION, what happened in it, oldest first, and why it
failed. As JSON, an execution has its input, its output and the definition that it runs.`,
		Example: "  mayfly executions\n  mayfly executions provision --status FAILED\n  mayfly executions provision provision-2exbmj54fg",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 2 {
				return &usageError{message: fmt.Sprintf("%q is one argument too many", args[2]), command: cmd}
			}
			if limit < 1 || limit > sandbox.MaxPage {
				return &usageError{message: fmt.Sprintf("--limit must be 1 to %d", sandbox.MaxPage), command: cmd}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := a.client()
			if err != nil {
				return err
			}
			switch len(args) {
			case 0:
				return a.machines(cmd, api)
			case 1:
				return a.executions(cmd, api, args[0], &events.ListExecutionsParams{Status: status, Limit: &limit})
			}
			return a.execution(cmd, api, args[0], args[1])
		},
	}
	cmd.Flags().StringVar(&status, "status", "", "only those with this status, such as FAILED")
	cmd.Flags().IntVar(&limit, "limit", 50, "how many at most")
	return cmd
}

func (a *app) machines(cmd *cobra.Command, api *client.ClientWithResponses) error {
	answer, err := client.Read[events.MachineList](api.ListMachinesWithResponse(cmd.Context()))
	if err != nil {
		return fmt.Errorf("state machines: %w", err)
	}
	if a.json() {
		return a.printJSON(answer.Raw)
	}
	for _, m := range answer.Value.Machines {
		a.printf("%s\n", m.Name)
	}
	return nil
}

func (a *app) executions(cmd *cobra.Command, api *client.ClientWithResponses, machine string, params *events.ListExecutionsParams) error {
	answer, err := client.Read[events.ExecutionPage](api.ListExecutionsWithResponse(cmd.Context(), machine, params))
	if err != nil {
		return fmt.Errorf("executions of %s: %w", machine, err)
	}
	if a.json() {
		return a.printJSON(answer.Raw)
	}
	if len(answer.Value.Executions) == 0 {
		a.printf("There is none.\n")
		return nil
	}
	table := newTable(a.out)
	_, _ = fmt.Fprintln(table, "EXECUTION\tSTATUS\tSTARTED\tTOOK")
	for _, e := range answer.Value.Executions {
		took := ""
		if !e.StoppedAt.IsZero() {
			took = e.StoppedAt.Sub(e.StartedAt).Round(time.Millisecond).String()
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", e.Name, e.Status, a.when(e.StartedAt), took)
	}
	return table.Flush()
}

func (a *app) execution(cmd *cobra.Command, api *client.ClientWithResponses, machine, name string) error {
	answer, err := client.Read[events.ExecutionState](api.GetExecutionWithResponse(cmd.Context(), machine, name))
	if err != nil {
		return fmt.Errorf("execution %s of %s: %w", name, machine, err)
	}
	if a.json() {
		return a.printJSON(answer.Raw)
	}
	e := answer.Value
	a.printf("%s is %s, started %s\n", e.Name, e.Status, a.when(e.StartedAt))
	table := newTable(a.out)
	limit := sandbox.MaxPage
	for params := (&events.GetHistoryParams{Limit: &limit}); ; {
		page, err := client.Read[events.HistoryPage](api.GetHistoryWithResponse(cmd.Context(), machine, name, params))
		if err != nil {
			return fmt.Errorf("history of %s: %w", name, err)
		}
		for _, h := range page.Value.Events {
			what := h.State
			if h.Error != "" {
				what = h.Error + ": " + h.Cause
			}
			_, _ = fmt.Fprintf(table, "  %7.1fs\t%s\t%s\n", h.At.Sub(e.StartedAt).Seconds(), h.Type, what)
		}
		if params.Cursor = page.Value.Next; params.Cursor == "" {
			break
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if e.Error != "" {
		a.printf("%s: %s\n", e.Error, e.Cause)
	}
	return nil
}
