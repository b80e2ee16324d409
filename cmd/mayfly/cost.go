package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

// costFlags are what `mayfly cost` is asked.
type costFlags struct {
	by, month, owner string
	stored           bool
}

func (a *app) costCommand() *cobra.Command {
	flags := costFlags{by: "sandbox"}
	cmd := &cobra.Command{
		Use:   "cost [NAME]",
		Short: "Show what sandboxes cost, and what they will have cost at the month's end",
		Long: `Show what sandboxes cost this month, and what they will have cost at its end: all, or the one with a name line by line. What is gone
is in it, and what its end saved. Estimates are brought up to date first, from what AWS counts and its list prices, see docs/cost.md;
with --stored they are shown as they were last.`,
		Example: "  mayfly cost\n  mayfly cost hello\n  mayfly cost --by owner --month 2026-11\n  mayfly cost --by month",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{message: "one NAME at most", command: cmd}
			}
			return nil
		},
		ValidArgsFunction: a.completeNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains([]string{"sandbox", "owner", "month"}, flags.by) {
				return &usageError{message: fmt.Sprintf("--by %q: must be sandbox, owner or month", flags.by), command: cmd}
			}
			api, err := a.client()
			if err != nil {
				return err
			}
			if err := a.cost(cmd.Context(), api, flags, strings.Join(args, "")); err != nil {
				return fmt.Errorf("cost: %w", err)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&flags.by, "by", flags.by, "sandbox, owner or month")
	cmd.Flags().StringVar(&flags.month, "month", "", "the month, such as 2026-11 (default the one under way)")
	cmd.Flags().StringVar(&flags.owner, "owner", "", "only this owner's")
	cmd.Flags().BoolVar(&flags.stored, "stored", false, "as they were estimated last, without asking AWS")
	must(cmd.RegisterFlagCompletionFunc("by", cobra.FixedCompletions([]string{"sandbox", "owner", "month"}, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

func (a *app) cost(ctx context.Context, api *client.ClientWithResponses, flags costFlags, name string) error {
	if !flags.stored && flags.month == "" {
		if err := a.meterCosts(ctx, api, flags.owner); err != nil {
			return err
		}
	}
	if flags.by == "month" {
		return a.costByMonth(ctx, api, flags, name)
	}
	page, err := allCosts(ctx, api, events.ListCostsParams{Month: flags.month, Owner: flags.owner, Sandbox: name, Lines: name != ""})
	if err != nil {
		return err
	}
	if a.json() {
		return a.printValue(page)
	}
	for _, warning := range page.Warnings {
		_, _ = fmt.Fprintf(a.err, "warning: %s\n", warning)
	}
	a.printf("%s, in US dollars, by AWS's list prices of %s\n\n", cost.Month(page.Month).Start().Format("January 2006"), page.Prices)
	switch {
	case len(page.Costs) == 0:
		a.printf("Nothing was metered.\n")
		return nil
	case name != "":
		return a.printBills(page.Costs)
	case flags.by == "owner":
		return a.printOwners(page.Costs)
	}
	return a.printCosts(page.Costs)
}

// meterCosts brings estimates up to date, page by page. Whoever may not do that
// sees them as they are.
func (a *app) meterCosts(ctx context.Context, api *client.ClientWithResponses, owner string) error {
	for body := (events.CostMetering{Owner: owner}); ; {
		answer, err := client.Read[events.CostMetered](api.MeterCostsWithResponse(ctx, body))
		var refused *client.ProblemError
		if errors.As(err, &refused) && refused.Problem.Status == http.StatusForbidden && owner == "" {
			return nil
		}
		if err != nil {
			return err
		}
		for _, trouble := range answer.Value.Troubles {
			_, _ = fmt.Fprintf(a.err, "warning: %s\n", trouble)
		}
		if body.Next = answer.Value.Next; body.Next == "" {
			return nil
		}
	}
}

// allCosts returns all pages as one.
func allCosts(ctx context.Context, api *client.ClientWithResponses, params events.ListCostsParams) (events.CostPage, error) {
	var all events.CostPage
	limit := sandbox.MaxPage
	params.Limit = &limit
	for {
		page, err := client.Read[events.CostPage](api.ListCostsWithResponse(ctx, &params))
		if err != nil {
			return all, err
		}
		costs := append(all.Costs, page.Value.Costs...)
		all = page.Value
		all.Costs = costs
		if params.Cursor, all.Next = all.Next, ""; params.Cursor == "" {
			return all, nil
		}
	}
}

// costByMonth shows the sums of the months that there are, newest first.
func (a *app) costByMonth(ctx context.Context, api *client.ClientWithResponses, flags costFlags, name string) error {
	type row struct {
		Month string `json:"month"`
		costSum
	}
	rows := []row{}
	month := cost.MonthOf(a.now())
	for range 13 {
		page, err := allCosts(ctx, api, events.ListCostsParams{Month: string(month), Owner: flags.owner, Sandbox: name})
		if err != nil {
			return err
		}
		if len(page.Costs) > 0 {
			rows = append(rows, row{string(month), sumOf(page.Costs)})
		}
		month = month.Before()
	}
	if a.json() {
		return a.printValue(rows)
	}
	table := newTable(a.out)
	_, _ = fmt.Fprintln(table, "MONTH\tSANDBOXES\tSO FAR\tAT ITS END\tSAVED\tBILLED")
	for _, r := range rows {
		_, _ = fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\t%s\n", r.Month, r.Sandboxes, r.Amount.Short(), r.Forecast.Short(), r.Saved.Short(), r.billed())
	}
	return table.Flush()
}

// costSum is a sum of costs.
type costSum struct {
	Sandboxes int      `json:"sandboxes"`
	Amount    cost.USD `json:"amount"`
	Forecast  cost.USD `json:"forecast"`
	Saved     cost.USD `json:"saved"`
	Billed    cost.USD `json:"billed"`
	// Told is when Cost Explorer told of what is billed; zero when it never did.
	Told time.Time `json:"billedAt,omitzero"`
}

func sumOf(costs []events.Cost) (s costSum) {
	for i := range costs {
		s.add(&costs[i])
	}
	return s
}

func (s *costSum) add(c *events.Cost) {
	s.Sandboxes++
	s.Amount, s.Forecast, s.Saved = s.Amount.Plus(usd(c.Amount)), s.Forecast.Plus(usd(c.Forecast)), s.Saved.Plus(usd(c.Saved))
	if s.Billed = s.Billed.Plus(usd(c.Billed)); c.BilledAt.After(s.Told) {
		s.Told = c.BilledAt
	}
}

// billed is what Cost Explorer told, a dash when it did not.
func (s *costSum) billed() string {
	if s.Told.IsZero() {
		return "-"
	}
	return s.Billed.Short()
}

// usd reads an amount of the API's; one that is not there is 0.
func usd(text string) cost.USD {
	amount, err := cost.ParseUSD(text)
	if err != nil {
		return 0
	}
	return amount
}
