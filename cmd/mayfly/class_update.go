package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
)

func (a *app) classUpdateCommand() *cobra.Command {
	var seats int
	var expires, budget string
	cmd := &cobra.Command{
		Use:   "update NAME",
		Short: "Change a class's seats, its end or its budget; what is not named stays",
		Long: `Change a class's seats, its end or its budget; what is not named stays. Seats that are taken stay, too. The sandboxes end with the
class, whenever that is then. A budget is that of each seat, but of those to whom an admin gave another one.`,
		Example: "  mayfly class update cs101 --seats 35\n  mayfly class update cs101 --expires \"fri 18:00\" --budget 7.50\n  mayfly class update cs101 --budget ''",
		Args:    exactArgs("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var body events.UpdateClass
			given := cmd.Flags().Changed
			if !given("seats") && !given("expires") && !given("budget") {
				return &usageError{message: "name at least one thing to change", command: cmd}
			}
			if given("seats") {
				body.Seats = &seats
			}
			if given("budget") {
				body.Budget = &budget
			}
			if given("expires") {
				end, err := class.ParseEnd(expires, a.now())
				if err != nil {
					return &usageError{message: "--expires: " + err.Error(), command: cmd}
				}
				end = end.UTC()
				body.ExpiresAt = &end
			}
			api, err := a.client()
			if err != nil {
				return err
			}
			answer, err := client.Read[events.ClassState](api.UpdateClassWithResponse(cmd.Context(), args[0], body))
			if err != nil {
				return noClass(fmt.Errorf("update class %s: %w", args[0], err))
			}
			if a.json() {
				return a.printJSON(answer.Raw)
			}
			c := answer.Value
			a.printf("Class %s has %s, of which %d are taken, until %s%s.\n", c.Name, plural(c.Seats, "seat"), c.Taken, a.day(c.ExpiresAt), budgetOf(&c))
			return a.untold(&c)
		},
	}
	cmd.Flags().IntVar(&seats, "seats", 0, "how many may join, at most 300")
	cmd.Flags().StringVar(&expires, "expires", "", "when it ends: fri, 2026-12-04, \"fri 18:00\", 36h, 14d")
	cmd.Flags().StringVar(&budget, "budget", "", "what each seat may cost in a month, in USD; '' for no limit")
	return cmd
}

// untold says which sandboxes of a class could not be told of its change.
func (a *app) untold(c *events.ClassState) error {
	var first error
	for i := range c.Students {
		s := &c.Students[i]
		if s.Trouble == "" {
			continue
		}
		a.printf("  %s could not be told: %s\n", s.Sandbox, s.Trouble)
		first = fmt.Errorf("class %s is changed, and not all its sandboxes are", c.Name)
	}
	if first != nil {
		return advise(first, "The same command again goes on with them.")
	}
	return nil
}
