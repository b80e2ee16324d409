package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
)

func (a *app) statsCommand() *cobra.Command {
	days := 7
	cmd := &cobra.Command{
		Use:   "stats NAME",
		Short: "Show how a sandbox is used, day by day",
		Long: `Show how a sandbox is used, day by day in UTC: what CloudWatch counted of its site and its repository, what it holds, and when it
was used last. On AWS the numbers come minutes late.`,
		Args:              exactArgs("NAME"),
		ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := a.client()
			if err != nil {
				return err
			}
			answer, err := client.Read[events.Stats](api.GetStatsWithResponse(cmd.Context(), args[0], &events.GetStatsParams{Days: &days}))
			if err != nil {
				return fmt.Errorf("stats of %s: %w", args[0], err)
			}
			if a.json() {
				return a.printJSON(answer.Raw)
			}
			return a.printStats(&answer.Value)
		},
	}
	cmd.Flags().IntVar(&days, "days", days, "how many days, 1 to 90, the last of which is today")
	return cmd
}

func (a *app) printStats(s *events.Stats) error {
	a.printf("%s was last used %s\n", s.Name, a.lastUse(s.LastActivity))
	if s.Site.Files > 0 {
		a.printf("  site    %d files, %s\n", s.Site.Files, size(s.Site.Bytes))
	}
	if s.Images.Count > 0 {
		a.printf("  images  %d, %s\n", s.Images.Count, size(s.Images.Bytes))
	}
	a.printf("\n")
	table := newTable(a.out)
	_, _ = fmt.Fprintln(table, "DAY\tREQUESTS\tDOWNLOADED\tUPLOADED\tERRORS\tHITS\tPULLS\tPUSHES")
	total := events.StatsDay{Date: "in all"}
	line := func(d *events.StatsDay) {
		_, _ = fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\t%s\t%d\t%d\n",
			d.Date, d.Requests, size(d.BytesDownloaded), size(d.BytesUploaded), percent(d.ErrorRate), percent(d.HitRate), d.Pulls, d.Pushes)
	}
	for i := range s.Days {
		d := &s.Days[i]
		line(d)
		total.Requests += d.Requests
		total.BytesDownloaded += d.BytesDownloaded
		total.BytesUploaded += d.BytesUploaded
		total.Pulls += d.Pulls
		total.Pushes += d.Pushes
	}
	line(&total)
	if err := table.Flush(); err != nil {
		return err
	}
	for i, why := range s.Unknown {
		if i == 0 {
			a.printf("\nNot known:\n")
		}
		a.printf("  %s\n", why)
	}
	return nil
}

// lastUse says when a sandbox was used last, and how.
func (a *app) lastUse(last events.LastActivity) string {
	how := map[events.LastActivityKind]string{
		events.LastActivityKindCreated: "when it was created", events.LastActivityKindChanged: "by a change of it",
		events.LastActivityKindRequest: "by a request", events.LastActivityKindPull: "by a pull",
		events.LastActivityKindPush: "by a push", events.LastActivityKindRelease: "by a release",
	}[last.Kind]
	return a.when(last.At) + ", " + how
}

// percent shows a share; one that is not known is a dash.
func percent(share *float64) string {
	if share == nil {
		return "-"
	}
	return strconv.FormatFloat(*share, 'f', 1, 64) + " %"
}
