package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/class"
	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/events"
)

func (a *app) classCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "class",
		Short: "Give a class its sandboxes by a code, see them all, and end them all",
		Long: `Give a class its sandboxes by a code, see them all, and end them all. Students type mayfly join and the code; each gets one
sandbox, which ends with the class.`,
		Example: "  mayfly class create cs101 --seats 30 --expires fri --budget 5\n  mayfly class show cs101\n  mayfly class end cs101",
		Args:    exactArgs(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.classCreateCommand(), a.classListCommand(), a.classShowCommand(), a.classUpdateCommand(), a.classCodeCommand(), a.classEndCommand())
	return cmd
}

func (a *app) classCreateCommand() *cobra.Command {
	var body events.CreateClass
	var expires string
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Make a class, and show the code to join it",
		Long: `Make a class, and show the code to join it. The code is shown this once; mayfly class code makes a new one. Its sandboxes are
called like the class, with a number behind.

The class ends by itself: on a weekday (fri), on a date (2026-12-04), either with a time (fri 18:00), or after a while (36h, 14d).
A day without a time ends at 23:59, in this machine's time zone. --budget is what each seat may cost in a month.`,
		Example: "  mayfly class create cs101 --seats 30 --expires fri --budget 5",
		Args:    exactArgs("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			end, err := class.ParseEnd(expires, a.now())
			if err != nil {
				return &usageError{message: "--expires: " + err.Error(), command: cmd}
			}
			body.Name, body.ExpiresAt = args[0], end.UTC()
			api, err := a.client()
			if err != nil {
				return err
			}
			made, err := client.Read[events.ClassState](api.CreateClassWithResponse(cmd.Context(), body))
			if err != nil {
				return fmt.Errorf("create class %s: %w", body.Name, err)
			}
			if a.json() {
				return a.printJSON(made.Raw)
			}
			c := made.Value
			a.printf("Class %s has %s until %s%s.\n\n", c.Name, plural(c.Seats, "seat"), a.day(c.ExpiresAt), budgetOf(&c))
			a.printCode(c.Code)
			return nil
		},
	}
	cmd.Flags().IntVar(&body.Seats, "seats", 30, "how many may join, at most 300")
	cmd.Flags().StringVar(&expires, "expires", "", "when it ends: fri, 2026-12-04, \"fri 18:00\", 36h, 14d")
	cmd.Flags().StringVar(&body.Budget, "budget", "", "what each seat may cost in a month, in USD (default no limit)")
	must(cmd.MarkFlagRequired("expires"))
	return cmd
}

// day shows a time in days to come, and how far away it is.
func (a *app) day(t time.Time) string {
	return t.Local().Format("Mon 2 Jan 2006 15:04") + " (in " + short(t.Sub(a.now())) + ")"
}

// printCode shows a code, and what to do with it.
func (a *app) printCode(code string) {
	a.printf("Students type this, which is shown this once:\n\n  mayfly join %s\n", code)
}

func budgetOf(c *events.ClassState) string {
	if c.Budget == "" {
		return ""
	}
	return fmt.Sprintf(", and %s USD a month for each of them", c.Budget)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if strings.HasSuffix(what, "x") {
		what += "e"
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (a *app) classListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List classes",
		Args:  exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			api, err := a.client()
			if err != nil {
				return err
			}
			all := []events.ClassState{}
			for params := (events.ListClassesParams{}); ; {
				page, err := client.Read[events.ClassPage](api.ListClassesWithResponse(cmd.Context(), &params))
				if err != nil {
					return fmt.Errorf("list classes: %w", err)
				}
				all = append(all, page.Value.Classes...)
				if params.Cursor = page.Value.Next; params.Cursor == "" {
					break
				}
			}
			if a.json() {
				return a.printValue(events.ClassPage{Classes: all})
			}
			if len(all) == 0 {
				a.printf("There is no class. Make one with: mayfly class create NAME --seats 30 --expires fri\n")
				return nil
			}
			table := newTable(a.out)
			_, _ = fmt.Fprintln(table, "NAME\tOWNER\tTAKEN\tENDS")
			for i := range all {
				c := &all[i]
				_, _ = fmt.Fprintf(table, "%s\t%s\t%d of %d\t%s\n", c.Name, c.Owner, c.Taken, c.Seats, a.ends(c))
			}
			return table.Flush()
		},
	}
}

// ends says when a class ends, or that it has.
func (a *app) ends(c *events.ClassState) string {
	if !c.EndedAt.IsZero() {
		return "ended " + short(a.now().Sub(c.EndedAt)) + " ago; mayfly class end " + c.Name + " goes on"
	}
	if left := c.ExpiresAt.Sub(a.now()); left > 0 {
		return "in " + short(left)
	}
	return "over since " + short(a.now().Sub(c.ExpiresAt)) + "; mayfly class end " + c.Name
}

func (a *app) classShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Show a class, its students and their sandboxes",
		Args:  exactArgs("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := a.client()
			if err != nil {
				return err
			}
			answer, err := client.Read[events.ClassState](api.GetClassWithResponse(cmd.Context(), args[0]))
			if err != nil {
				return noClass(fmt.Errorf("class %s: %w", args[0], err))
			}
			if a.json() {
				return a.printJSON(answer.Raw)
			}
			c := answer.Value
			a.printf("Class %s: %d of %s taken, ends %s%s\n", c.Name, c.Taken, plural(c.Seats, "seat"), a.ends(&c), budgetOf(&c))
			if len(c.Students) == 0 {
				a.printf("Nobody has joined yet.\n")
				return nil
			}
			table := newTable(a.out)
			_, _ = fmt.Fprintln(table, "SEAT\tSTUDENT\tSANDBOX\tPHASE\tJOINED\tUSD\tURL")
			for i := range c.Students {
				s := &c.Students[i]
				url := s.URL
				if s.Failure.Error != "" {
					url = s.Failure.Error + ": " + s.Failure.Cause
				}
				_, _ = fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s ago\t%s\t%s\n", s.Number, orDash(s.Student), s.Sandbox, s.Phase, short(a.now().Sub(s.JoinedAt)), costSoFar(&s.Cost), url)
			}
			return table.Flush()
		},
	}
}

// costSoFar shows what a sandbox costs this month, if that is known.
func costSoFar(c *events.CostSoFar) string {
	if c.Until.IsZero() {
		return "-"
	}
	return usd(c.Amount).Short()
}

// noClass advises whoever asks for a class that is not there.
func noClass(err error) error {
	if client.IsGone(err) {
		return advise(err, "See what there is: mayfly class list")
	}
	return err
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func (a *app) classCodeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "code NAME",
		Short: "Give a class a new code; the old one opens nothing from then on",
		Args:  exactArgs("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			api, err := a.client()
			if err != nil {
				return err
			}
			answer, err := client.Read[events.ClassState](api.RenewCodeWithResponse(cmd.Context(), args[0]))
			if err != nil {
				return noClass(fmt.Errorf("new code of class %s: %w", args[0], err))
			}
			if a.json() {
				return a.printJSON(answer.Raw)
			}
			a.printf("Class %s has a new code; who has joined keeps the seat.\n\n", args[0])
			a.printCode(answer.Value.Code)
			return nil
		},
	}
}
