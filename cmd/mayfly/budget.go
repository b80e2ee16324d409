package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func (a *app) budgetCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "budget",
		Short: "Show what owners' sandboxes may cost in a month, and how much of it is used",
		Long: `Show what owners' sandboxes may cost in a month, and how much of it is used. At 80 % the owner is warned; at 100 % nothing new is made
for it, and its idle sandboxes go to sleep. Admins set budgets.`,
		Example: "  mayfly budget\n  mayfly budget set ana 20\n  mayfly budget remove ana",
		Args:    exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := a.client()
			if err != nil {
				return err
			}
			var all events.BudgetPage
			limit := sandbox.MaxPage
			for params := (events.ListBudgetsParams{Limit: &limit}); ; {
				page, err := client.Read[events.BudgetPage](api.ListBudgetsWithResponse(cmd.Context(), &params))
				if err != nil {
					return fmt.Errorf("budgets: %w", err)
				}
				budgets := append(all.Budgets, page.Value.Budgets...)
				all = page.Value
				all.Budgets = budgets
				if params.Cursor, all.Next = all.Next, ""; params.Cursor == "" {
					break
				}
			}
			if a.json() {
				return a.printValue(all)
			}
			return a.printBudgets(all)
		},
	}
	cmd.AddCommand(a.budgetSetCommand(), a.budgetRemoveCommand())
	return cmd
}

func (a *app) printBudgets(all events.BudgetPage) error {
	if len(all.Budgets) == 0 {
		a.printf("There is no budget. Set one with: mayfly budget set OWNER AMOUNT\n")
		return nil
	}
	table := newTable(a.out)
	_, _ = fmt.Fprintln(table, "OWNER\tA MONTH\tSPENT\tAT MONTH'S END\tUSED\t")
	for i := range all.Budgets {
		b := &all.Budgets[i]
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d %%\t%s\n", b.Owner, usd(b.Limit).Short(), usd(b.Spent).Short(), usd(b.Forecast).Short(), b.Percent, budgetState(b))
	}
	return table.Flush()
}

// budgetState says what a budget's state means.
func budgetState(b *events.BudgetState) string {
	switch b.State {
	case events.BudgetStateStateOver:
		return "used up: nothing new is made, and what is idle goes to sleep"
	case events.BudgetStateStateWarn:
		return "warned"
	case events.BudgetStateStateFine:
		if usd(b.Forecast) >= usd(b.Limit) {
			return "will be used up before the month ends, as things go"
		}
	}
	return ""
}

func (a *app) budgetSetCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "set OWNER AMOUNT",
		Short:   "Set what an owner's sandboxes may cost in a month, in US dollars",
		Example: "  mayfly budget set ana 20",
		Args:    exactArgs("OWNER", "AMOUNT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			limit, err := cost.ParseUSD(args[1])
			if err == nil {
				err = cost.CheckLimit(limit)
			}
			if err != nil {
				return &usageError{message: err.Error(), command: cmd}
			}
			api, err := a.client()
			if err != nil {
				return err
			}
			answer, err := client.Read[events.BudgetState](api.SetBudgetWithResponse(cmd.Context(), args[0], events.BudgetLimit{Limit: args[1]}))
			if err != nil {
				return fmt.Errorf("set the budget of %s: %w", args[0], err)
			}
			if a.json() {
				return a.printJSON(answer.Raw)
			}
			b := &answer.Value
			a.printf("%s may spend %s USD a month; %s is spent, %d %%\n", b.Owner, usd(b.Limit).Short(), usd(b.Spent).Short(), b.Percent)
			if state := budgetState(b); state != "" {
				a.printf("%s\n", state)
			}
			return nil
		},
	}
}

func (a *app) budgetRemoveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "remove OWNER",
		Short: "Let an owner's sandboxes cost what they do",
		Args:  exactArgs("OWNER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := a.client()
			if err != nil {
				return err
			}
			if err := client.Done(api.RemoveBudgetWithResponse(cmd.Context(), args[0])); err != nil {
				return fmt.Errorf("remove the budget of %s: %w", args[0], err)
			}
			if !a.json() {
				a.printf("%s has no budget\n", args[0])
			}
			return nil
		},
	}
}
