package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
)

func (a *app) listCommand() *cobra.Command {
	var owner, phase string
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List sandboxes",
		Args:    exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := a.client()
			if err != nil {
				return err
			}
			all, err := sandboxes(cmd.Context(), api, events.ListSandboxesParams{Owner: owner, Phase: phase})
			if err != nil {
				return fmt.Errorf("list: %w", err)
			}
			if a.json() {
				return a.printValue(events.SandboxPage{Sandboxes: all})
			}
			if len(all) == 0 {
				a.printf("There is no sandbox. Make one with: mayfly create NAME --dir DIR --wait\n")
				return nil
			}
			table := newTable(a.out)
			_, _ = fmt.Fprintln(table, "NAME\tPHASE\tOWNER\tAGE\tLAST ACTIVITY\tEXPIRES\tURL")
			for i := range all {
				s := &all[i]
				expires := "never"
				if !s.ExpiresAt.IsZero() {
					expires = "in " + short(s.ExpiresAt.Sub(a.now()))
				}
				_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", s.Name, s.Phase, s.Owner, short(a.now().Sub(s.CreatedAt)), a.lastActivity(s.LastActivity), expires, s.URL)
			}
			return table.Flush()
		},
	}
	cmd.Flags().StringVar(&owner, "owner", "", "only this owner's")
	cmd.Flags().StringVar(&phase, "phase", "", "only those in this phase")
	must(cmd.RegisterFlagCompletionFunc("phase", cobra.FixedCompletions([]string{"provisioning", "ready", "updating", "sleeping", "deleting", "failed"}, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

// lastActivity says when a sandbox was used last, as far as that was asked for.
func (a *app) lastActivity(last events.LastActivity) string {
	if last.ReadAt.IsZero() {
		return "unknown yet"
	}
	return fmt.Sprintf("%s ago (%s)", short(a.now().Sub(last.At)), last.Kind)
}

// sandboxes lists all pages.
func sandboxes(ctx context.Context, api *client.ClientWithResponses, params events.ListSandboxesParams) ([]events.SandboxState, error) {
	all := []events.SandboxState{}
	for {
		page, err := client.Read[events.SandboxPage](api.ListSandboxesWithResponse(ctx, &params))
		if err != nil {
			return nil, err
		}
		all = append(all, page.Value.Sandboxes...)
		if params.Cursor = page.Value.Next; params.Cursor == "" {
			return all, nil
		}
	}
}

// printValue prints what several answers of the API were put together to.
func (a *app) printValue(v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return a.printJSON(raw)
}

// completeNames completes a first argument by the names of sandboxes.
func (a *app) completeNames(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	api, err := a.client()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	all, err := sandboxes(cmd.Context(), api, events.ListSandboxesParams{})
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Name + "\t" + string(all[i].Phase)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
