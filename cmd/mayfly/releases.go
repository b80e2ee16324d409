package main

import (
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
)

func (a *app) releasesCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "releases NAME",
		Short:             "List a sandbox's releases, newest first",
		Args:              exactArgs("NAME"),
		ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := a.client()
			if err != nil {
				return err
			}
			all := events.ReleasePage{Releases: []events.ReleaseState{}}
			for params := (events.ListReleasesParams{}); ; {
				page, err := client.Read[events.ReleasePage](api.ListReleasesWithResponse(cmd.Context(), args[0], &params))
				if err != nil {
					return fmt.Errorf("releases of %s: %w", args[0], err)
				}
				all.Releases = append(all.Releases, page.Value.Releases...)
				if params.Cursor = page.Value.Next; params.Cursor == "" {
					break
				}
			}
			if a.json() {
				return a.printValue(all)
			}
			if len(all.Releases) == 0 {
				a.printf("%s has no release. Make one with: mayfly release %s --dir DIR, or by a push to its repository\n", args[0], args[0])
				return nil
			}
			table := newTable(a.out)
			_, _ = fmt.Fprintln(table, "\tRELEASE\tSTATUS\tKIND\tWHEN\tTOOK\tBY\tFILES\tSIZE\tWRITTEN\tREMOVED\tIMAGE")
			for _, r := range all.Releases {
				mark, kind, by, took := "", string(r.Kind), r.Principal, ""
				if !r.EndedAt.IsZero() {
					took = short(r.EndedAt.Sub(r.CreatedAt))
				}
				if r.Live {
					mark = "*"
				}
				if r.Pushed {
					by = "a push"
				}
				switch r.Kind {
				case events.SourceRollback:
					kind += " to " + r.Of
				case events.SourceRestore:
					kind += " of " + r.Key
				}
				_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\t%d\t%d\t%s\n",
					mark, r.ID, r.Status, kind, a.when(r.CreatedAt), took, by, r.Files, size(r.Bytes), r.Written, r.Removed, shortImage(r.Image))
				if made := brought(r.Rollout); made != "" {
					_, _ = fmt.Fprintf(table, "\t  %s\n", made)
				}
				if r.Failure.Error != "" {
					_, _ = fmt.Fprintf(table, "\t  %s: %s\n", r.Failure.Error, r.Failure.Cause)
				}
			}
			return table.Flush()
		},
	}
}

// brought says where a release to a service went and what it made there; "" for
// a site's.
func brought(to *events.Rollout) string {
	was := func(what, before string) string {
		if before != "" {
			what += ", before " + before
		}
		return what
	}
	switch {
	case to == nil:
		return ""
	case to.ECS != nil:
		return was("ecs:"+to.ECS.Cluster+"/"+to.ECS.Service+" "+to.ECS.TaskDefinition, to.ECS.Before)
	case to.EKS != nil:
		return was("eks:"+to.EKS.Cluster+"/"+to.EKS.Namespace+"/"+to.EKS.Deployment+" "+to.EKS.Image, to.EKS.Before)
	case to.Lambda != nil:
		return was("lambda:"+to.Lambda.Function+"/"+to.Lambda.Alias+" version "+to.Lambda.Version, to.Lambda.Before)
	}
	return ""
}

func (a *app) rollbackCommand() *cobra.Command {
	var body events.Rollback
	var wait, dry bool
	cmd := &cobra.Command{
		Use:               "rollback NAME [--to RELEASE] [--dry-run]",
		Short:             "Bring an earlier release back",
		Args:              exactArgs("NAME"),
		ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			if dry {
				return a.changes(cmd.Context(), args[0], cmp.Or(body.To, "previous"), "")
			}
			api, err := a.client()
			if err != nil {
				return err
			}
			return a.startAndWait(cmd.Context(), api, args[0], wait, func(view) (client.Answer[events.ReleaseState], error) {
				started, err := client.Read[events.ReleaseState](api.RollbackWithResponse(cmd.Context(), args[0], body))
				if err != nil {
					err = fmt.Errorf("roll %s back: %w", args[0], err)
				}
				return started, err
			})
		},
	}
	cmd.Flags().StringVar(&body.To, "to", "", "the release to bring back (default the one that was live before)")
	cmd.Flags().BoolVar(&wait, "wait", true, "wait until it is live")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "change nothing, and show which files would change")
	return cmd
}
