package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func (a *app) changesCommand() *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use:               "changes NAME RELEASE [--from RELEASE]",
		Short:             "Show which files differ between two releases",
		Args:              exactArgs("NAME", "RELEASE"),
		ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.changes(cmd.Context(), args[0], args[1], from)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "the release to compare with (default the live one)")
	return cmd
}

// changes prints what would change if a release were live instead of from, which
// is the live one when it is empty.
func (a *app) changes(ctx context.Context, name, release, from string) error {
	api, err := a.client()
	if err != nil {
		return err
	}
	limit, all := sandbox.MaxPage, events.ReleaseChanges{}
	for params := (&events.ListChangesParams{From: from, Limit: &limit}); ; {
		page, err := client.Read[events.ReleaseChanges](api.ListChangesWithResponse(ctx, name, release, params))
		if err != nil {
			return fmt.Errorf("changes of %s: %w", name, err)
		}
		next := page.Value.Next
		page.Value.Changes, page.Value.Next = append(all.Changes, page.Value.Changes...), ""
		if all = page.Value; next == "" {
			break
		}
		// What is live meanwhile, or becomes the previous one, is another matter.
		params.Cursor, params.From, release = next, all.From.ID, all.Release.ID
	}
	if a.json() {
		return a.printValue(all)
	}
	return a.printChanges(name, &all)
}

func (a *app) printChanges(name string, c *events.ReleaseChanges) error {
	a.printf("%s, from %s to %s:\n", name, cmp.Or(c.From.ID, "nothing"), c.Release.ID)
	if made := brought(c.Release.Rollout); made != "" {
		a.printf("it would run %s, instead of %s\n", made, cmp.Or(brought(c.From.Rollout), "nothing"))
		return nil
	}
	if len(c.Changes) == 0 {
		a.printf("no file differs\n")
		return nil
	}
	table := newTable(a.out)
	_, _ = fmt.Fprintln(table, "\tFILE\tBEFORE\tAFTER")
	for _, f := range c.Changes {
		mark, before, after := "~", size(f.Before), size(f.After)
		switch f.Kind {
		case events.ChangeKindAdded:
			mark, before = "+", ""
		case events.ChangeKindRemoved:
			mark, after = "-", ""
		case events.ChangeKindChanged:
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", mark, f.Path, before, after)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	a.printf("%d added (%s), %d changed (%s), %d removed (%s)\n",
		c.Added.Files, size(c.Added.Bytes), c.Changed.Files, size(c.Changed.Bytes), c.Removed.Files, size(c.Removed.Bytes))
	return nil
}
