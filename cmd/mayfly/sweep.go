package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mayfly-dev/mayfly/cmd/mayfly/internal/client"
	"github.com/mayfly-dev/mayfly/cost"
	"github.com/mayfly-dev/mayfly/events"
	"github.com/mayfly-dev/mayfly/sandbox"
)

func (a *app) sweepCommand() *cobra.Command {
	var dryRun, follow bool
	cmd := &cobra.Command{
		Use:   "sweep",
		Short: "Do now what is done each night",
		Long: `Do now what is done each night: warn of sandboxes that nobody uses, put to sleep those that were warned of, and tear down those that
slept long enough. With --dry-run nothing is done: each decision is shown with its reason.`,
		Example: "  mayfly sweep --dry-run\n  mayfly sweep --follow",
		Args:    exactArgs(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dryRun && follow {
				return &usageError{message: "--dry-run begins nothing that --follow could follow", command: cmd}
			}
			api, err := a.client()
			if err != nil {
				return err
			}
			if dryRun {
				return a.planNight(cmd.Context(), api)
			}
			begun, err := client.Read[events.NightBegun](api.BeginNightWithResponse(cmd.Context()))
			if err != nil {
				return fmt.Errorf("sweep: %w", err)
			}
			if follow {
				return a.followNight(cmd.Context(), api, begun.Value.Execution)
			}
			if a.json() {
				return a.printJSON(begun.Raw)
			}
			a.printf("A night begins; mayfly nights shows it.\n")
			return nil
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "show what would be done, and do nothing")
	cmd.Flags().BoolVar(&follow, "follow", false, "show how it goes, until it is over")
	return cmd
}

// planNight shows what a night would do now.
func (a *app) planNight(ctx context.Context, api *client.ClientWithResponses) error {
	limit := 100
	all, err := allDecisions(func(cursor string) (client.Answer[events.DecisionPage], error) {
		return client.Read[events.DecisionPage](api.PlanNightWithResponse(ctx, &events.PlanNightParams{Limit: &limit, Cursor: cursor}))
	})
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	if a.json() {
		return a.printValue(events.DecisionPage{Decisions: all})
	}
	if len(all) == 0 {
		a.printf("There are no sandboxes.\n")
		return nil
	}
	if err := a.printDecisions(all); err != nil {
		return err
	}
	acts, saves := map[events.DecisionAct]int{}, cost.USD(0)
	for _, d := range all {
		acts[d.Act]++
		saves = saves.Plus(usd(d.Saves))
	}
	a.printf("\n%d to keep, %d to warn of, %d to put to sleep, %d to tear down, %d left to a person. Nothing was done.\n",
		acts[events.DecisionActKeep], acts[events.DecisionActWarn], acts[events.DecisionActSleep], acts[events.DecisionActTeardown], acts[events.DecisionActQuarantine])
	if saves > 0 {
		a.printf("It would save %s USD in 30 days.\n", saves.Short())
	}
	return nil
}

// allDecisions reads every page.
func allDecisions(read func(cursor string) (client.Answer[events.DecisionPage], error)) ([]events.Decision, error) {
	all := []events.Decision{}
	for cursor := ""; ; {
		page, err := read(cursor)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Value.Decisions...)
		if cursor = page.Value.Next; cursor == "" {
			return all, nil
		}
	}
}

func (a *app) printDecisions(all []events.Decision) error {
	table := newTable(a.out)
	_, _ = fmt.Fprintln(table, "NAME\tOWNER\tACT\tREASON\tNEXT")
	for i := range all {
		d := &all[i]
		act := string(d.Act)
		if d.Outcome != "" && d.Outcome != "noted" {
			act += ", " + d.Outcome
		}
		reason := d.Reason
		if d.Failure != "" {
			reason += "; " + d.Failure
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", d.Name, d.Owner, act, reason, a.nextAct(d))
	}
	return table.Flush()
}

// nextAct says what comes of a sandbox if nobody does anything.
func (a *app) nextAct(d *events.Decision) string {
	if d.Next == "" {
		return ""
	}
	if d.Due.IsZero() {
		return d.Next
	}
	return d.Next + " from " + d.Due.Local().Format(time.DateTime)
}

// lookAgain is how long to wait before a night is looked at again.
const lookAgain = time.Second

// followNight shows the night of an execution until it is over; if another one
// is under way, that one.
func (a *app) followNight(ctx context.Context, api *client.ClientWithResponses, execution string) error {
	shown := ""
	for {
		n, found, err := a.nightOf(ctx, api, execution)
		if err != nil {
			return err
		}
		if found {
			if line := nightProgress(&n); line != shown {
				a.printf("%s\n", line)
				shown = line
			}
			if n.Status == events.NightStatusDone || n.Status == events.NightStatusBroken {
				return a.showNight(ctx, api, n.ID)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(lookAgain):
		}
	}
}

// nightOf returns the night of an execution, or another one that is under way.
func (a *app) nightOf(ctx context.Context, api *client.ClientWithResponses, execution string) (events.Night, bool, error) {
	limit := 10
	page, err := client.Read[events.NightList](api.ListNightsWithResponse(ctx, &events.ListNightsParams{Limit: &limit}))
	if err != nil {
		return events.Night{}, false, fmt.Errorf("follow the night: %w", err)
	}
	var other events.Night
	for _, n := range page.Value.Nights {
		if n.Execution == execution {
			return n, true, nil
		}
		if n.Status == events.NightStatusDeciding || n.Status == events.NightStatusSettling {
			other = n
		}
	}
	return other, other.ID != "", nil
}

func nightProgress(n *events.Night) string {
	c := n.Counts
	return fmt.Sprintf("%s: %d sandboxes seen, %d warned of, %d put to sleep, %d torn down", n.Status, c.Seen, c.Warned, c.Sleep, c.Teardown)
}

func (a *app) nightsCommand() *cobra.Command {
	limit := 14
	cmd := &cobra.Command{
		Use:   "nights [NIGHT]",
		Short: "Show what the nights did, newest first, or what one decided",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{message: "one NIGHT at most", command: cmd}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 1 || limit > sandbox.MaxPage {
				return &usageError{message: fmt.Sprintf("--limit must be 1 to %d", sandbox.MaxPage), command: cmd}
			}
			api, err := a.client()
			if err != nil {
				return err
			}
			if len(args) == 1 {
				return a.showNight(cmd.Context(), api, args[0])
			}
			answer, err := client.Read[events.NightList](api.ListNightsWithResponse(cmd.Context(), &events.ListNightsParams{Limit: &limit}))
			if err != nil {
				return fmt.Errorf("nights: %w", err)
			}
			if a.json() {
				return a.printJSON(answer.Raw)
			}
			return a.printNights(answer.Value.Nights)
		},
	}
	cmd.Flags().IntVar(&limit, "limit", limit, "how many at most")
	return cmd
}

func (a *app) printNights(nights []events.Night) error {
	if len(nights) == 0 {
		a.printf("There was no night yet.\n")
		return nil
	}
	table := newTable(a.out)
	_, _ = fmt.Fprintln(table, "NIGHT\tBEGAN\tBY\tSTATUS\tSEEN\tWARNED\tSLEEP\tTEARDOWN\tFAILED\tOPEN\tLEFT TO A PERSON")
	for i := range nights {
		n, c := &nights[i], &nights[i].Counts
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", n.ID, n.StartedAt.Local().Format(time.DateTime), n.By, n.Status,
			c.Seen, c.Warned, c.Sleep, c.Teardown, c.Failed, c.Open, c.Quarantined)
	}
	return table.Flush()
}

// showNight shows one night with what it decided.
func (a *app) showNight(ctx context.Context, api *client.ClientWithResponses, id string) error {
	n, err := client.Read[events.Night](api.GetNightWithResponse(ctx, id))
	if err != nil {
		return fmt.Errorf("night %s: %w", id, err)
	}
	limit := sandbox.MaxPage
	all, err := allDecisions(func(cursor string) (client.Answer[events.DecisionPage], error) {
		return client.Read[events.DecisionPage](api.ListDecisionsWithResponse(ctx, id, &events.ListDecisionsParams{Limit: &limit, Cursor: cursor}))
	})
	if err != nil {
		return fmt.Errorf("night %s: %w", id, err)
	}
	if a.json() {
		return a.printValue(struct {
			events.Night
			Decisions []events.Decision `json:"decisions"`
		}{n.Value, all})
	}
	c := n.Value.Counts
	a.printf("%s, by %s, is %s: of %d sandboxes %d were kept\n", id, n.Value.By, n.Value.Status, c.Seen, c.Kept)
	if saved := cost.USD(n.Value.SavedMicroUSD * 1000); saved > 0 {
		a.printf("what it ended or put to sleep would have cost %s USD in 30 days\n", saved.Short())
	}
	if len(all) > 0 {
		if err := a.printDecisions(all); err != nil {
			return err
		}
	}
	if len(n.Value.Troubles) > 0 {
		a.printf("\nTroubles:\n  %s\n", strings.Join(n.Value.Troubles, "\n  "))
	}
	return nil
}
