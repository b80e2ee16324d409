package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
)

func (a *app) versionsCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "versions NAME KEY",
		Short:             "List the versions of one object, newest first",
		Args:              exactArgs("NAME", "KEY"),
		ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := a.client()
			if err != nil {
				return err
			}
			answer, err := client.Read[events.ObjectVersions](api.ListVersionsWithResponse(cmd.Context(), args[0], args[1]))
			if err != nil {
				return fmt.Errorf("versions of %s in %s: %w", args[1], args[0], err)
			}
			if a.json() {
				return a.printJSON(answer.Raw)
			}
			table := newTable(a.out)
			_, _ = fmt.Fprintln(table, "\tVERSION\tSIZE\tWHEN")
			for _, v := range answer.Value.Versions {
				mark, bytes := "", size(v.Size)
				if v.Latest {
					mark = "*"
				}
				if v.DeleteMarker {
					bytes = "deleted"
				}
				_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", mark, v.VersionID, bytes, a.when(v.LastModified))
			}
			return table.Flush()
		},
	}
}

func (a *app) restoreCommand() *cobra.Command {
	var version string
	var wait bool
	cmd := &cobra.Command{
		Use:               "restore NAME KEY --version ID",
		Short:             "Bring back one version of one object",
		Args:              exactArgs("NAME", "KEY"),
		ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			if version == "" {
				return &usageError{message: "--version is missing; see: mayfly versions " + args[0] + " " + args[1], command: cmd}
			}
			api, err := a.client()
			if err != nil {
				return err
			}
			return a.startAndWait(cmd.Context(), api, args[0], wait, func(view) (client.Answer[events.ReleaseState], error) {
				started, err := client.Read[events.ReleaseState](api.RestoreWithResponse(cmd.Context(), args[0], events.Restore{Key: args[1], VersionID: version}))
				if err != nil {
					err = fmt.Errorf("restore %s in %s: %w", args[1], args[0], err)
				}
				return started, err
			})
		},
	}
	cmd.Flags().StringVar(&version, "version", "", "the version to bring back")
	cmd.Flags().BoolVar(&wait, "wait", true, "wait until it is live")
	return cmd
}
