package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
)

func (a *app) quotaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "quota",
		Short: "Show how much of AWS's quotas is in use, and when they are used up",
		Long: `Show how much of the AWS quotas is in use that bound how many sandboxes there can be, and when they are used up if as many are made a
day as in the last week. Mayfly makes nothing new above 90 % of one.`,
		Args: exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := a.client()
			if err != nil {
				return err
			}
			answer, err := client.Read[events.Quotas](api.ListQuotasWithResponse(cmd.Context()))
			if err != nil {
				return fmt.Errorf("quotas: %w", err)
			}
			if a.json() {
				return a.printJSON(answer.Raw)
			}
			return a.printQuotas(&answer.Value)
		},
	}
}

func (a *app) printQuotas(q *events.Quotas) error {
	table := newTable(a.out)
	_, _ = fmt.Fprintln(table, "QUOTA\tIN USE\tOF\t\tMORE A DAY\tUSED UP")
	for i := range q.Quotas {
		one := &q.Quotas[i]
		used, percent, more, full := "-", "", "-", "-"
		if one.Used != nil {
			used, percent, more = fmt.Sprint(*one.Used), fmt.Sprintf("%d %%", one.Percent), fmt.Sprintf("%.1f", one.PerDay)
		}
		if !one.FullAt.IsZero() {
			full = one.FullAt.Local().Format("2 January 2006")
		}
		if one.Full {
			full = "nothing new is made"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%.0f\t%s\t%s\t%s\n", one.Name, used, one.Limit, percent, more, full)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for i := range q.Quotas {
		if one := &q.Quotas[i]; one.Unknown != "" {
			a.printf("%s: not known: %s\n", one.Name, one.Unknown)
		} else if one.Full {
			a.printf("more %s: %s\n", one.Name, one.Raise)
		}
	}
	return nil
}
