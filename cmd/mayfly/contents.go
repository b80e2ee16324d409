package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func (a *app) objectsCommand() *cobra.Command {
	var prefix string
	cmd := &cobra.Command{
		Use:               "objects NAME",
		Short:             "List a sandbox's objects, the deleted ones too",
		Args:              exactArgs("NAME"),
		ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := a.client()
			if err != nil {
				return err
			}
			limit, all := sandbox.MaxPage, []events.SiteObject{}
			for params := (&events.ListObjectsParams{Prefix: prefix, Limit: &limit}); ; {
				page, err := client.Read[events.ObjectPage](api.ListObjectsWithResponse(cmd.Context(), args[0], params))
				if err != nil {
					return fmt.Errorf("objects of %s: %w", args[0], err)
				}
				all = append(all, page.Value.Objects...)
				if params.Cursor = page.Value.Next; params.Cursor == "" {
					break
				}
			}
			if a.json() {
				return a.printValue(events.ObjectPage{Objects: all})
			}
			table := newTable(a.out)
			_, _ = fmt.Fprintln(table, "OBJECT\tSIZE\tVERSIONS\tSINCE")
			for _, o := range all {
				bytes := size(o.Size)
				if o.Deleted {
					bytes = "deleted"
				}
				_, _ = fmt.Fprintf(table, "%s\t%s\t%d\t%s\n", o.Key, bytes, o.Versions, a.when(o.LastModified))
			}
			return table.Flush()
		},
	}
	cmd.Flags().StringVar(&prefix, "prefix", "", "only those whose keys begin with it")
	return cmd
}

func (a *app) imagesCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "images NAME",
		Short:             "List the images in a sandbox's repository; * is the one that is live",
		Args:              exactArgs("NAME"),
		ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := a.client()
			if err != nil {
				return err
			}
			limit, all := sandbox.MaxPage, []events.RepositoryImage{}
			for params := (&events.ListImagesParams{Limit: &limit}); ; {
				page, err := client.Read[events.ImagePage](api.ListImagesWithResponse(cmd.Context(), args[0], params))
				if err != nil {
					return fmt.Errorf("images of %s: %w", args[0], err)
				}
				all = append(all, page.Value.Images...)
				if params.Cursor = page.Value.Next; params.Cursor == "" {
					break
				}
			}
			if a.json() {
				return a.printValue(events.ImagePage{Images: all})
			}
			table := newTable(a.out)
			_, _ = fmt.Fprintln(table, "\tDIGEST\tTAGS\tSIZE\tPUSHED\tSCAN")
			for _, i := range all {
				mark := ""
				if i.Live {
					mark = "*"
				}
				_, _ = fmt.Fprintf(table, "%s\t%.19s\t%s\t%s\t%s\t%s\n", mark, i.Digest, strings.Join(i.Tags, " "), size(i.Size), a.when(i.PushedAt), i.Scan)
			}
			return table.Flush()
		},
	}
}

func (a *app) whoamiCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "whoami",
		Short: "Say who asks, and in which role",
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := a.client()
			if err != nil {
				return err
			}
			answer, err := client.Read[events.Caller](api.GetCallerWithResponse(cmd.Context()))
			if err != nil {
				return fmt.Errorf("who asks: %w", err)
			}
			if a.json() {
				return a.printJSON(answer.Raw)
			}
			a.printf("%s is %s, role %s\n", answer.Value.Principal, answer.Value.Name, answer.Value.Role)
			return nil
		},
	}
}
